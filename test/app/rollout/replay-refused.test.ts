import { expect, test } from 'vitest'
import { replayRefusals, type RefusalQuestion } from '../../../app/rollout/replay-refused.ts'
import type { LedgerEntry } from '../../../evidence/ledger/chain.ts'
import { deployedRow } from '../../support/release.ts'

function refusal(live: number): LedgerEntry {
  return {
    index: 0,
    release: '7#3',
    at: '2026-11-22T12:00:00.000Z',
    type: 'rollback.refused',
    data: { environment: 'prod', step: 50, live },
    previous: null,
    hash: 'f'.repeat(64),
  }
}

const event = (live: number, environment = 'prod') => deployedRow(5, { environment, schema: { live } }).evidence
const decision = (range: string | null, environment = 'prod') => ({ kind: 'decision', predicate: { environment, schema_range: range } })
const statements = (...all: readonly unknown[]) => all as unknown as RefusalQuestion['statements']

test.each<[string, readonly unknown[], string, string | null]>([
  ['is said again from the plan and the word of the job', [decision('41..42, before 40..41'), event(42)], 'same', 'refused'],
  ['of a range of one', [decision('42, before 41'), event(42)], 'same', 'refused'],
  ['that the range does not bear out differs', [decision('41..42, before 40..42'), event(42)], 'differs', 'not refused'],
  ['without a range in the plan differs', [decision(null), event(42)], 'differs', 'not refused'],
  ['whose range is unknown differs', [decision('41..42, before unknown'), event(42)], 'differs', 'not refused'],
  ['whose plan is of another environment differs', [decision('41..42, before 40..41', 'stage'), event(42)], 'differs', 'not refused'],
  ['whose word is not in the pack is not computed', [decision('41..42, before 40..41'), event(41), event(42, 'stage')], 'not-computed', null],
])('a refusal %s', (_what, all, result, recomputed) => {
  expect(replayRefusals({ ledger: [refusal(42)], statements: statements(...all) })).toMatchObject([
    { subject: 'the way back from 50 % of prod', packed: 'refused', result, recomputed },
  ])
})

test('what was not refused has no row', () => {
  expect(replayRefusals({ ledger: [{ ...refusal(42), type: 'rollback' }], statements: statements() })).toEqual([])
})
