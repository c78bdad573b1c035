import { beforeAll, describe, expect, test } from 'vitest'
import { AGENTS } from '../../../agents/index.ts'
import { admitRuns } from '../../../app/release/admit.ts'
import type { ArtifactFacts, Effect, RunFacts } from '../../../app/release/ports.ts'
import { readArtifact } from '../../../evidence/pack/artifact.ts'
import { writeZip } from '../../support/zip.ts'
import { generateKeyPair, localKeySigner } from '../../../evidence/sign/local-key.ts'
import type { Origin } from '../../../evidence/model/statement.ts'
import { healthyHandover, healthyPullRequest, signDeployment, signHandover } from '../../support/evidence.ts'
import { configOf, configText, DIGESTS, HEAD, KEY, OTHER_HEAD, originOf, recordOf, rowOf } from '../../support/release.ts'
import { runOf, worldOf, type World } from '../../support/release-ports.ts'

const KEYS = generateKeyPair()
const SIGNER = localKeySigner({ id: 'demo', privateKeyPem: KEYS.privateKeyPem })
const STRANGER = localKeySigner({ id: 'demo', privateKeyPem: generateKeyPair().privateKeyPem })
const CONFIG = configOf(configText({ demo: KEYS.publicKeyPem }))
const RUN = 55
const MEBIBYTE = 1024 * 1024

async function signed(origin: Origin = originOf(RUN), signer = SIGNER, sha = HEAD): Promise<Uint8Array> {
  const { handover, files } = healthyHandover({ sha, pullRequest: healthyPullRequest(), config: CONFIG.text, now: 0 })
  return await signHandover(handover, files, origin, signer)
}

let good: Uint8Array
beforeAll(async () => {
  good = await signed()
})

function dispatched(workflow = 'release-conductor.yml', id = RUN): ReturnType<typeof rowOf> {
  const effect: Effect = { kind: 'workflow.dispatch', key: `${KEY}/evidence/${id}`, workflow, ref: 'release/v2.0.0', inputs: {} }
  return rowOf(effect, { id })
}

interface Arrival {
  readonly bytes?: Uint8Array | Error
  readonly run?: Partial<RunFacts>
  readonly artifact?: Partial<ArtifactFacts>
  readonly workflow?: string
}

async function arrive({ bytes = good, run = {}, artifact = {}, workflow }: Arrival = {}): Promise<{
  world: World
  codes: string[]
  topics: string[]
}> {
  const world = worldOf()
  world.runs = [runOf(RUN, run)]
  world.artifacts.set(RUN, [{ id: 9, name: 'rc-P0-1', size: 1_000, digest: null, expired: false, ...artifact }])
  world.bytes.set(9, bytes)
  await admitRuns(world.ports, recordOf(), { outbox: [dispatched(workflow)], config: CONFIG })
  return { world, ...(await kept(world)) }
}

async function kept(world: World): Promise<{ codes: string[]; topics: string[] }> {
  const rows = await world.store.evidence(KEY, HEAD)
  return {
    codes: [...new Set((await world.store.rejections(KEY)).map((rejection) => rejection.code))],
    topics: rows.map(({ evidence }) => (evidence.kind === 'agent-response' ? evidence.predicate.topic : evidence.kind)).toSorted(),
  }
}

const P0 = AGENTS.filter((agent) => agent.phase.includes('P0')).map((agent) => agent.topic)
const BELIEVED = [...P0, 'self-test', 'self-test', 'self-test', 'self-test'].toSorted()

describe('a good artifact', () => {
  test('is believed, with its bundle and files kept by digest', async () => {
    const { world, codes, topics } = await arrive()
    expect({ codes, topics }).toEqual({ codes: [], topics: BELIEVED })
    for (const row of await world.store.evidence(KEY, HEAD)) {
      expect(row).toMatchObject({ source: 'artifact:9', evidence: { signer: 'demo' } })
      expect(await world.store.blob(row.bundle)).not.toBeNull()
      for (const file of row.files) expect(await world.store.blob(file.sha256)).not.toBeNull()
      expect(row.files.length > 0).toBe(row.evidence.kind === 'agent-response')
    }
    expect((await world.store.ledger(KEY)).map((entry) => entry.type)).toEqual(BELIEVED.map(() => 'evidence.believed'))
  })

  test('is downloaded once', async () => {
    const { world } = await arrive()
    await admitRuns(world.ports, recordOf(), { outbox: [dispatched()], config: CONFIG })
    expect(world.asked.filter((what) => what === 'download 9')).toHaveLength(1)
  })

  test('of a deploy job tells what runs', async () => {
    const event = {
      schema_version: 1 as const,
      event: 'deployed' as const,
      environment: 'prod',
      step: 10,
      plan: 'a'.repeat(32),
      version: 'v2.0.0',
      sha: HEAD,
      digests: DIGESTS,
      made_at: '2026-11-22T12:00:00.000Z',
    }
    const bytes = await signDeployment(event, originOf(RUN, { sha: OTHER_HEAD, ref: 'refs/heads/main' }), SIGNER)
    const { codes, topics } = await arrive({
      bytes,
      run: { path: '.github/workflows/deploy.yml', headSha: OTHER_HEAD },
      artifact: { name: 'rc-deploy-1' },
      workflow: 'deploy.yml',
    })
    expect({ codes, topics }).toEqual({ codes: [], topics: ['rollout-event'] })
  })
})

describe('kept as rejected, with its code, and nothing of it believed', () => {
  test.each<[string, string, Arrival]>([
    ['another workflow', 'wrong-workflow', { run: { path: '.github/workflows/evil.yml' } }],
    ['an event that is never evidence', 'wrong-event', { run: { event: 'pull_request' } }],
    ['a run of a fork', 'wrong-repository', { run: { headRepositoryId: 8 } }],
    ['a size above the limit', 'too-large', { artifact: { size: 32 * MEBIBYTE + 1 } }],
    ['an artifact that has expired', 'expired', { artifact: { expired: true } }],
    ['what is no zip', 'unreadable', { bytes: Buffer.from('<html>') }],
    ['an empty answer', 'unreadable', { bytes: new Uint8Array() }],
    ['more bytes than the listing said', 'too-large', { bytes: Object.assign(new Error('33 MiB came'), { code: 'too-large' }) }],
  ])('%s: %s', async (_what, code, arrival) => {
    const { world, codes, topics } = await arrive(arrival)
    expect({ codes, topics }).toEqual({ codes: [code], topics: [] })
    expect([...(await world.store.sources(KEY))]).toEqual(['artifact:9'])
    expect((await world.store.ledger(KEY)).map((entry) => [entry.type, entry.data['code']])).toEqual([['evidence.rejected', code]])
  })

  test.each<[string, string, () => Promise<Uint8Array>]>([
    ['made in another run', 'wrong-run', () => signed(originOf(RUN + 1))],
    ['made in another attempt', 'wrong-run', () => signed(originOf(RUN, { run_attempt: 2 }))],
    ['started by another event than the API says', 'wrong-run', () => signed(originOf(RUN, { event: 'push' }))],
  ])('%s: %s', async (_what, code, make) => {
    const { codes, topics } = await arrive({ bytes: await make() })
    expect({ codes, topics }).toEqual({ codes: [code], topics: [] })
  })

  test.each<[string, () => Promise<Uint8Array>]>([
    ['signed by a stranger with the same name', () => signed(originOf(RUN), STRANGER)],
    ['about another commit', () => signed(originOf(RUN, { sha: OTHER_HEAD }), SIGNER, OTHER_HEAD)],
    ['about another repository', () => signed(originOf(RUN, { repository_id: 8 }))],
  ])('%s', async (_what, make) => {
    const { codes, topics } = await arrive({ bytes: await make() })
    expect(topics).toEqual([])
    expect(codes.length).toBeGreaterThan(0)
  })

  test('a changed file: what covers it is rejected, the rest is believed', async () => {
    const files = new Map(readArtifact(good))
    const path = 'ci/commit_lint.json'
    files.set(path, Buffer.concat([files.get(path) ?? new Uint8Array(), Buffer.from(' ')]))
    const { codes, topics } = await arrive({ bytes: writeZip(files) })
    expect(codes).toContain('wrong-subject')
    expect(topics).toEqual(BELIEVED.filter((topic) => topic !== 'commits'))
  })

  test('a file that nothing covers is rejected, and kept from everything', async () => {
    const files = new Map(readArtifact(good))
    files.set('ci/smuggled.json', Buffer.from('{}'))
    const { world, codes, topics } = await arrive({ bytes: writeZip(files) })
    expect({ codes, topics }).toEqual({ codes: ['not-covered'], topics: BELIEVED })
    const paths = (await world.store.evidence(KEY, HEAD)).flatMap((row) => row.files.map((file) => file.path))
    expect(paths).not.toContain('ci/smuggled.json')
  })
})

describe('not looked at', () => {
  test.each<[string, Arrival]>([
    ['a run that is not completed', { run: { status: 'in_progress' } }],
    ['an artifact of another attempt', { run: { attempt: 2 } }],
    ['the unsigned artifact', { artifact: { name: 'rc-unsigned-P0-1' } }],
    ['a name that only ends like ours', { artifact: { name: 'x-rc-P0-1' } }],
  ])('%s', async (_what, arrival) => {
    const { world } = await arrive(arrival)
    expect(world.asked.filter((what) => what.startsWith('download'))).toEqual([])
    expect([...(await world.store.sources(KEY))]).toEqual([])
  })

  test('a run that GitHub does not know, and any run without a readable config', async () => {
    const world = worldOf()
    expect((await admitRuns(world.ports, recordOf(), { outbox: [dispatched()], config: CONFIG })).size).toBe(0)
    world.runs = [runOf(RUN)]
    const runs = await admitRuns(world.ports, recordOf(), { outbox: [dispatched()], config: { ok: false, code: 'config.absent', message: '' } })
    expect([...runs.keys()]).toEqual([RUN])
    expect(world.asked).not.toContain('artifacts')
  })
})

test('GitHub or the store out of reach is no rejection: it is asked again', async () => {
  await expect(arrive({ bytes: new Error('502') })).rejects.toThrow('502')
  const world = worldOf()
  world.runs = [runOf(RUN)]
  world.artifacts.set(RUN, [{ id: 9, name: 'rc-P0-1', size: 1_000, digest: null, expired: false }])
  world.bytes.set(9, good)
  const broken = {
    ...world.ports,
    store: Object.assign(Object.create(world.store) as typeof world.store, { putBlob: () => Promise.reject(new Error('disk full')) }),
  }
  await expect(admitRuns(broken, recordOf(), { outbox: [dispatched()], config: CONFIG })).rejects.toThrow('disk full')
  expect([...(await world.store.sources(KEY))]).toEqual([])
  await admitRuns(world.ports, recordOf(), { outbox: [dispatched()], config: CONFIG })
  expect((await kept(world)).topics).toEqual(BELIEVED)
})

function keyOf(phase: string, sha: string, times: number): string {
  return `${KEY}/evidence/${phase}/${sha.slice(0, 12)}/${'0'.repeat(12)}/${times}`
}

test('the newest run of each phase on this head is looked at, however many came after it; of the others the newest few', async () => {
  const world = worldOf()
  const keys = [
    keyOf('P0', OTHER_HEAD, 0),
    keyOf('P0', HEAD, 0),
    keyOf('P0', HEAD, 1),
    ...Array.from({ length: 12 }, (_, times) => keyOf('P1', HEAD, times)),
  ]
  const outbox = keys.map((one, at) => {
    const { effect } = dispatched()
    return rowOf({ ...effect, key: one }, { id: 100 + at })
  })
  world.runs = keys.map((_, at) => runOf(100 + at, { status: 'in_progress', conclusion: null }))
  const runs = await admitRuns(world.ports, recordOf(), { outbox, config: CONFIG })
  expect([...runs.keys()]).toEqual([102, ...Array.from({ length: 8 }, (_, at) => 107 + at)])
})
