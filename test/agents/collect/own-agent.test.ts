import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { askOwn, ownAgentsOf, type OwnAgent } from '../../../agents/collect/own-agent.ts'
import { ownAnswer } from '../../../agents/own.ts'
import type { AgentRequest } from '../../../evidence/model/request.ts'
import { fixtureRepository, type FixtureRepository } from '../../support/github/actions/fixture.ts'
import { git } from '../../support/github/actions/git.ts'
import { loopback } from '../../support/loopback.ts'

const NUMBERS = '{"requests": 20024, "p95_ms": 41.5}'
const PROMPT = createHash('sha256').update(`Write one sentence for customers. Use no number but these: ${NUMBERS}`).digest('hex')
const LOCK = (license: string) => JSON.stringify({ packages: { '': {}, 'node_modules/left': { license } } })

const REQUEST: AgentRequest = {
  phase: 'P0',
  op: 'EVIDENCE',
  scope: { env: 'all', services: ['*'], tenants: ['*'] },
  inputs: { params: {}, feature_flags: {}, budgets: {}, risk_ids: [] },
  capabilities: [],
  trace_id: '5'.repeat(32),
}

const model = (text: string) => ({ 'tools/recorded-model.json': JSON.stringify({ [PROMPT]: text }) })

let good: FixtureRepository
let bad: FixtureRepository

beforeAll(async () => {
  const page = await readFile(join(import.meta.dirname, '../../../docs/own-agents.md'), 'utf8')
  const [keeper = '', board = '', draft = ''] = [...page.matchAll(/^```(?:sh|python) agent\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '')
  const base = {
    'tools/changelog-keeper.sh': keeper,
    'tools/licence_board.py': board,
    'tools/draft.py': draft,
    'tools/licences.json': '["MIT"]',
    'release/numbers.json': NUMBERS,
    'CHANGELOG.md': '# Changes\n',
    'package-lock.json': LOCK('MIT'),
  }
  good = await fixtureRepository({ ...base, ...model('All 20024 requests were answered.') }, { 'CHANGELOG.md': '# Changes\n- faster\n' })
  bad = await fixtureRepository(
    { ...base, ...model('All 99999 requests were answered.') },
    { 'package-lock.json': LOCK('Custom'), 'tools/licences.json': '["MIT", "Custom"]', 'tools/changelog-keeper.sh': 'echo "{}"\n' },
  )
  for (const { commits, gitDir } of [good, bad]) await git(['--git-dir', gitDir, 'update-ref', 'refs/remotes/origin/main', commits[0] ?? ''])
})

const agent = (of: Partial<OwnAgent>): OwnAgent => ({
  name: 'mine',
  phase: 'P0',
  topic: 'mine',
  feeds: ['policy_ci'],
  capabilities: [],
  timeout: '20s',
  ...of,
})
const sh = (script: string, of: Partial<OwnAgent> = {}) => agent({ command: ['sh', '-c', script], ...of })

async function answer(of: OwnAgent, repository = good, hosts: readonly string[] = []) {
  const context = {
    workspace: repository.gitDir,
    apiUrl: 'http://127.0.0.1:1',
    token: 'a secret',
    repository: { owner: 'acme', name: 'shop', id: 1 },
    sha: repository.head,
    base: 'main',
    pull: null,
    now: 0,
  }
  const { record, written } = await askOwn(of, REQUEST, context, hosts)
  const made = ownAnswer(record, { phase: 'P0', sha: repository.head, traceId: REQUEST.trace_id, now: 0 }, written)
  const { findings, response } = made.response
  return { record, response, findings, files: new Map(made.files.map(({ path, bytes }) => [path, bytes])), verdict: response.verdicts[0]?.verdict }
}

describe.each([
  ['changelog-keeper', { command: ['sh', 'tools/changelog-keeper.sh'], feeds: ['policy_ci'] as const }, 'CHANGELOG.md has no new line'],
  ['licence-board', { command: ['python3', 'tools/licence_board.py'], feeds: ['supply_chain'] as const }, 'node_modules/left is not on the board'],
  ['drafts', { command: ['python3', 'tools/draft.py'], feeds: ['policy_ci'] as const }, 'the draft says 99999'],
])('%s of the document', (name, of, said) => {
  const own = agent({ ...of, feeds: [...of.feeds], name })

  test('passes what is healthy', async () => {
    const { response, verdict } = await answer(own)
    expect([response.result, verdict, response.verdicts[0]?.measured?.n]).toEqual(['ok', 'pass', 1])
  })

  test('finds what is planted, by the program of the base branch', async () => {
    const { response, verdict } = await answer(own, bad)
    expect([response.result, verdict]).toEqual(['ok', 'fail'])
    expect(response.verdicts[0]?.reasons[0]?.message).toContain(said)
  })
})

test('what it wrote is kept, with its digest, under its own name', async () => {
  const { files, response } = await answer(agent({ name: 'drafts', command: ['python3', 'tools/draft.py'] }))
  expect(JSON.parse(files.get('own/drafts/draft.json') ?? '{}')).toMatchObject({ model: 'recorded', invented: [] })
  expect(response.artifacts.map(({ path }) => path)).toEqual(['own/drafts/draft.json', expect.stringMatching(/^inputs\//)])
})

describe('is isolated', () => {
  test('it sees no token, and only the environment it is promised', async () => {
    const { record } = await answer(sh('env >&2; echo "{\\"result\\":\\"ok\\"}"'))
    const names = record.said.split('\n').flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? [])
    expect(new Set(names)).toEqual(
      new Set([
        'HOME',
        'LANG',
        'PATH',
        'PWD',
        'RELEASE_CONDUCTOR_BASE',
        'RELEASE_CONDUCTOR_OUT',
        'RELEASE_CONDUCTOR_SHA',
        'RELEASE_CONDUCTOR_WORKSPACE',
      ]),
    )
    expect(record.said).not.toContain('a secret')
  })

  test.each<[string, string, string]>([
    ['it fails', 'echo no >&2; exit 3', 'exit code 3'],
    ['it hangs', 'sleep 60', 'did not end within 1s'],
    ['it is not there', 'exec /no/such/program', 'exit code 127'],
    ['it talks for ever', 'yes', 'more than'],
    ['it uses all memory', 'python3 -c "x = bytearray(4 << 30)"', 'exit code 1'],
    ['it says nothing', 'true', 'not JSON'],
    ['it says no answer', 'echo "{\\"result\\":\\"great\\"}"', 'result'],
    ['it answers as another', 'echo "{\\"result\\":\\"ok\\",\\"agent\\":\\"infrasec\\"}"', 'answered as infrasec'],
    ['it answers another request', `echo '{"result":"ok","trace_id":"${'6'.repeat(32)}"}'`, 'trace id differs'],
    ['it names a file it did not write', `echo '{"result":"ok","artifacts":[{"path":"x.json"}]}'`, 'did not write'],
    [
      'it names a file of others',
      `ln -s /etc/hostname "$RELEASE_CONDUCTOR_OUT/x.json"; echo '{"result":"ok","artifacts":[{"path":"x.json"}]}'`,
      'did not write',
    ],
    [
      'it speaks of a gate it does not feed',
      `echo '{"result":"ok","verdicts":[{"gate":"dr","metrics":{},"thresholds":{},"measured":{"n":1,"window":"w","source":"s","query":"q"}}]}'`,
      'dr',
    ],
  ])('%s: its own failure, told', async (_what, script, words) => {
    const { response, verdict } = await answer(sh(script, { timeout: words.includes('1s') ? '1s' : '20s' }))
    expect([response.result, verdict]).toEqual(['fail', 'indeterminate'])
    expect(response.notes).toContain(words)
  })

  test('what it leaves running ends with it', async () => {
    const { record, response } = await answer(sh('sleep 300 & echo $! >&2; echo "{\\"result\\":\\"ok\\"}"'))
    expect(response.result).toBe('ok')
    await sleep(100)
    const state = await readFile(`/proc/${record.said.trim()}/stat`, 'utf8').then(
      (stat) => stat.split(' ')[2],
      () => 'gone',
    )
    expect(['gone', 'Z']).toContain(state)
  })

  test('commands of the job on its standard error are kept as text', async () => {
    const { record } = await answer(sh('echo "::set-output name=x::y" >&2; echo "{\\"result\\":\\"ok\\"}"'))
    expect(record.said).toContain('::set-output')
  })
})

const say = (n: number, open: number) =>
  sh(
    `echo '{"result":"ok","verdicts":[{"gate":"policy_ci","verdict":"pass","metrics":{"open":${open}},"thresholds":{"open":"=0"},"measured":{"n":${n},"window":"w","source":"s","query":"q"}}]}'`,
  )

test('a threshold that breaks is a fail whatever it calls it, and nothing measured is no pass', async () => {
  expect((await answer(say(3, 0))).verdict).toBe('pass')
  expect((await answer(say(3, 1))).verdict).toBe('fail')
  expect((await answer(say(0, 0))).verdict).toBe('indeterminate')
})

test('it is told which of its programs the job has', async () => {
  const { record } = await answer(sh('cat >&2; echo "{\\"result\\":\\"ok\\"}"', { capabilities: ['git', 'no-such-program'] }))
  expect(JSON.parse(record.said)).toMatchObject({ phase: 'P0', capabilities: ['git'], trace_id: REQUEST.trace_id })
})

describe('an endpoint', () => {
  test('on a host that the config does not list is not asked; what it answers wrong is its failure', async () => {
    await using server = await loopback(() => ({ status: 500, body: 'no' }))
    const of = agent({ url: server.url })
    expect((await answer(of)).response.notes).toContain('conduct.hosts')
    expect(server.asked).toEqual([])
    expect((await answer(of, good, [new URL(server.url).host])).response.notes).toContain('answered 500')
  })

  test('is asked with the question, and its answer counts', async () => {
    await using server = await loopback(() => ({ body: { result: 'ok', notes: 'looked' } }))
    const { response } = await answer(agent({ url: server.url }), good, [new URL(server.url).host])
    expect([response.result, response.notes]).toEqual(['ok', 'looked'])
    expect(JSON.parse(server.asked[0]?.body.toString() ?? '{}')).toMatchObject({ op: 'EVIDENCE', phase: 'P0' })
  })

  test('that redirects or talks for ever is its own failure', async () => {
    await using server = await loopback(({ path }) =>
      path === '/long' ? { body: 'x'.repeat(2 << 20) } : { status: 302, headers: { location: '/long' } },
    )
    const hosts = [new URL(server.url).host]
    expect((await answer(agent({ url: `${server.url}/` }), good, hosts)).response.result).toBe('fail')
    expect((await answer(agent({ url: `${server.url}/long` }), good, hosts)).response.notes).toContain('more than')
  })
})

test('those of the phase, from a config that can be read', () => {
  const text =
    'version: 1\nrelease: { base: [main] }\nconduct: { hosts: [a.example] }\nagents: [{ name: a, phase: P0, topic: a, command: [x] }, { name: b, phase: P1, topic: b, command: [x] }]\n'
  expect(ownAgentsOf(text, 'P0')).toMatchObject({ agents: [{ name: 'a' }], hosts: ['a.example'] })
  expect(ownAgentsOf('version: 2', 'P0')).toEqual({ agents: [], hosts: [] })
  expect(ownAgentsOf(null, 'P0')).toEqual({ agents: [], hosts: [] })
})
