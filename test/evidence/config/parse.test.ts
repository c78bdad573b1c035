import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { sha256 } from '../../../evidence/core/digest.ts'
import { describeProblem, parseConfig } from '../../../evidence/config/parse.ts'
import type { ConfigProblem } from '../../../evidence/config/parse.ts'
import { EXAMPLE } from '../../../evidence/config/example.ts'

const BASE = 'version: 1\nrelease:\n  base: [main]\n'

function errorsOf(text: string): readonly ConfigProblem[] {
  const parsed = parseConfig(text)
  if (parsed.ok) throw new Error(`accepted: ${text.slice(0, 200)}`)
  return parsed.errors
}

test('the least config is enough, and the rest is the default', () => {
  const parsed = parseConfig(BASE)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  expect(parsed.digest).toBe(sha256(BASE))
  expect(parsed.config.release.branch).toBe('release/v*')
  expect(parsed.config.people.approvers.promote).toEqual({ teams: [], users: [], count: 1, expires: '7d', not: ['author', 'contributor'] })
  expect(parsed.config.conduct.workflow).toBe('release-conductor.yml')
  expect(parsed.config.environments).toEqual({})
})

test('an environment needs no more than its name', () => {
  const parsed = parseConfig(`${BASE}environments: { prod: {} }\n`)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  expect(parsed.config.environments['prod']).toMatchObject({
    steps: [10, 50, 100],
    bake: '10m',
    guard: { errors: 0.01 },
    deploy: { workflow: 'deploy.yml', inputs: {} },
  })
})

test('the config that shows every key is right', () => {
  const parsed = parseConfig(EXAMPLE)
  expect(parsed.ok ? [] : parsed.errors).toEqual([])
})

test('an unquoted commit of decimal digits, or one that looks like a number with an exponent, stays a commit', () => {
  for (const digest of ['0'.repeat(40), `12e4${'5'.repeat(36)}`]) {
    const parsed = parseConfig(`${BASE}trust: { workflows: [{ ref: acme/rc/.github/workflows/conduct.yml, digest: ${digest} }] }\n`)
    expect(parsed.ok && parsed.config.trust.workflows[0]?.digest).toBe(digest)
  }
})

test('a login may be written with or without its @, and is kept without', () => {
  const parsed = parseConfig(`${BASE}people: { approvers: { promote: { users: ["@octo-cat", hubot] } } }\n`)
  expect(parsed.ok && parsed.config.people.approvers.promote.users).toEqual(['octo-cat', 'hubot'])
})

/** [what, document, line, key, part of the message or of what was expected] */
const ODD: readonly (readonly [string, string, number, string, string])[] = [
  ['an empty file', '', 1, '', 'the file is empty'],
  ['a file of comments', '# nothing\n', 1, '', 'the file is empty'],
  ['a list', '- version: 1\n', 1, '', 'found a list'],
  ['a word', 'hello\n', 1, '', 'found the text "hello"'],
  ['a second document', `${BASE}---\nversion: 1\n`, 4, '', 'a second YAML document'],
  ['broken YAML', 'version: 1\nrelease: [\n', 3, '', 'this is not YAML'],
  ['a tab as indent', 'version: 1\nrelease:\n\tbase: [main]\n', 3, '', 'a tab is used to indent'],
  ['a doubled key', `${BASE}version: 1\n`, 4, '', 'twice'],
  ['a doubled key of two kinds', `${BASE}environments: { prod: { bake: { 10: 1m, "10": 1m } } }\n`, 4, 'environments.prod.bake.10', 'twice'],
  ['an anchor', `${BASE}slos: &a []\n`, 4, 'slos', 'an anchor (&a)'],
  ['an alias', `${BASE}slos: *a\n`, 4, 'slos', 'an alias'],
  ['an alias to something known', `${BASE}slos: &a [x.yaml]\npilot_tenants: *a\n`, 4, 'slos', 'an alias'],
  ['a merge key', `${BASE}flags:\n  <<: {}\n`, 5, 'flags.<<', 'a merge key'],
  ['a tag', `${BASE}slos: !js []\n`, 4, 'slos', 'a tag (!js)'],
  ['__proto__', `${BASE}__proto__: { a: 1 }\n`, 4, '__proto__', 'is refused'],
  ['a quoted __proto__ further down', `${BASE}environments: { "__proto__": {} }\n`, 4, 'environments.__proto__', 'is refused'],
  ['constructor', `${BASE}gates: { constructor: {} }\n`, 4, 'gates.constructor', 'is refused'],
  ['prototype', `${BASE}gates: { prototype: {} }\n`, 4, 'gates.prototype', 'is refused'],
  ['a map as key', `${BASE}? { a: 1 }\n: 1\n`, 4, '', 'not a plain word'],
  ['an empty key', `${BASE}: 1\n`, 4, '', 'not a plain word'],
  ['nesting without end', '['.repeat(60_000), 1, '', 'nested too deeply'],
  ['nesting a little too deep', `${BASE}gates: { hardening: ${'{ a: '.repeat(30)}1${' }'.repeat(30)} }\n`, 4, '', 'nested too deeply'],
  ['too many bytes', `${BASE}# ${'ä'.repeat(33_000)}\n`, 1, '', 'at most 65536 bytes'],
  ['no version', 'release: { base: [main] }\n', 1, 'version', '`version` is missing'],
  ['a version of later', 'version: 2\nrelease: { base: [main] }\n', 1, 'version', 'found the number 2'],
  ['a version in quotes', 'version: "1"\nrelease: { base: [main] }\n', 1, 'version', 'found the text "1"'],
  ['no base', 'version: 1\nrelease:\n  branch: release/v*\n', 2, 'release.base', '`base` is missing'],
  ['a base that is no list', 'version: 1\nrelease:\n  base: main\n', 3, 'release.base', 'a list'],
  ['an empty base', 'version: 1\nrelease:\n  base: []\n', 3, 'release.base', 'at least 1'],
  ['a base that climbs', 'version: 1\nrelease:\n  base: ["../main"]\n', 3, 'release.base[0]', 'a branch or pattern'],
  ['an unknown key', `${BASE}relase: {}\n`, 4, 'relase', 'did you mean `release`?'],
  ['an unknown key further down', 'version: 1\nrelease:\n  base: [main]\n  brnch: x\n', 4, 'release.brnch', 'did you mean `branch`?'],
  ['an unknown key that is like no other', `${BASE}zzzzzzzz: 1\n`, 4, 'zzzzzzzz', 'unknown key'],
  ['`no` for a boolean', 'version: 1\nrelease:\n  base: [main]\n  accept_equal_tree: no\n', 4, 'release.accept_equal_tree', 'true or false'],
  ['a boolean in quotes', `${BASE}models: { enabled: "true" }\n`, 4, 'models.enabled', 'true or false'],
  ['a number in quotes', `${BASE}budgets: { preview_day_usd: "3" }\n`, 4, 'budgets.preview_day_usd', 'a number'],
  ['not a number', `${BASE}budgets: { preview_day_usd: .nan }\n`, 4, 'budgets.preview_day_usd', 'a number'],
  ['without end', `${BASE}targets: { headroom: .inf }\n`, 4, 'targets.headroom', 'a number'],
  ['a share of more than one', `${BASE}targets: { headroom: 20 }\n`, 4, 'targets.headroom', 'at most 1'],
  ['an empty value', `${BASE}people:\n`, 4, 'people', 'an empty value'],
  ['a gate that does not exist', `${BASE}gates: { hardning: {} }\n`, 4, 'gates.hardning', 'did you mean `hardening`?'],
  ['a duration without a unit', `${BASE}environments: { prod: { bake: "10" } }\n`, 4, 'environments.prod.bake', 'a duration'],
  ['an environment in capitals', `${BASE}environments: { Prod: {} }\n`, 4, 'environments.Prod', 'an environment name'],
  ['steps that fall', `${BASE}environments: { prod: { steps: [50, 10, 100] } }\n`, 4, 'environments.prod.steps', 'rising steps'],
  ['steps that do not end', `${BASE}environments: { prod: { steps: [10, 50] } }\n`, 4, 'environments.prod.steps', 'end with 100'],
  ['a step without a bake time', `${BASE}environments: { prod: { bake: { 10: 1m, 100: 1m } } }\n`, 4, 'environments.prod.bake', '50 has none'],
  [
    'a bake time for no step',
    `${BASE}environments: { prod: { bake: { 10: 1m, 20: 1m, 50: 1m, 100: 1m } } }\n`,
    4,
    'environments.prod.bake.20',
    'one of the steps',
  ],
  [
    'a deadline before the bake ends',
    `${BASE}environments: { prod: { bake: 10m, deadline: 5m } }\n`,
    4,
    'environments.prod.deadline',
    'after the bake time',
  ],
  ['one person for a waiver', `${BASE}people: { approvers: { waive: { count: 1 } } }\n`, 4, 'people.approvers.waive.count', 'at least 2'],
  [
    'a team without its at',
    `${BASE}people: { approvers: { promote: { teams: [acme/leads] } } }\n`,
    4,
    'people.approvers.promote.teams[0]',
    'a team such as',
  ],
  [
    'an address for a router',
    `${BASE}environments: { prod: { router: "http://10.0.0.1" } }\n`,
    4,
    'environments.prod.router',
    'a name from the operator file',
  ],
  [
    'a private key',
    `${BASE}trust: { keys: [{ id: a, public_key: "-----BEGIN PRIVATE KEY-----" }] }\n`,
    4,
    'trust.keys[0].public_key',
    'a PEM public key',
  ],
  [
    'a branch for a digest',
    `${BASE}trust: { workflows: [{ ref: acme/rc/.github/workflows/conduct.yml, digest: main }] }\n`,
    4,
    'trust.workflows[0].digest',
    '40 lower-case hex',
  ],
  ['only keys, and none of them', `${BASE}evidence: { sign: key }\n`, 4, 'evidence.sign', 'a key under trust.keys'],
  ['an agent with neither command nor url', `${BASE}agents: [{ name: a, phase: P0, topic: t }]\n`, 4, 'agents[0].command', '`command` is missing'],
  ['an agent over http', `${BASE}agents: [{ name: a, phase: P0, topic: t, url: "http://x.example" }]\n`, 4, 'agents[0].url', 'an https address'],
  [
    'a day that does not exist',
    `${BASE.trimEnd()}\n  window: { freeze: [{ from: 2026-02-30, to: 2026-03-01, reason: x }] }\n`,
    4,
    'release.window.freeze[0].from',
    'a date',
  ],
  [
    'a freeze that ends before it begins',
    `${BASE.trimEnd()}\n  window: { freeze: [{ from: 2026-03-02, to: 2026-03-01, reason: x }] }\n`,
    4,
    'release.window.freeze[0].to',
    'on or after',
  ],
  ['a time zone of nowhere', `${BASE.trimEnd()}\n  window: { timezone: Mars/Base }\n`, 4, 'release.window.timezone', 'IANA'],
  ['a path out of the repository', `${BASE}risks: ../../etc/passwd\n`, 4, 'risks', 'inside the repository'],
  [
    'not applicable without a reason',
    `${BASE}not_applicable: { reindex_parity: { by: "@acme/leads" } }\n`,
    4,
    'not_applicable.reindex_parity.reason',
    '`reason` is missing',
  ],
]

describe('odd documents', () => {
  test.each(ODD)('%s', (_what, text, line, key, part) => {
    const errors = errorsOf(text)
    const first = errors[0]
    expect(first?.line).toBe(line)
    expect(key === '' || first?.key === key, `${first?.key} is not ${key}`).toBe(true)
    const told = errors.map((error) => describeProblem(error, 'release-conductor.yml')).join('\n')
    expect(told).toContain(part)
    for (const error of errors) {
      expect(error.column).toBeGreaterThan(0)
      expect(error.message).not.toBe('')
      expect(error.expected).not.toBe('')
      expect(error.example).not.toBe('')
    }
  })
})

test('every error is told at once, in the order of the file', () => {
  const errors = errorsOf('version: 3\nrelease:\n  base: main\n  brnch: x\nmodels: { enabled: no }\npeoples: {}\n')
  expect(errors.map((error) => [error.line, error.key])).toEqual([
    [1, 'version'],
    [3, 'release.base'],
    [4, 'release.brnch'],
    [5, 'models.enabled'],
    [6, 'peoples'],
  ])
})

test("a gate's own policy is checked by the gate's own schema, with its line", () => {
  const policies = { hardening: z.strictObject({ exceptions: z.array(z.string()).default([]) }) }
  const wrong = parseConfig(`${BASE}gates:\n  hardening:\n    exceptons: []\n`, policies)
  expect(wrong.ok ? [] : wrong.errors.map((error) => [error.line, error.key])).toEqual([[6, 'gates.hardening.exceptons']])
  expect(parseConfig(`${BASE}gates: { hardening: { exceptions: [] } }\n`, policies).ok).toBe(true)
})
