/** The reusable workflows end to end: the real workflow files, the real bundles, the small runner; only GitHub's state is a few maps. */
import { createServer, type Server } from 'node:http'
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildActions, WORKFLOWS } from '../../actions/build.ts'
import { AGENTS } from '../../agents/index.ts'
import { readArtifact } from '../../evidence/pack/artifact.ts'
import { writeZip } from '../support/zip.ts'
import { generateKeyPair } from '../../evidence/sign/local-key.ts'
import { verifySignedPack } from '../../evidence/verify/signed-pack.ts'
import { trustOf } from '../../evidence/verify/trust.ts'
import { APPLY, CALLER, DEPLOY, NAME, OURS, PARTED, PHASE, TRAIN } from '../support/actions/callers.ts'
import { fakeSigstore } from '../support/fulcio.ts'
import { fakeRun, fixtureRepository, type FixtureRepository } from '../support/github/actions/fixture.ts'
import { loopback } from '../support/loopback.ts'
import { git } from '../support/github/actions/git.ts'
import { actionsRunner } from '../support/github/actions/runner.ts'

const keys = generateKeyPair()

let tree: string
let api: Server
let repository: FixtureRepository

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'conductor-'))
  await buildActions(tree)
  repository = await fixtureRepository(
    {
      '.github/workflows/release-conductor.yml': CALLER,
      '.github/workflows/apply.yml': APPLY,
      '.github/workflows/phase.yml': PHASE,
      '.github/workflows/parted.yml': PARTED,
      '.github/workflows/train.yml': TRAIN,
      '.github/workflows/deploy.yml': DEPLOY,
    },
    { Dockerfile: `FROM node:24@sha256:${'d'.repeat(64)}\nUSER 1000\n` },
  )
  const [first = ''] = repository.commits
  await git(['--git-dir', repository.gitDir, 'update-ref', 'refs/heads/release/v2.0.0', repository.head])
  await git(['--git-dir', repository.gitDir, 'update-ref', 'refs/heads/main', first])
  const pull = {
    number: 7,
    title: 'feat: version 2',
    body: '## Why\nbecause',
    labels: [{ name: 'release' }],
    head: { ref: 'release/v2.0.0', sha: repository.head },
    base: { ref: 'main', sha: first },
  }
  const answers: Record<string, unknown> = { '/repos/acme/shop/pulls/7': pull, '/repos/acme/shop/codeowners/errors': { errors: [] } }
  api = createServer((request, response) => {
    const body = answers[(request.url ?? '').split('?')[0] ?? '']
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? { message: 'Not Found' }))
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
})

afterAll(() => {
  api.close()
  api.closeAllConnections()
})

function start(of: {
  workflow: string
  inputs: Record<string, string>
  secrets?: Record<string, string>
  variables?: Record<string, string>
  tree?: string
  apiUrl?: string
}) {
  const fake = fakeRun(repository, {
    workflowPath: `.github/workflows/${of.workflow}`,
    ref: 'refs/heads/release/v2.0.0',
    inputs: of.inputs,
    variables: of.variables ?? {},
    secrets: of.secrets ?? { RELEASE_CONDUCTOR_SIGNING_KEY: keys.privateKeyPem },
    apiUrl: of.apiUrl ?? `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
  })
  const runner = actionsRunner({ repositories: new Map([[`${NAME}@${OURS}`, of.tree ?? tree]]) })
  return { fake, runner, request: { ...fake.request } }
}

const P0 = { phase: 'P0', pull: '7', key: 'key-1' }
const trust = trustOf({ keys: [{ id: 'demo', publicKeyPem: keys.publicKeyPem }] })
const logOf = (runner: ReturnType<typeof actionsRunner>): string => runner.records.flatMap((record) => record.log).join('\n')

const parts = (...lists: readonly (readonly string[])[]) => JSON.stringify(lists.map((list) => list.join(',')))

describe('a phase in parts', () => {
  const names = AGENTS.filter(({ phase }) => phase.includes('P0')).map(({ name }) => name)
  const sharing = names.filter((name) => name !== 'infrasec')

  test('each part runs in a job of its own, and one signed pack says what one job would have said', async () => {
    const { fake, runner, request } = start({ workflow: 'parted.yml', inputs: { ...P0, parts: parts(sharing, ['infrasec']) } })
    const result = await runner.run(request)
    expect({ conclusion: result.conclusion, log: logOf(runner) }).toMatchObject({ conclusion: 'success' })
    expect([...fake.artifacts.keys()].toSorted()).toStrictEqual(['rc-P0-1', 'rc-part-P0-0-1', 'rc-part-P0-1-1', 'rc-unsigned-P0-1'])
    const files = readArtifact(fake.artifacts.get('rc-P0-1') ?? new Uint8Array())
    const { believed, rejected } = verifySignedPack({ files, trust, expect: { repositoryId: 4242, sha: repository.head } })
    expect(rejected).toStrictEqual([])
    const said = believed.flatMap((one) => (one.kind === 'agent-response' ? one.predicate.agent.name : []))
    expect(said.toSorted()).toEqual(names.toSorted())
    expect(believed.flatMap((one) => (one.kind === 'self-test' ? one.predicate.gate : []))).toContain('hardening')
    expect(fake.minted.filter((permissions) => 'id-token' in permissions)).toHaveLength(1)
  })

  test('a phase that lacks an agent is not signed', async () => {
    const { fake, runner, request } = start({ workflow: 'parted.yml', inputs: { ...P0, parts: parts(['infrasec']) } })
    expect((await runner.run(request)).conclusion).toBe('failure')
    expect(logOf(runner)).toContain('no part ran lint-marshal')
    expect(fake.artifacts.has('rc-P0-1')).toBe(false)
  })
})

/** A pull request of high risk without a record, and what GitHub says to whoever writes one. */
function risky() {
  const [base = ''] = repository.commits
  const head = { ref: 'release/v2.0.0', sha: repository.head, repo: { full_name: 'acme/shop' } }
  const pull = { number: 7, state: 'open', title: 'feat: x', body: '', labels: [{ name: 'risk:high' }], head, base: { ref: 'main', sha: base } }
  const answers: Record<string, unknown> = {
    'GET /repos/acme/shop/pulls/7': { ...pull, html_url: 'https://github.example/acme/shop/pull/7' },
    'GET /repos/acme/shop/pulls': [],
    'GET /repos/acme/shop/git/ref/heads/release/v2.0.0': { object: { sha: repository.head } },
    [`GET /repos/acme/shop/git/commits/${repository.head}`]: { sha: repository.head, tree: { sha: 'b'.repeat(40) } },
    [`GET /repos/acme/shop/git/trees/${'b'.repeat(40)}`]: { sha: 'b'.repeat(40), truncated: false, tree: [] },
    'POST /repos/acme/shop/git/trees': { sha: 'c'.repeat(40) },
    'POST /repos/acme/shop/git/commits': { sha: 'd'.repeat(40) },
    'POST /repos/acme/shop/git/refs': {},
    'POST /repos/acme/shop/pulls': { ...pull, number: 8, html_url: 'https://github.example/acme/shop/pull/8' },
  }
  return loopback(({ method, path }) => {
    const body = answers[`${method} ${path.split('?')[0]}`]
    return { status: body === undefined ? 404 : 200, headers: { 'content-type': 'application/json' }, body: body ?? { message: 'Not Found' } }
  })
}

describe('apply.yml', () => {
  const inputs = { phase: 'P0', pull: '7' }

  test('one job reads and shows the plan; another, in the environment of the reviewers, makes exactly that one', async () => {
    await using server = await risky()
    const { fake, runner, request } = start({ workflow: 'apply.yml', inputs, apiUrl: server.url })
    const result = await runner.run(request)
    expect({ conclusion: result.conclusion, log: logOf(runner) }).toMatchObject({ conclusion: 'success' })
    expect(fake.minted).toStrictEqual([
      { contents: 'read', deployments: 'read', 'pull-requests': 'read' },
      { actions: 'write', contents: 'write', deployments: 'write', 'pull-requests': 'write' },
    ])
    const [plan, apply] = runner.records
    expect(plan?.summary).toContain('file.write')
    expect(apply?.summary).toContain('pull/8')
    const written = server.asked.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`)
    expect(written).toEqual(['trees', 'commits', 'refs'].map((what) => `POST /repos/acme/shop/git/${what}`).concat('POST /repos/acme/shop/pulls'))
    const journal = [...readArtifact(fake.artifacts.get('rc-applied-P0-1') ?? new Uint8Array()).keys()]
    expect(journal).toEqual(['plan/changes.json', expect.stringMatching(/^plan\/journal-[0-9a-f]{32}\.jsonl$/)])
  })

  test('a plan that was changed between the jobs is not carried out', async () => {
    await using server = await risky()
    const { fake, runner, request } = start({ workflow: 'apply.yml', inputs, apiUrl: server.url })
    const attacked = {
      ...request,
      putArtifact: async (of: Parameters<typeof request.putArtifact>[0]) => {
        const honest = await request.putArtifact(of)
        if (!('dir' in of) || of.name !== 'rc-plan-P0-1') return honest
        const files = new Map(readArtifact(fake.artifacts.get(of.name) ?? new Uint8Array()))
        const forged = await request.putArtifact({ name: `${of.name}-forged`, zip: writeZip(files.set('plan/changes.json', Buffer.from('{}'))) })
        return { ...forged, digest: honest.digest }
      },
    }
    expect((await runner.run(attacked)).conclusion).toBe('failure')
    expect(logOf(runner)).toContain('digest-differs')
    expect(server.asked.filter(({ method }) => method !== 'GET')).toEqual([])
  })

  test('where the agents would change nothing, nobody is asked', async () => {
    const { runner, request } = start({ workflow: 'apply.yml', inputs })
    expect((await runner.run(request)).jobs.map(({ name, conclusion }) => [name, conclusion])).toEqual([
      ['apply / plan', 'success'],
      ['apply / apply', 'skipped'],
    ])
  })
})

describe('conduct.yml', () => {
  test('agents look, another job signs, and all of it is believed', async () => {
    const { fake, runner, request } = start({ workflow: 'release-conductor.yml', inputs: P0 })
    const result = await runner.run(request)
    expect({ ...result, log: logOf(runner) }).toMatchObject({
      conclusion: 'success',
      title: 'release-conductor P0 key-1',
      log: expect.not.stringContaining('error:') as string,
    })
    expect([...fake.artifacts.keys()]).toStrictEqual(['rc-unsigned-P0-1', 'rc-P0-1'])

    const files = readArtifact(fake.artifacts.get('rc-P0-1') ?? new Uint8Array())
    const { believed, rejected } = verifySignedPack({ files, trust, expect: { repositoryId: 4242, sha: repository.head } })
    expect(rejected).toStrictEqual([])
    const kinds = believed.map((one) =>
      one.kind === 'agent-response' ? `response ${one.predicate.topic}` : one.kind === 'self-test' ? `self-test ${one.predicate.gate}` : one.kind,
    )
    expect(kinds).toEqual(expect.arrayContaining(['response commits', 'response images', 'self-test policy_ci', 'self-test hardening']))
    expect(believed[0]?.predicate.origin).toMatchObject({
      repository: 'acme/shop',
      event: 'workflow_dispatch',
      workflow: 'acme/shop/.github/workflows/release-conductor.yml@refs/heads/release/v2.0.0',
      signer_workflow: `${NAME}/.github/workflows/conduct.yml@${OURS}`,
      signer_digest: OURS,
      run_id: 77,
    })
    expect(believed.flatMap((one) => (one.kind === 'agent-response' ? one.predicate.response.result : []))).not.toContain('fail')
  })

  test('the job that looks has no identity and no key; the job that signs has no access to the repository', async () => {
    const { fake, runner, request } = start({ workflow: 'release-conductor.yml', inputs: P0 })
    await runner.run(request)
    expect(fake.minted).toStrictEqual([{ contents: 'read', deployments: 'read', 'pull-requests': 'read' }, { 'id-token': 'write' }])
    expect(fake.claims).toHaveLength(1)
    const [agents, attest] = runner.records
    expect(agents?.name).toBe('conduct / p0-agents')
    expect(attest?.log.join('\n')).not.toContain('checked out acme/shop')
    expect(agents?.summary).toContain('| agent | gate | opinion | numbers | looked at |')
    expect(logOf(runner)).not.toContain('PRIVATE KEY-----\n')
  })

  test('an artifact changed between the jobs is not signed (T59)', async () => {
    const { fake, runner, request } = start({ workflow: 'release-conductor.yml', inputs: P0 })
    const attacked = {
      ...request,
      putArtifact: async (of: Parameters<typeof request.putArtifact>[0]) => {
        const stored = await request.putArtifact(of)
        const files = readArtifact(fake.artifacts.get(of.name) ?? new Uint8Array())
        fake.tamper(of.name, writeZip(new Map([...files, ['extra.json', Buffer.from('{}')]])))
        return stored
      },
    }
    const result = await runner.run(attacked)
    expect(result.conclusion).toBe('failure')
    expect([...fake.artifacts.keys()]).toStrictEqual(['rc-unsigned-P0-1'])
  })

  test('a server that vouches for the changed artifact is not enough either', async () => {
    const { fake, runner, request } = start({ workflow: 'release-conductor.yml', inputs: P0 })
    const attacked = {
      ...request,
      putArtifact: async (of: Parameters<typeof request.putArtifact>[0]) => {
        const honest = await request.putArtifact(of)
        if (!('dir' in of)) return honest
        const files = readArtifact(fake.artifacts.get(of.name) ?? new Uint8Array())
        const forged = await request.putArtifact({ name: `${of.name}-forged`, zip: writeZip(new Map([...files].slice(1))) })
        return { ...forged, digest: honest.digest }
      },
    }
    const result = await runner.run(attacked)
    expect(result.conclusion).toBe('failure')
    expect(logOf(runner)).toContain('digest-differs')
    expect([...fake.artifacts.keys()]).not.toContain('rc-P0-1')
  })

  test('without a key the job signs keyless: one certificate, for the identity that stands in every statement', async () => {
    await using sigstore = await fakeSigstore()
    const { fake, runner, request } = start({
      workflow: 'release-conductor.yml',
      inputs: P0,
      secrets: {},
      variables: { SIGSTORE_URL: sigstore.url },
    })
    const result = await runner.run(request)
    expect({ conclusion: result.conclusion, log: logOf(runner) }).toMatchObject({ conclusion: 'success', log: expect.stringContaining('(keyless)') })
    const bundles = [...readArtifact(fake.artifacts.get('rc-P0-1') ?? new Uint8Array())]
      .filter(([path]) => path.startsWith('attestations/'))
      .map(([, bytes]) => JSON.parse(Buffer.from(bytes).toString()) as { verificationMaterial: { certificate: { rawBytes: string } } })
    expect(bundles.length).toBeGreaterThan(2)
    expect(new Set(bundles.map((bundle) => bundle.verificationMaterial.certificate.rawBytes)).size).toBe(1)
    expect(sigstore.at('/api/v2/signingCert')).toHaveLength(1)
    expect(sigstore.at('/api/v1/timestamp')).toHaveLength(bundles.length)
    expect(sigstore.at('/api/v1/log/entries')).toHaveLength(0)
    const { credentials } = JSON.parse(sigstore.at('/api/v2/signingCert')[0]?.body.toString() ?? '') as { credentials: { oidcIdentityToken: string } }
    const claims = JSON.parse(Buffer.from(credentials.oidcIdentityToken.split('.')[1] ?? '', 'base64url').toString()) as object
    expect(claims).toMatchObject({ aud: 'sigstore', job_workflow_ref: `${NAME}/.github/workflows/conduct.yml@${OURS}` })
  })

  test('when the certificate authority does not answer, the job fails, and nothing unsigned is published', async () => {
    await using sigstore = await fakeSigstore({ answer: () => ({ status: 400, body: { message: 'unknown issuer' } }) })
    const { fake, runner, request } = start({ workflow: 'release-conductor.yml', inputs: P0, secrets: {}, variables: { SIGSTORE_URL: sigstore.url } })
    expect((await runner.run(request)).conclusion).toBe('failure')
    expect(logOf(runner)).toContain('refused: the certificate authority (Fulcio) refused: 400 unknown issuer')
    expect(fake.artifacts.has('rc-P0-1')).toBe(false)
  })

  test('a phase that does not exist fails the agents, and nothing is signed', async () => {
    const { runner, request } = start({ workflow: 'release-conductor.yml', inputs: { ...P0, phase: 'P0; rm -rf /' } })
    const result = await runner.run(request)
    expect(result.jobs.filter(({ conclusion }) => conclusion !== 'skipped').map((job) => [job.name, job.conclusion])).toStrictEqual([
      ['conduct / p0-agents', 'failure'],
    ])
    expect(logOf(runner)).toContain('bad-input: phase is')
  })

  test('an agents job taken over cannot claim a deployment', async () => {
    const evil = await mkdtemp(join(tmpdir(), 'evil-'))
    await cp(tree, evil, { recursive: true })
    const deployment = {
      schema_version: 1,
      event: 'deployed',
      environment: 'prod',
      step: 100,
      plan: 'x',
      version: 'v2.0.0',
      sha: OURS,
      digests: {},
      made_at: '2026-11-22T18:30:00.000Z',
    }
    const handover = { schema_version: 1, phase: 'P0', responses: [], self_tests: [], deployments: [deployment], files: [] }
    await writeFile(
      join(evil, 'actions/agents/dist/index.mjs'),
      `import { mkdirSync, writeFileSync } from 'node:fs'\nmkdirSync('handover')\nwriteFileSync('handover/handover.json', ${JSON.stringify(JSON.stringify(handover))})\n`,
    )
    const { runner, request } = start({ workflow: 'release-conductor.yml', inputs: P0, tree: evil })
    expect((await runner.run(request)).conclusion).toBe('failure')
    expect(logOf(runner)).toContain('entry-not-accepted')
  })
})

const conclusions = async (phase: string, workflow = 'release-conductor.yml') => {
  const { fake, runner, request } = start({ workflow, inputs: { ...P0, phase } })
  const { conclusion, jobs } = await runner.run(request)
  return { conclusion, jobs: Object.fromEntries(jobs.map((job) => [job.name, job.conclusion])), artifacts: [...fake.artifacts.keys()], runner }
}

describe('the graph of phases', () => {
  test('without a phase all that have agents run, each after those it needs, two jobs a phase', async () => {
    const { artifacts, conclusion, jobs } = await conclusions('')
    expect(conclusion).toBe('success')
    const ran = Object.entries(jobs).filter(([, how]) => how !== 'skipped')
    expect(ran.map(([name, how]) => `${name} ${how}`)).toEqual(
      ['p0-agents', 'p0-attest', 'p1-agents', 'p1-attest'].map((name) => `conduct / ${name} success`),
    )
    expect(artifacts).toStrictEqual(['rc-unsigned-P0-1', 'rc-P0-1', 'rc-unsigned-P1-1', 'rc-P1-1'])
  })

  test('one phase alone runs without those before it', async () => {
    const { artifacts, jobs } = await conclusions('P1')
    expect(artifacts).toStrictEqual(['rc-unsigned-P1-1', 'rc-P1-1'])
    expect(jobs).toMatchObject({ 'conduct / p0-agents': 'skipped', 'conduct / p0-attest': 'skipped' })
  })

  test('phase.yml does the same for callers with a graph of their own', async () => {
    const { artifacts, conclusion } = await conclusions('P0', 'phase.yml')
    expect([conclusion, artifacts]).toEqual(['success', ['rc-unsigned-P0-1', 'rc-P0-1']])
  })
})

describe('release-train.yml', () => {
  test('proves, decides, and lets a deploy job need the verdict: nothing measured is never a pass', async () => {
    const { fake, runner, request } = start({ workflow: 'train.yml', inputs: { pull: '7' } })
    const { jobs } = await runner.run(request)
    const told = Object.fromEntries(jobs.map((job) => [job.name, job.conclusion]))
    expect(told).toMatchObject({ 'train / prove / p1-attest': 'success', 'train / decide': 'failure', deploy: 'skipped', tell: 'success' })
    expect([...fake.artifacts.keys()]).toContain('rc-P1-1')
    const decide = runner.records.find(({ name }) => name === 'train / decide')
    expect(decide?.summary).toContain('gates hold')
    expect(decide?.summary).toContain('main has no regular file .github/release-conductor.yml')
    expect(logOf(runner)).toContain('verdict=fail')
    expect(fake.minted.at(-2)).toStrictEqual({ contents: 'read', 'pull-requests': 'read' })
  })
})

describe('report.yml', () => {
  test('signs the digests the deploy job names', async () => {
    const { fake, runner, request } = start({ workflow: 'deploy.yml', inputs: { step: '10', sha: repository.commits[0] ?? '' } })
    const result = await runner.run(request)
    expect({ ...result, log: logOf(runner) }).toMatchObject({ conclusion: 'success', log: expect.not.stringContaining('error:') as string })
    const files = readArtifact(fake.artifacts.get('rc-deploy-1') ?? new Uint8Array())
    expect([...files.keys()]).toStrictEqual(['attestations/rollout-event-prod.sigstore.json'])
    const { believed } = verifySignedPack({ files, trust, expect: { repositoryId: 4242, sha: repository.commits[0] ?? '' } })
    expect(believed[0]).toMatchObject({
      kind: 'rollout-event',
      predicate: { step: 10, sha: repository.commits[0], digests: { shop: `sha256:${'b'.repeat(64)}` }, event: 'deployed' },
    })
    expect(believed[0]?.predicate.origin.signer_workflow).toBe(`${NAME}/.github/workflows/report.yml@${OURS}`)
  })
})

describe('the workflow files', () => {
  test.each(WORKFLOWS)('%s: no expression in a script, top level without permissions', async (file) => {
    const text = await readFile(join(import.meta.dirname, '../../.github/workflows', file), 'utf8')
    expect(text).not.toMatch(/^\s+(- )?run:/m)
    expect(text).toContain('\npermissions: {}\n')
    for (const [, version] of text.matchAll(/uses: [^.\s]\S+@[0-9a-f]{40}(.*)$/gm)) expect(version).toMatch(/^ # v\d+\.\d+\.\d+$/)
    for (const uses of text.match(/uses: \S+/g) ?? []) expect(uses).toMatch(/^uses: (\.\/|\S+@[0-9a-f]{40}$)/)
  })
})
