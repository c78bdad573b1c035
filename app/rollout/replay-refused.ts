/** Each way back that was refused, said again from what was signed: the range that the approved plan is bound to, and the job's word on the live schema. Pure. */
import { differences } from '../../evidence/core/difference.ts'
import type { LedgerEntry } from '../../evidence/ledger/chain.ts'
import type { Replayed } from '../../evidence/pack/replayed.ts'
import type { Verified } from '../../evidence/verify/verifier.ts'
import { sayRange, within } from './way-back.ts'

export interface RefusalQuestion {
  readonly ledger: readonly LedgerEntry[]
  readonly statements: readonly Verified[]
}

export function replayRefusals({ ledger, statements }: RefusalQuestion): readonly Replayed[] {
  return ledger.filter(({ type }) => type === 'rollback.refused').map((entry) => refusalOf(entry, statements))
}

function refusalOf({ data }: LedgerEntry, statements: readonly Verified[]): Replayed {
  const { environment, step, live } = data
  const row = { subject: `the way back from ${String(step)} % of ${String(environment)}`, packed: 'refused', why: '', differences: [] }
  const range = statements.flatMap((one) =>
    one.kind === 'decision' && one.predicate.environment === environment
      ? (/, before (\d+)(?:\.\.(\d+))?$/.exec(one.predicate.schema_range ?? '') ?? [])
      : [],
  )
  const [, min, max = min] = range
  if (min === undefined)
    return { ...row, recomputed: 'not refused', result: 'differs', differences: differences(live, null, 'decision.schema_range') }
  const before = { min: Number(min), max: Number(max) }
  const told = statements.some(
    (one) => one.kind === 'rollout-event' && one.predicate.environment === environment && one.predicate.schema?.live === live,
  )
  if (!told)
    return {
      ...row,
      recomputed: null,
      result: 'not-computed',
      why: 'the word on the live schema is not in this pack: another release had it, or a later run replaced it',
    }
  if (!within(Number(live), before)) return { ...row, recomputed: 'refused', result: 'same' }
  return { ...row, recomputed: 'not refused', result: 'differs', differences: differences(live, sayRange(before), 'schema') }
}
