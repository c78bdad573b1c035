import { expect, test } from 'vitest'
import { sha256 } from '../../../evidence/core/digest.ts'
import { statementBytes } from '../../../evidence/sign/statement.ts'
import { coverage, originOf, readClaim } from '../../../evidence/verify/claim.ts'
import { EvidenceError } from '../../../evidence/verify/error.ts'
import { decisionPredicate, HEAD, origin, response, statement, verdict } from './statements.ts'

const report = Buffer.from('{}')
const files = new Map([['ci/commit_lint.json', report]])

function claim(of: Parameters<typeof statementBytes>[0]): Exclude<ReturnType<typeof readClaim>, EvidenceError> {
  const answer = readClaim(statementBytes(of))
  if (answer instanceof EvidenceError) throw answer
  return answer
}

test('a claim has the digest of its bytes, its commit, repository and files', () => {
  const of = statement('agent-response', response('commits', files), files)
  expect(claim(of)).toMatchObject({ kind: 'agent-response', digest: sha256(statementBytes(of)), commit: HEAD, repository: 'acme/shop' })
  expect(originOf(claim(of))).toEqual(origin())
})

test('a response covers its subjects and every input it cites, each once', () => {
  const base = response('commits', files)
  const cited = {
    ...base.response,
    verdicts: [verdict(), verdict({ measured: null, verdict: 'fail', reasons: [{ code: 'policy_ci.findings', message: 'x', next: 'y' }] })],
  }
  const inputs = [...base.inputs, { kind: 'policy', sha256: sha256('policy') }]
  const paths = coverage(claim(statement('agent-response', { ...base, response: cited, inputs }, files))).map((file) => file.path)
  expect(paths).toEqual(['ci/commit_lint.json', `inputs/${sha256('commits')}`, `inputs/${sha256('policy')}`])
})

test('what the App states has no origin and covers its subjects alone', () => {
  const made = claim(statement('decision', decisionPredicate(), files))
  expect(originOf(made)).toBeUndefined()
  expect(coverage(made)).toEqual([{ path: 'ci/commit_lint.json', sha256: sha256(report) }])
})
