import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run as look } from '../../../actions/agents/main.ts'
import { run as sign } from '../../../actions/attest/main.ts'
import { run, type GateInputs } from '../../../actions/gate/main.ts'
import { generateKeyPair } from '../../../evidence/sign/local-key.ts'
import { GATES } from '../../../gates/index.ts'
import { CLAIMS, FACTS, tokenOf } from '../../support/actions/handover.ts'
import { git } from '../../support/github/actions/git.ts'
import { fixtureRepository, type FixtureRepository } from '../../support/github/actions/fixture.ts'
import { healthyPullRequest } from '../../support/evidence.ts'
import { loopback, type Loopback } from '../../support/loopback.ts'

const keys = generateKeyPair()
const NOW = 1_795_372_200_000
const ASKED = new Set(['commits', 'images'])
const ABSENT = GATES.flatMap(({ id, reads }) =>
  reads.some((topic) => ASKED.has(topic))
    ? reads.filter((topic) => !ASKED.has(topic)).map((topic) => `${id}.${topic}`)
    : reads.length > 0
      ? [id]
      : [],
)
const CONFIG = [
  'version: 1',
  'release: { base: [main] }',
  `trust: { keys: [{ id: jobs, public_key: ${JSON.stringify(keys.publicKeyPem)} }] }`,
  'not_applicable:',
  ...ABSENT.map((what) => `  ${what}: { reason: not in this story, by: "@a" }`),
  '',
].join('\n')

let repository: FixtureRepository
let api: Loopback
let body: string

beforeAll(async () => {
  const image = `FROM node:24@sha256:${'d'.repeat(64)}\nUSER 1000\nHEALTHCHECK CMD true\n`
  repository = await fixtureRepository({ '.github/release-conductor.yml': CONFIG, CODEOWNERS: '* @a\n' }, { Dockerfile: image })
  const [base = ''] = repository.commits
  await git(['--git-dir', repository.gitDir, 'update-ref', 'refs/remotes/origin/main', base])
  body = healthyPullRequest().body
  api = await loopback(({ path }) => {
    const pull = {
      ...healthyPullRequest(),
      number: 7,
      body,
      labels: ['type:feat', 'risk:low'].map((name) => ({ name })),
      head: { ref: 'release/v2.0.0', sha: repository.head },
      base: { ref: 'main', sha: base },
    }
    const answers: Record<string, unknown> = { '/repos/acme/shop/pulls/7': pull, '/repos/acme/shop/codeowners/errors': { errors: [] } }
    const answer = answers[path.split('?')[0] ?? '']
    return { status: answer === undefined ? 404 : 200, body: answer ?? {} }
  })
})

afterAll(async () => {
  await api.close()
})

const facts = () => ({ ...FACTS, sha: repository.head, apiUrl: api.url, workspace: '/' })

/** Phase P0, looked at and signed in run 77, as `download-artifact` would leave it. */
async function signed(runId = FACTS.runId): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'gate-'))
  const of = { ...facts(), runId }
  await look({
    phase: 'P0',
    pull: '7',
    key: null,
    token: 't',
    workspace: repository.gitDir,
    agents: null,
    simulate: 'true',
    op: 'EVIDENCE',
    out: join(root, 'unsigned'),
    facts: of,
    now: NOW,
  })
  await sign({
    path: join(root, 'unsigned'),
    artifactDigest: null,
    accept: 'evidence',
    signingKey: keys.privateKeyPem,
    signingKeyPassword: null,
    fulcioUrl: null,
    tsaUrl: null,
    trustedRoot: null,
    out: join(root, 'evidence', 'rc-P0-1'),
    facts: of,
    identity: async () => tokenOf({ ...CLAIMS, sha: repository.head, run_id: String(runId) }),
  })
  return join(root, 'evidence')
}

const inputs = (path: string, over: Partial<GateInputs> = {}): GateInputs => ({
  path,
  phases: 'P0',
  pull: '7',
  token: 't',
  workspace: repository.gitDir,
  trustedRoot: null,
  facts: facts(),
  now: NOW + 60_000,
  ...over,
})

const told = ({ verdicts }: Awaited<ReturnType<typeof run>>) =>
  Object.fromEntries(verdicts.map(({ gate, verdict, reasons }) => [gate, verdict === 'pass' ? verdict : `${verdict} ${reasons[0]?.code}`]))

test('signed evidence of this run holds, and what is declared is shown', async () => {
  const decided = await run(inputs(await signed()))
  expect(told(decided)).toEqual({ policy_ci: 'pass', hardening: 'pass', supply_chain: 'not_applicable gate.declared-not-applicable' })
  expect([decided.verdict, decided.refused]).toEqual(['pass', []])
})

test('where the whole is asked for, the gate over gates speaks last', async () => {
  const decided = await run(inputs(await signed(), { phases: null }))
  expect(decided.verdicts.at(-1)).toMatchObject({ gate: 'all_required_gates', verdict: 'pass' })
  const none = await run(inputs(await mkdtemp(join(tmpdir(), 'none-')), { phases: null }))
  expect(none.verdicts.at(-1)).toMatchObject({ gate: 'all_required_gates', verdict: 'indeterminate' })
})

describe('never a pass', () => {
  test('nothing is there', async () => {
    const decided = await run(inputs(await mkdtemp(join(tmpdir(), 'none-'))))
    expect(decided.verdict).toBe('indeterminate')
    expect(told(decided)).toMatchObject({ hardening: 'indeterminate gate.evidence-absent' })
    const nowhere = await run(inputs('/nowhere/at/all'))
    expect([nowhere.verdict, nowhere.refused]).toMatchObject(['indeterminate', [{ path: '/nowhere/at/all', code: 'no-folder' }]])
  })

  test('it was signed by another key, or changed after it was signed', async () => {
    const folder = await signed()
    const pack = join(folder, 'rc-P0-1')
    await writeFile(join(pack, 'hardening/images.json'), '{}')
    const changed = await run(inputs(folder))
    expect(told(changed)).toMatchObject({ hardening: 'indeterminate gate.evidence-absent', policy_ci: 'pass' })
    expect(changed.refused.map(({ code }) => code)).toContain('wrong-subject')
    for (const name of await readdir(join(pack, 'attestations'))) if (name.includes('images')) await rm(join(pack, 'attestations', name))
    expect(told(await run(inputs(folder)))).toMatchObject({ hardening: 'indeterminate gate.evidence-absent' })
  })

  test('it was made in another run, or is of another repository', async () => {
    const folder = await signed(78)
    const decided = await run(inputs(folder))
    expect([decided.verdict, new Set(decided.refused.map(({ code }) => code))]).toEqual(['indeterminate', new Set(['wrong-run'])])
    const other = await run(inputs(await signed(), { facts: { ...facts(), repositoryId: 9 } }))
    expect(new Set(other.refused.map(({ code }) => code))).toEqual(new Set(['wrong-repository', 'not-covered']))
  })

  test('the pull request was edited after the evidence was made', async () => {
    const folder = await signed()
    const before = body
    body = `${before}\nand more`
    const decided = await run(inputs(folder)).finally(() => (body = before))
    expect(told(decided)).toMatchObject({ policy_ci: 'indeterminate gate.evidence-stale', hardening: 'pass' })
  })
})

test.each([
  ['P9', 'bad-input'],
  ['P8', 'bad-input'],
])('phases %s: %s', async (phases, code) => {
  await expect(run(inputs('.', { phases }))).rejects.toMatchObject({ code })
})
