import { expect, test } from 'vitest'
import { AGENTS } from '../../agents/index.ts'
import { replayResponses, type ResponsesQuestion } from '../../agents/replay-responses.ts'
import { canonicalize } from '../../evidence/core/canonical.ts'
import { sha256 } from '../../evidence/core/digest.ts'
import type { AgentResponsePredicate, SelfTestPredicate } from '../../evidence/model/statement.ts'
import { healthyHandover, healthyPullRequest } from '../support/evidence.ts'
import { configOf, configText, HEAD, NOW, originOf } from '../support/release.ts'

/** What the jobs of one run would have signed, and the files they recorded. */
function question(): {
  responses: AgentResponsePredicate[]
  receipts: SelfTestPredicate[]
  files: Map<string, Uint8Array>
  config: ResponsesQuestion['config']
} {
  const { handover, files } = healthyHandover({ sha: HEAD, pullRequest: healthyPullRequest(), config: configText(), now: NOW })
  const origin = originOf(55)
  return structuredClone({
    responses: handover.responses.map((response) => ({ ...response, origin })),
    receipts: handover.self_tests.map((receipt) => ({ ...receipt, origin })),
    files: new Map(files),
    config: configOf().config,
  })
}

const told = (asked: ResponsesQuestion): string[] => replayResponses(asked).map((row) => `${row.subject}: ${row.result}`)
const odd = (of: ResponsesQuestion): string[] => told(of).filter((row) => !row.endsWith('same'))
const LINT = 'lint-marshal on commits, for policy_ci'
const INFRA = 'infrasec on images, for hardening'

function only<Value>(found: Value | undefined): Value {
  if (found === undefined) throw new Error('it is there')
  return found
}
const lint = (asked: ReturnType<typeof question>): AgentResponsePredicate => only(asked.responses.find((one) => one.agent.name === 'lint-marshal'))

test('honest answers come out the same', () => {
  const rows = told(question())
  expect(rows).toEqual(expect.arrayContaining([`${LINT}: same`, `${INFRA}: same`]))
  expect(rows.filter((row) => !row.endsWith('same'))).toEqual([])
})

test('what was blocked is no gap where no gate asked for it: declared absent, or feeding none', () => {
  const asked = question()
  lint(asked).response.result = 'blocked'
  const resultWith = (not_applicable: object): string | undefined =>
    replayResponses({ ...asked, config: { ...configOf().config, not_applicable } as never }).find((row) => row.subject === LINT)?.result
  const declared = { reason: 'nothing of the kind', by: '@second' }
  expect(resultWith({})).toBe('indeterminate')
  expect(resultWith({ 'policy_ci.workflows': declared })).toBe('indeterminate')
  expect(resultWith({ 'policy_ci.commits': declared })).toBe('not-computed')
  expect(resultWith({ policy_ci: declared })).toBe('not-computed')
  lint(asked).response.verdicts = []
  expect(replayResponses(asked).find((row) => row.subject === 'lint-marshal on commits')?.result).toBe('not-computed')
})

test.each<[string, (asked: ReturnType<typeof question>) => void, string]>([
  ['a number', (asked) => void (only(lint(asked).response.verdicts[0]).metrics['errors'] = 3), 'response.response.verdicts[0].metrics.errors'],
  [
    'a threshold',
    (asked) => void (only(lint(asked).response.verdicts[0]).thresholds['errors'] = '<=9'),
    'response.response.verdicts[0].thresholds.errors',
  ],
  [
    'the digest of what was measured',
    (asked) => void (only(only(lint(asked).response.verdicts[0]).measured ?? undefined).data_digest = '0'.repeat(64)),
    'response.response.verdicts[0].measured.data_digest',
  ],
  [
    'a finding that was invented',
    (asked) => void lint(asked).findings.push({ rule: 'commit.type-enum', severity: 'error', message: 'm', next: 'n' }),
    'response.findings[0]',
  ],
  ['the note', (asked) => void (lint(asked).response.notes = 'All is well.'), 'response.response.notes'],
  ['the digest of an input', (asked) => void (only(lint(asked).inputs[0]).sha256 = '0'.repeat(64)), 'response.inputs[0].sha256'],
  ['the answer itself', (asked) => void (lint(asked).response.result = 'fail'), 'response.response.result'],
  [
    'a case of the receipt',
    (asked) => {
      const receipt = only(asked.receipts.find((one) => one.gate === 'policy_ci'))
      only(receipt.cases.find((one) => one.unit === 'lint-marshal')).name = 'something easier'
    },
    'self_test.policy_ci[0].name',
  ],
])('%s that was changed is named, with agent and gate', (_what, lie, field) => {
  const asked = question()
  lie(asked)
  const row = only(replayResponses(asked).find((one) => one.subject === LINT))
  expect([row.result, row.differences.map((one) => one.field)]).toEqual(['differs', expect.arrayContaining([field])])
  expect(told(asked)).toContain(`${INFRA}: same`)
})

test('a report whose bytes are others than those that come out is named by its path', () => {
  const asked = question()
  const path = only(lint(asked).response.artifacts.find((one) => !one.path.startsWith('inputs/'))).path
  asked.files.set(path, Buffer.from('{}'))
  expect(replayResponses(asked).flatMap((row) => row.differences.map(({ field }) => field))).toEqual([path])
})

test.each<[string, (asked: ReturnType<typeof question>) => Partial<ResponsesQuestion> | void, string]>([
  ['an agent that is not built here', () => ({ agents: AGENTS.filter((one) => one.name !== 'lint-marshal') }), 'no agent lint-marshal is built'],
  ['another version of the agent', (asked) => void (lint(asked).agent.version = 9), 'in version 9; here is version'],
  ['an agent that was blocked', (asked) => void (lint(asked).response.result = 'blocked'), 'it was blocked, so it measured nothing'],
  [
    'an input that is not in the pack',
    (asked) => {
      for (const { path } of lint(asked).response.artifacts) if (path.startsWith('inputs/')) asked.files.delete(path)
    },
    'is not in the pack',
  ],
  [
    'an input of no known form',
    (asked) => {
      for (const { path } of lint(asked).response.artifacts)
        if (path.startsWith('inputs/')) asked.files.set(path, Buffer.from('{"kind":"moon","value":1}'))
    },
    'has no form that this version knows',
  ],
  [
    'an input that is no JSON',
    (asked) => {
      for (const { path } of lint(asked).response.artifacts) if (path.startsWith('inputs/')) asked.files.set(path, Buffer.from('{'))
    },
    'has no form that this version knows',
  ],
  ['an input that was not recorded', (asked) => void (lint(asked).response.artifacts = []), 'was not recorded'],
  ['no time', (asked) => void (lint(asked).made_at = '2026-99-99T99:99:99.999Z'), 'is no time'],
  [
    'an agent that fails its own self-test here',
    () => ({
      agents: AGENTS.map((one) =>
        one.name === 'lint-marshal' ? { ...one, assess: () => ({ findings: [], measurements: [], files: [], notes: '', next: '' }) } : one,
      ),
    }),
    'here the agent fails its own self-test',
  ],
])('%s is indeterminate, never the same', (_what, change, why) => {
  const asked = question()
  const over = change(asked) ?? {}
  const row = only(replayResponses({ ...asked, ...over }).find((one) => one.subject.startsWith('lint-marshal')))
  expect([row.result, row.recomputed, row.why]).toEqual(['indeterminate', null, expect.stringContaining(why)])
})

test('the settings are those of the config that the run recorded, whatever the pack says now; without it, those of the pack', () => {
  const asked = question()
  // Settings that no agent can use: whoever took these would answer otherwise.
  const other = { ...configOf().config, gates: { policy_ci: { labels: 7 }, hardening: { exceptions: 7 } } }
  expect(odd({ ...asked, config: other })).toEqual([])
  const alone = asked.responses.filter((response) => !response.inputs.some((input) => input.kind === 'policy'))
  expect(alone.map((response) => response.agent.name)).toContain('infrasec')
  expect(odd({ ...asked, responses: alone })).toEqual([])
})

test('an input whose bytes are another form of the same value is not read', () => {
  const asked = question()
  const { path } = only(lint(asked).response.artifacts.find((one) => one.path.startsWith('inputs/')))
  const value: unknown = JSON.parse(Buffer.from(only(asked.files.get(path))).toString())
  asked.files.set(path, Buffer.from(JSON.stringify(value, null, 2)))
  expect(replayResponses(asked).find((one) => one.subject === LINT)?.result).toBe('indeterminate')
  expect(sha256(canonicalize(value))).toBe(path.slice('inputs/'.length))
})
