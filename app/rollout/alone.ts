/** What to do with a running rollout while the store does not answer: the same decisions as always, of which only a rollback is carried out. Pure. */
import { Draft } from '../release/draft.ts'
import type { Settings } from '../release/facts.ts'
import type { OutboxRow, ReleaseRecord, Sample } from '../release/ports.ts'
import { dataOf, type Rollout } from '../release/state.ts'
import { nextRollout } from './next.ts'

export interface Known {
  /** As the store last had it. */
  readonly record: ReleaseRecord
  readonly outbox: readonly OutboxRow[]
  /** From the store and since, oldest first. */
  readonly samples: readonly Sample[]
}

/** The rollout that moves traffic now; null when none does. */
export function running(record: ReleaseRecord): Rollout | null {
  const { rollout } = dataOf(record)
  return rollout === null || rollout.stage === 'done' || rollout.stage === 'withdrawn' || rollout.stage === 'left' ? null : rollout
}

/** Percent of the traffic that the canary has, as far as the record knows. */
export function weightNow(rollout: Rollout): number {
  if (rollout.stage === 'withdrawn' || rollout.startedAt === null) return 0
  return rollout.shiftedAt === null ? (rollout.steps.filter((step) => step < rollout.step).at(-1) ?? 0) : rollout.step
}

/** Why everything must go back now; null: hold. Nothing advances without the store. */
export function decideAlone({ record, outbox, samples }: Known, now: number, settings: Settings): { code: string; sentence: string } | null {
  const rows = new Map(outbox.map((row) => [row.key, row]))
  const draft = new Draft(perhapsShifted(record), rows)
  nextRollout(draft, { now, full: null, outbox: rows, samples, settings }, { veto: 'the store does not answer' })
  const { rollout } = draft.data
  return rollout?.stage === 'withdrawing' || rollout?.stage === 'withdrawn' ? rollout.why : null
}

/** Whether the router took the weight may be what the store could not keep: the canary is judged as if it had. */
function perhapsShifted(record: ReleaseRecord): ReleaseRecord {
  const data = dataOf(record)
  if (data.rollout?.stage !== 'shifting' || data.rollout.startedAt !== null) return record
  return { ...record, data: { ...data, rollout: { ...data.rollout, startedAt: data.rollout.since } } }
}
