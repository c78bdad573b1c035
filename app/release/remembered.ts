/** Before a canary: what its metrics source remembers of the stable version, kept once among the samples, so that whoever judges again has the same. */
import { READ_BACK } from '../../evidence/pack/documents.ts'
import type { MetricsPort, Sample, StorePort } from './ports.ts'
import type { Rollout } from './state.ts'

/** A note begins so when it could not be read. */
const NO_HISTORY = 'history: '
const ATTEMPTS = 3

/** @returns what to add to the note of the present look; '' when all is as it should be */
export async function remember(
  { store, metrics }: { readonly store: Pick<StorePort, 'samples' | 'keepSample'>; readonly metrics: Pick<MetricsPort, 'history'> },
  release: string,
  series: string,
  rollout: Pick<Rollout, 'startedAt' | 'policy'>,
  now: number,
): Promise<string> {
  if (metrics.history === undefined || rollout.startedAt !== null) return ''
  const kept = await store.samples(release, series)
  if (kept.some(({ note }) => note === READ_BACK) || kept.filter(isMissed).length >= ATTEMPTS) return ''
  const found = await metrics.history(rollout.policy.metrics ?? '', Math.min(now, ...kept.map(({ at }) => at)))
  if (found === null) return ''
  // Newest first: what a crash leaves out is the oldest, and the hole is none.
  for (const sample of found.samples.toReversed()) await store.keepSample(release, series, sample)
  return found.note === '' ? '' : `${NO_HISTORY}${found.note}`
}

/** For people, once traffic moves; '' when the source remembers nothing by its nature. */
export function historyWords(samples: readonly Sample[]): string {
  const read = samples.filter(({ note }) => note === READ_BACK)
  const [first, last] = [read[0], read.at(-1)]
  if (first !== undefined && last !== undefined)
    return `The stable version's ${Math.round((last.at - first.at) / 60_000)} minutes before are known from the metrics server.`
  const note = samples.findLast(isMissed)?.note
  const missed = note?.slice(note.indexOf(NO_HISTORY) + NO_HISTORY.length)
  return missed === undefined ? '' : `What was before is not known (${missed}), so only what is seen from now on teaches how errors scatter.`
}

function isMissed({ note }: Sample): boolean {
  return note.includes(NO_HISTORY)
}
