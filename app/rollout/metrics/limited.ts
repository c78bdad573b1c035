/** The metrics sources as one repository sees them: what the operator did not give to it is not there. */
import { mayUse, type Limits } from '../../limits.ts'
import type { MetricsPort, Ports, Repository } from '../../release/ports.ts'
import { unnamed } from './looked.ts'

export function limitedMetrics(
  { metrics, clock }: Pick<Ports, 'metrics' | 'clock'>,
  limits: Limits | undefined,
  repository: Repository,
): MetricsPort {
  const may = (name: string): boolean => mayUse(limits, 'metrics', name, repository)
  return {
    sample: async (name) => (may(name) ? await metrics.sample(name) : unnamed(clock.now(), name)),
    ...(metrics.history !== undefined && { history: async (name, until) => (may(name) ? ((await metrics.history?.(name, until)) ?? null) : null) }),
  }
}
