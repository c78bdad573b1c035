import { describe, expect, test } from 'vitest'
import type { Handover } from '../../../evidence/model/handover.ts'
import { checkHandover } from '../../../actions/lib/handover.ts'
import { originOf } from '../../../actions/lib/origin.ts'
import { statementsOf, type Accept } from '../../../actions/lib/statements.ts'
import { CLAIMS, FACTS, folder, handover, INPUT_PATH, tokenOf } from '../../support/actions/handover.ts'

const origin = originOf(FACTS, tokenOf(CLAIMS))
const made = (of: Handover, accept: Accept = 'evidence') => statementsOf(checkHandover(folder(of)), origin, accept)

test('one statement an entry, about the commit and the files it answers for', () => {
  const statements = made(handover())
  expect(statements.map((one) => one.path)).toStrictEqual([
    'attestations/agent-response-commits.sigstore.json',
    'attestations/self-test-policy_ci.sigstore.json',
  ])
  expect(statements[0]?.statement.subject.map((subject) => subject.name)).toStrictEqual([
    'git+https://github.com/acme/shop',
    'ci/commit_lint.json',
    INPUT_PATH,
  ])
  expect(statements[0]?.statement.subject[0]?.digest).toStrictEqual({ gitCommit: FACTS.sha })
  expect(statements[1]?.statement.subject).toHaveLength(1)
  expect(statements[0]?.statement.predicate['origin']).toStrictEqual(origin)
})

describe('refused:', () => {
  const whole = handover()
  const [response] = whole.responses
  if (response === undefined) throw new Error('the fixture has a response')
  const artifacts = response.response.artifacts
  const deployment = {
    schema_version: 1 as const,
    event: 'deployed' as const,
    environment: 'prod',
    step: 10,
    plan: 'p',
    version: 'v2.0.0',
    sha: FACTS.sha,
    digests: {},
    made_at: response.made_at,
  }
  test.each([
    ['a hand-over that says nothing', { ...whole, responses: [], self_tests: [], files: [] }, 'evidence', 'bad-handover'],
    [
      'a file nobody answers for',
      { ...whole, responses: [{ ...response, response: { ...response.response, artifacts: [] } }] },
      'evidence',
      'file-not-covered',
    ],
    [
      'an artifact that is not there',
      { ...whole, responses: [{ ...response, response: { ...response.response, artifacts: [...artifacts, { ...artifacts[0], path: 'x.json' }] } }] },
      'evidence',
      'file-missing',
    ],
    [
      'an artifact with another digest',
      {
        ...whole,
        responses: [{ ...response, response: { ...response.response, artifacts: artifacts.map((one) => ({ ...one, sha256: 'f'.repeat(64) })) } }],
      },
      'evidence',
      'file-changed',
    ],
    ['two entries of one name', { ...whole, responses: [response, response] }, 'evidence', 'bad-handover'],
    ['a deployment among evidence', { ...whole, deployments: [deployment] }, 'evidence', 'entry-not-accepted'],
    ['evidence from a deploy job', { ...whole, deployments: [deployment] }, 'deployment', 'entry-not-accepted'],
  ] as const)('%s', (_, of, accept, code) => {
    // Only the files of the fixture stand in the folder; a hand-over without files gets none.
    const files = folder(of, of.files.length === 0 ? { 'ci/commit_lint.json': null, [INPUT_PATH]: null } : {})
    expect(() => statementsOf(checkHandover(files), origin, accept)).toThrow(expect.objectContaining({ code }) as Error)
  })
})
