import { expect, test } from 'vitest'
import { parse } from '../../../app/commands/parse.ts'
import { compare, planOf } from '../../../app/commands/plan.ts'
import type { Verdict } from '../../../evidence/model/verdict.ts'
import { planId, verdictDigest } from '../../../evidence/pack/evidence-root.ts'

const VERDICT: Verdict = {
  gate: 'policy_ci',
  env: 'all',
  sha: 'a'.repeat(40),
  verdict: 'pass',
  metrics: { findings: 0 },
  thresholds: { findings: '=0' },
  measured: { n: 3, window: 'a..b', source: 'git', query: 'log', data_digest: 'd'.repeat(64) },
  evidence: [],
  reasons: [],
  agent: 'policy_ci@1',
  trace_id: '1'.repeat(32),
  at: '2026-11-22T12:00:00.000Z',
}
const FACTS = {
  version: 'v2.0.0',
  repositoryId: 7,
  head: 'a'.repeat(40),
  base: 'b'.repeat(40),
  environment: 'prod',
  step: 10,
  verdicts: [VERDICT, { ...VERDICT, gate: 'hardening' as const }],
  policyDigest: 'c'.repeat(64),
  evidenceRoot: 'e'.repeat(64),
  schemaRange: null,
  deployed: { shop: `sha256:${'f'.repeat(64)}` },
}
const id = planId(planOf(FACTS))

test('looking again at the same evidence keeps the plan; the order of the gates does not matter', () => {
  expect(verdictDigest({ ...VERDICT, at: '2026-11-22T13:00:00.000Z', trace_id: '2'.repeat(32) })).toBe(verdictDigest(VERDICT))
  expect(planId(planOf({ ...FACTS, verdicts: FACTS.verdicts.toReversed() }))).toBe(id)
})

test.each(
  Object.entries({
    version: { version: 'v2.0.1' },
    repository: { repositoryId: 8 },
    head: { head: 'b'.repeat(40) },
    base: { base: 'a'.repeat(40) },
    environment: { environment: 'stage' },
    step: { step: 50 },
    verdict: { verdicts: [{ ...VERDICT, verdict: 'fail' as const }, FACTS.verdicts[1] ?? VERDICT] },
    gates: { verdicts: [VERDICT] },
    policy: { policyDigest: 'd'.repeat(64) },
    evidence: { evidenceRoot: 'd'.repeat(64) },
    schema: { schemaRange: '1..2' },
    deployed: { deployed: {} },
  }),
)('another %s is another plan, and the old line is stale', (_, change) => {
  const moved = planOf({ ...FACTS, ...change })
  expect(planId(moved)).not.toBe(id)
  expect(compare({ step: null, plan: id }, moved)).toMatchObject({ kind: 'stale', pasted: id })
})

test('the right line is ok, with and without its step', () => {
  const current = planOf(FACTS)
  expect(compare({ step: null, plan: id }, current)).toEqual({ kind: 'ok', id })
  expect(compare({ step: 10, plan: id }, current)).toEqual({ kind: 'ok', id })
  expect(compare({ step: 50, plan: id }, current)).toMatchObject({ kind: 'wrong-step', asked: 50 })
})

test('without an id the answer is a line that can be pasted', () => {
  const answer = compare({ step: null, plan: null }, planOf(FACTS))
  if (answer.kind !== 'missing') throw new Error(answer.kind)
  expect(parse(answer.line)).toEqual({ kind: 'command', command: { name: 'promote', step: 10, plan: id, reason: null } })
})
