import { beforeAll, describe, expect, test } from 'vitest'
import { reconcile } from '../../../app/release/reconcile.ts'
import { sealEffects, type SealEffect, type Sealing } from '../../../app/release/seal-effect.ts'
import { sealPack } from '../../../app/release/seal.ts'
import type { Effect, ReleaseRecord } from '../../../app/release/ports.ts'
import { verifyPack } from '../../../evidence/pack/read.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { timestamp } from '../../../evidence/model/primitives.ts'
import { generateKeyPair, localKeySigner } from '../../../evidence/sign/local-key.ts'
import { healthyHandover, healthyPullRequest, signHandover } from '../../support/evidence.ts'
import { configText, HEAD, KEY, MERGED, NOW, originOf, pullOf, recordOf, REPOSITORY, rolloutOf } from '../../support/release.ts'
import { runOf, worldOf, type World } from '../../support/release-ports.ts'

const JOB = generateKeyPair()
const APP = generateKeyPair()
const SIGNER = localKeySigner({ id: 'app', privateKeyPem: APP.privateKeyPem })
const TRUSTED = { id: 'app', publicKeyPem: APP.publicKeyPem }
const SEAL: SealEffect = { kind: 'pack.seal', key: `${KEY}/seal/1/1`, seal: 1, outcome: 'proven' }

/** A proven, merged release with an approved rollout, as the App itself brought it there. */
async function proven(): Promise<World> {
  const world = worldOf({ config: configText({ demo: JOB.publicKeyPem }), pull: pullOf(healthyPullRequest()) })
  const look = { repository: REPOSITORY, pull: 3, mode: 'full' as const }
  world.perform = (effect: Effect) => ({ id: effect.kind === 'workflow.dispatch' ? 55 : world.done.length + 200 })
  await reconcile(world.context, look)
  const { handover, files } = healthyHandover({ sha: HEAD, pullRequest: healthyPullRequest(), config: world.config ?? '', now: NOW })
  world.runs = [runOf(55)]
  world.artifacts.set(55, [{ id: 9, name: 'rc-P0-1', size: 1_000, digest: null, expired: false }])
  world.bytes.set(9, await signHandover(handover, files, originOf(55), localKeySigner({ id: 'demo', privateKeyPem: JOB.privateKeyPem })))
  await reconcile(world.context, look)
  world.pull = pullOf({ ...healthyPullRequest(), ...MERGED })
  await reconcile(world.context, look)
  return world
}

let world: World
let record: ReleaseRecord
beforeAll(async () => {
  world = await proven()
  const found = await world.store.release(KEY)
  if (found === null) throw new Error('the release was opened')
  record = { ...found, data: { ...found.data, rollout: rolloutOf({ approval: { ...rolloutOf().approval, at: NOW } }), rollouts: 1 } }
})

function sealing(over: Partial<Sealing> = {}): { effects: ReturnType<typeof sealEffects>; written: Map<string, Uint8Array> } {
  const written = new Map<string, Uint8Array>()
  const store = Object.assign(Object.create(world.store) as typeof world.store, { release: async (key: string) => (key === KEY ? record : null) })
  const files: Sealing['files'] = {
    path: ({ version }, seal) => `${version}-${seal}.zip`,
    write: async (path, bytes) => void written.set(path, bytes),
    read: async (path) => written.get(path) ?? null,
  }
  return { effects: sealEffects({ store, signer: SIGNER, key: TRUSTED, clock: { now: () => NOW }, files, ...over }), written }
}

test('the App brought it to merged by itself, every gate proven', () => {
  expect(record.state).toBe('merged')
})

describe('a sealed pack', () => {
  test('verifies from the pack and the public keys alone', async () => {
    const { effects, written } = sealing()
    const outcome = await effects.perform(SEAL)
    const zip = written.get('v2.0.0-1.zip') ?? new Uint8Array()
    expect(outcome).toMatchObject({ id: null, data: { path: 'v2.0.0-1.zip', sha256: sha256(zip) } })
    const trust = trustOf({ keys: [TRUSTED, { id: 'demo', publicKeyPem: JOB.publicKeyPem }] })
    const answer = verifyPack({ zip, trust, packTrust: trustOf({ keys: [TRUSTED] }), expect: { version: 'v2.0.0', repositoryId: 7, head: HEAD } })
    expect(answer.ok).toBe(true)
    expect(answer).toMatchObject({ report: { manifest: { version: 'v2.0.0', seal: 1, outcome: 'proven', previous: null, commits: { head: HEAD } } } })
    // Sealed and kept from the same instant: 400 days unless the config says otherwise.
    expect(answer).toMatchObject({ report: { manifest: { keep: { class: 'release', until: timestamp(NOW + 400 * 86_400_000) } } } })
  })

  test.each<[string, Partial<Parameters<typeof verifyPack>[0]>]>([
    ['without the job keys', { trust: trustOf({ keys: [TRUSTED] }) }],
    ['with another pack key', { packTrust: trustOf({ keys: [{ id: 'app', publicKeyPem: JOB.publicKeyPem }] }) }],
    ['for another commit', { expect: { version: 'v2.0.0', repositoryId: 7, head: '2'.repeat(40) } }],
    ['for another repository', { expect: { version: 'v2.0.0', repositoryId: 8, head: HEAD } }],
  ])('does not verify %s', async (_what, over) => {
    const { effects, written } = sealing()
    await effects.perform(SEAL)
    const zip = written.get('v2.0.0-1.zip') ?? new Uint8Array()
    const trust = trustOf({ keys: [TRUSTED, { id: 'demo', publicKeyPem: JOB.publicKeyPem }] })
    expect(
      verifyPack({ zip, trust, packTrust: trustOf({ keys: [TRUSTED] }), expect: { version: 'v2.0.0', repositoryId: 7, head: HEAD }, ...over }).ok,
    ).toBe(false)
  })

  test('the second names the first by its digest', async () => {
    const { effects, written } = sealing()
    await effects.perform(SEAL)
    record = { ...record, data: { ...record.data, rollout: rolloutOf({ stage: 'withdrawn', why: { code: 'manual', sentence: 'back' } }) } }
    const { data } = await effects.perform({ ...SEAL, key: `${KEY}/seal/2/1`, seal: 2, outcome: 'rolled_back' })
    expect(data?.['path']).toBe('v2.0.0-2.zip')
    const answer = verifyPack({
      zip: written.get('v2.0.0-2.zip') ?? new Uint8Array(),
      trust: trustOf({ keys: [TRUSTED, { id: 'demo', publicKeyPem: JOB.publicKeyPem }] }),
      packTrust: trustOf({ keys: [TRUSTED] }),
      expect: { version: 'v2.0.0', repositoryId: 7, head: HEAD },
    })
    expect(answer.ok && answer.report.manifest.keep?.class).toBe('incident')
    expect(answer.ok && answer.report.manifest.previous).toBe(sha256(written.get('v2.0.0-1.zip') ?? new Uint8Array()))
  })

  test('that was built is never found by guessing: it is built again', async () => {
    const { effects } = sealing()
    await effects.perform(SEAL)
    expect(await effects.find(SEAL)).toBeNull()
  })
})

describe('nothing is kept', () => {
  test('of a release that the store does not have', async () => {
    const { effects, written } = sealing()
    await expect(effects.perform({ ...SEAL, key: '7#99/seal/1/1' })).rejects.toMatchObject({ code: 'no-such-release' })
    expect(written.size).toBe(0)
  })

  test('when the pack does not verify with the given keys', async () => {
    const { effects, written } = sealing({ key: { id: 'app', publicKeyPem: JOB.publicKeyPem } })
    await expect(effects.perform(SEAL)).rejects.toMatchObject({ name: 'ReleaseError', code: 'pack-unverified' })
    expect(written.size).toBe(0)
  })

  test.each<[string, (store: World['store']) => Partial<World['store']>, Partial<ReleaseRecord['data']>]>([
    ['without a config', () => ({}), { policy: null }],
    ['when a blob is lost', () => ({ blob: async () => null }), {}],
  ])('%s: incomplete refuses', async (_what, change, data) => {
    const store = Object.assign(Object.create(world.store) as typeof world.store, change(world.store))
    const inputs = {
      store,
      signer: SIGNER,
      record: { ...record, data: { ...record.data, ...data } },
      seal: 1,
      outcome: 'proven',
      previous: null,
      now: NOW,
      retention: { release: 1, incident: 2 },
    } as const
    await expect(sealPack(inputs)).rejects.toMatchObject({ name: 'ReleaseError', code: 'incomplete' })
  })

  test('a release without evidence is no pack of a go', async () => {
    const empty = worldOf()
    await empty.store.putBlob(Buffer.from(configText()))
    await empty.store.append(KEY, [{ type: 'opened', data: {} }])
    const bare = recordOf({ state: 'merged' }, { policy: { commit: 'c'.repeat(40), digest: sha256(configText()) } })
    const { effects, written } = sealing({ store: Object.assign(Object.create(empty.store) as typeof empty.store, { release: async () => bare }) })
    await expect(effects.perform(SEAL)).rejects.toMatchObject({ code: 'pack-unverified' })
    expect(written.size).toBe(0)
  })
})
