/** One look at the traffic of a rollout that moves, kept before anything is decided from it; what need not be kept goes. */
import { mayUse } from '../limits.ts'
import { limitedMetrics } from '../rollout/metrics/limited.ts'
import { sound } from '../rollout/metrics/sound.ts'
import { spareSamples } from '../rollout/spare.ts'
import type { Counted, ReleaseRecord, Sample } from './ports.ts'
import type { Context } from './reconcile.ts'
import { remember } from './remembered.ts'
import { dataOf } from './state.ts'

/** @returns all that is kept of the rollout, the present look included, oldest first; nothing where none moves */
export async function sampled({ ports, settings }: Pick<Context, 'ports' | 'settings'>, record: ReleaseRecord): Promise<readonly Sample[]> {
  const { rollout } = dataOf(record)
  if (rollout === null || rollout.stage === 'done' || rollout.stage === 'withdrawn' || rollout.stage === 'left') return []
  const series = `${rollout.number}/${rollout.environment}`
  const { store, clock } = ports
  const { limits } = settings
  const metrics = limitedMetrics(ports, limits, record.repository)
  const missed = await remember({ store, metrics }, record.key, series, rollout, clock.now())
  const { router } = rollout.policy
  const counts = router !== null && mayUse(limits, 'routers', router, record.repository)
  const [told, counted] = await Promise.all([metrics.sample(rollout.policy.metrics ?? ''), counts ? (ports.traffic?.counted(router) ?? null) : null])
  const taken = sound(told)
  await store.keepSample(record.key, series, noted(counted === null ? taken : withCounted(taken, counted), missed))
  const kept = await store.samples(record.key, series)
  const spare = spareSamples(rollout, kept, clock.now())
  if (spare.length === 0) return kept
  await store.dropSamples(record, series, spare)
  return await store.samples(record.key, series)
}

function withCounted(sample: Sample, { note, ...counted }: Counted): Sample {
  return noted({ ...sample, ...counted }, note)
}

function noted(sample: Sample, note: string): Sample {
  const notes = [sample.note, note].filter((each) => each !== '')
  return { ...sample, note: notes.join('; ').slice(0, 2000) }
}
