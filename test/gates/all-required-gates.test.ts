import { expect, test } from 'vitest'
import type { Verdict } from '../../evidence/model/verdict.ts'
import { allRequiredGates, REQUIRED_FOR_MERGE } from '../../gates/all-required-gates.ts'
import { GATES } from '../../gates/index.ts'
import { SPECIMEN_BUDGETS, specimenVerdict } from '../../gates/specimen.ts'

const decide = (verdicts: readonly Verdict[]) =>
  allRequiredGates.decide({ evidence: new Map(), verdicts, policy: {}, budgets: SPECIMEN_BUDGETS, now: 0 })
const N = REQUIRED_FOR_MERGE.length
const all = (verdict: Verdict['verdict']) => REQUIRED_FOR_MERGE.map((id) => specimenVerdict(id, verdict))

test('requires every built gate of P0 to P5, and there is at least one', () => {
  const before = GATES.filter((gate) => gate.phase <= 'P5').map((gate) => gate.id)
  expect(REQUIRED_FOR_MERGE.toSorted()).toEqual(before.toSorted())
  expect(before.length).toBeGreaterThan(0)
})

test.each(['pass', 'waived', 'not_applicable'] as const)('all %s holds', (verdict) => {
  expect(decide(all(verdict))).toMatchObject({ verdict: 'pass', metrics: { required: N, held: N, not_held: 0 }, measured: { n: N } })
})

test.each([
  ['fail', 'fail'],
  ['indeterminate', 'indeterminate'],
] as const)('one %s does not, whichever it is', (verdict, expected) => {
  for (const id of REQUIRED_FOR_MERGE) {
    const decision = decide([...all('pass').filter((one) => one.gate !== id), specimenVerdict(id, verdict)])
    expect(decision).toMatchObject({
      verdict: expected,
      reasons: [{ code: 'all_required_gates.gate-not-held', message: expect.stringContaining(`${id} is ${verdict}`) }],
    })
  }
})

test('one absent, all absent, two that disagree, two commits: no', () => {
  expect(decide(all('pass').slice(1))).toMatchObject({ verdict: 'indeterminate', reasons: [{ message: expect.stringContaining('has no verdict') }] })
  expect(decide([]).verdict).toBe('indeterminate')
  expect(decide([...all('pass'), ...all('fail')]).verdict).toBe('fail')
  const [first, ...rest] = all('pass')
  if (first === undefined) throw new Error('none')
  expect(decide([{ ...first, sha: 'd'.repeat(40) }, ...rest]).verdict).toBe('indeterminate')
})

test('no setting can shorten the list', () => {
  expect(allRequiredGates.policy.safeParse({ required: [] }).success).toBe(false)
})
