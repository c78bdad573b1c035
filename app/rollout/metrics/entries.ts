/** What the operator's file says of metrics sources, each by the name a repository's config may use. */
import { z } from 'zod'
import { milliseconds } from '../../../evidence/model/primitives.ts'
import { USED_BY } from '../../limits.ts'
import { PrometheusSource } from './prometheus.ts'
import { ScrapeSource } from './scrape.ts'
import type { MetricsSource } from './sources.ts'

export const MetricsEntry = z.discriminatedUnion(
  'kind',
  [
    ScrapeSource.extend({ kind: z.literal('openmetrics'), ...USED_BY }),
    PrometheusSource.safeExtend({
      kind: z.literal('prometheus'),
      ...USED_BY,
      token_env: z
        .string()
        .regex(/^[A-Z][A-Z0-9_]{0,99}$/, 'the name of an environment variable, which holds the token')
        .optional(),
    }),
  ],
  { error: 'openmetrics or prometheus' },
)
export type MetricsEntry = z.infer<typeof MetricsEntry>

/** Five looks without movement are a frozen version, so two scrapes must fall into them. */
const LOOKS_PER_INTERVAL = 2.5

/** Why the time between two looks is too short for a source; empty when it is not. */
export function lookProblems(look: string, entries: Readonly<Record<string, MetricsEntry>>): string[] {
  return Object.entries(entries).flatMap(([name, entry]) => {
    if (entry.kind !== 'prometheus') return []
    const needed = Math.ceil(milliseconds(entry.interval) / LOOKS_PER_INTERVAL)
    if (milliseconds(look) >= needed) return []
    return [`${needed}ms or more: ${name} is scraped every ${entry.interval}, and between two scrapes every version stands still`]
  })
}

/** @returns the name of the variable when it holds no token */
export function sourceOf(entry: MetricsEntry, environment: Readonly<Record<string, string | undefined>>): MetricsSource | string {
  if (entry.kind === 'openmetrics') {
    const { kind, repositories: _, ...source } = entry
    return { kind, source }
  }
  const { kind, token_env: variable, repositories: _, ...source } = entry
  const token = variable === undefined ? null : (environment[variable] ?? '').trim()
  if (variable !== undefined && token !== null && !/^[\x21-\x7e]+$/.test(token)) return variable
  return { kind, source: { ...source, token } }
}
