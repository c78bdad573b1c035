import { expect, test } from 'vitest'
import { absences, admit, receiptReasons, staleness } from '../../gates/admit.ts'
import { SPECIMEN_SHA } from '../../gates/specimen.ts'
import { built, narrowed, CURRENT, receipt, response } from './case.ts'

const gate = narrowed('policy_ci')
const admitted = (...evidence: Parameters<typeof admit>[2]) => admit(gate, SPECIMEN_SHA, evidence)
const codes = (reasons: readonly { code: string }[]) => reasons.map((reason) => reason.code)

test('only this gate’s topics and receipts, of this commit and of a known shape', () => {
  const odd = { kind: 'agent-response', digest: '0'.repeat(64), predicate: { topic: 'commits' } }
  const nameless = { ...response('policy_ci'), digest: 'x' }
  const found = admitted(response('policy_ci'), response('hardening'), receipt(gate), receipt(built('hardening')), odd, nameless, {
    kind: 'rollout-event',
    digest: '0'.repeat(64),
    predicate: {},
  })
  expect([found.testimonies.length, found.receipts.length, found.foreign]).toEqual([1, 1, 2])
  expect(admit(gate, 'c'.repeat(40), [response('policy_ci'), receipt(gate)])).toEqual({ testimonies: [], receipts: [], foreign: 2 })
})

test('a later run takes the place of an earlier one, by run and by attempt; one that brought only a receipt leaves nothing', () => {
  const runs = [
    { run_id: 9, run_attempt: 9 },
    { run_id: 10, run_attempt: 1 },
    { run_id: 10, run_attempt: 2 },
  ]
  const statements = runs.map((run) => response('policy_ci', {}, 'specimen', run))
  expect(admitted(...statements).testimonies.map((testimony) => testimony.digest)).toEqual([statements[2]?.digest])
  const later = receipt(gate, ['specimen'], { run_id: 11 })
  expect(admitted(...statements, later).testimonies).toEqual([])
})

test('reasons name what is missing', () => {
  const empty = admitted()
  expect(codes(absences(gate, empty, { late: false, rejections: 0 }))).toEqual(['gate.evidence-absent'])
  expect(codes(absences(gate, empty, { late: true, rejections: 1 }))).toEqual(['gate.evidence-late', 'gate.evidence-rejected'])
  expect(codes(receiptReasons(gate, empty))).toEqual(['gate.self-test-absent'])
  const whole = admitted(response('policy_ci'), receipt(gate))
  expect([absences(gate, whole, { late: true, rejections: 5 }), receiptReasons(gate, whole), staleness(gate, whole.testimonies, CURRENT)]).toEqual([
    [],
    [],
    [],
  ])
  expect(codes(receiptReasons(gate, admitted(response('policy_ci'), receipt(gate, []))))).toEqual(['gate.self-test-failed'])
})

function stale(inputs: { kind: string; sha256: string }[], current: Record<string, string> = CURRENT): string[] {
  return staleness(gate, admitted(response('policy_ci', { inputs })).testimonies, current).map((reason) =>
    reason.message.split(' ').slice(0, 2).join(' '),
  )
}

test('stale is: changed, unknown now, unseen then, or two of them', () => {
  const fresh = Object.entries(CURRENT).map(([kind, sha256]) => ({ kind, sha256 }))
  expect(stale(fresh)).toEqual([])
  expect(stale(fresh, { ...CURRENT, policy: '9'.repeat(64) })).toEqual(['policy changed'])
  expect(stale(fresh, { policy: CURRENT.policy })).toEqual(['The current'])
  expect(stale(fresh.slice(1))).toEqual(['pullRequest changed'])
  expect(stale([...fresh, { kind: 'policy', sha256: '9'.repeat(64) }])).toEqual(['The evidence'])
})
