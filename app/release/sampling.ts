/** One look at the traffic of a rollout that moves, kept before anything is decided from it; what need not be kept goes. */
import { spareSamples } from '../rollout/spare.ts'
import type { Counted, Ports, ReleaseRecord, Sample } from './ports.ts'
import type { Context } from './reconcile.ts'
import { remember } from './remembered.ts'
import { dataOf } from './state.ts'

/** @returns all that is kept of the rollout, the present look included, oldest first; nothing where none moves */
export async function sampled({ ports }: Pick<Context, 'ports'>, record: ReleaseRecord): Promise<readonly Sample[]> {
  const { rollout } = dataOf(record)
  if (rollout === null || rollout.stage === 'done' || rollout.stage === 'withdrawn' || rollout.stage === 'left') return []
  const series = `${rollout.number}/${rollout.environment}`
  const { store, clock } = ports
  const missed = await remember(ports, record.key, series, rollout, clock.now())
  const [taken, counted] = await looked(ports, rollout.policy)
  await store.keepSample(record.key, series, noted(counted === null ? taken : withCounted(taken, counted), missed))
  const kept = await store.samples(record.key, series)
  const spare = spareSamples(rollout, kept, clock.now())
  if (spare.length === 0) return kept
  await store.dropSamples(record, series, spare)
  return await store.samples(record.key, series)
}

async function looked(
  { metrics, traffic }: Ports,
  of: { readonly metrics: string | null; readonly router: string | null },
): Promise<readonly [Sample, Counted | null]> {
  const counting = of.router === null ? null : traffic?.counted(of.router)
  return await Promise.all([metrics.sample(of.metrics ?? ''), counting ?? null])
}

function withCounted(sample: Sample, { note, ...counted }: Counted): Sample {
  return noted({ ...sample, ...counted }, note)
}

function noted(sample: Sample, note: string): Sample {
  const notes = [sample.note, note].filter((each) => each !== '')
  return { ...sample, note: notes.join('; ').slice(0, 2000) }
}
