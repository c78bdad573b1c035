import { expect, test } from 'vitest'
import { currentEvidence } from '../../../app/release/current.ts'
import type { EvidenceRow } from '../../../app/release/ports.ts'
import { deployedRow, HEAD, originOf, OTHER_HEAD } from '../../support/release.ts'

function row(kind: 'agent-response' | 'self-test', about: string, run: number, attempt = 1, sha = HEAD): EvidenceRow {
  const origin = originOf(run, { run_attempt: attempt, sha })
  const predicate = kind === 'self-test' ? { gate: about, origin } : { topic: about, agent: { name: 'one' }, origin }
  const evidence = { kind, digest: `${run}.${attempt}`, signer: 'demo', predicate } as unknown as EvidenceRow['evidence']
  return { evidence, bundle: '', files: [], source: `artifact:${run}` }
}

const runs = (rows: readonly EvidenceRow[]): number[] => currentEvidence(rows, HEAD).map((one) => one.evidence.predicate.origin.run_id)

test('a later run replaces an earlier one, in whatever order they arrive (T35)', () => {
  const rows = [row('agent-response', 'commits', 5), row('agent-response', 'commits', 7), row('agent-response', 'commits', 6)]
  expect(runs(rows)).toEqual([7])
  expect(runs(rows.toReversed())).toEqual([7])
})

test('a later attempt of the same run replaces the one before', () => {
  const rows = [row('self-test', 'policy_ci', 5, 2), row('self-test', 'policy_ci', 5, 1)]
  expect(currentEvidence(rows, HEAD).map((one) => one.evidence.predicate.origin.run_attempt)).toEqual([2])
})

test('other topics, gates, kinds and steps stand beside each other', () => {
  const rows = [
    row('agent-response', 'commits', 5),
    row('agent-response', 'images', 4),
    row('self-test', 'policy_ci', 3),
    row('self-test', 'hardening', 2),
    deployedRow(8),
    deployedRow(9, { step: 50 }),
    deployedRow(10, { environment: 'stage' }),
  ]
  expect(runs(rows)).toEqual([5, 4, 3, 2, 8, 9, 10])
  expect(runs([])).toEqual([])
})

test('what is about another commit does not count, however new it is (T6)', () => {
  const rows = [row('agent-response', 'commits', 5), row('agent-response', 'commits', 9, 1, OTHER_HEAD), deployedRow(9, { sha: OTHER_HEAD })]
  expect(runs(rows)).toEqual([5])
})
