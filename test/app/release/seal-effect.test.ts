import type { Witness } from '@sigstore/sign'
import { beforeAll, describe, expect, test } from 'vitest'
import { sealEffects, type SealEffect, type Sealing } from '../../../app/release/seal-effect.ts'
import { sealPack } from '../../../app/release/seal.ts'
import type { Decided, Outcome, OutboxRow, ReleaseRecord } from '../../../app/release/ports.ts'
import { Manifest } from '../../../evidence/model/manifest.ts'
import { checkFollows } from '../../../evidence/pack/follows.ts'
import { verifyPack } from '../../../evidence/pack/read.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import type { LedgerEntry } from '../../../evidence/ledger/chain.ts'
import { checkpointAt, notary, openCheckpoint, treeOf } from '../../../evidence/ledger/checkpoint.ts'
import type { ConsistencyFile } from '../../../evidence/ledger/consistency.ts'
import { readZip } from '../../../evidence/pack/zip.ts'
import { localKeySigner } from '../../../evidence/sign/local-key.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { timestamp } from '../../../evidence/model/primitives.ts'
import { configText, HEAD, KEY, NOW, recordOf, rolloutOf, rowOf } from '../../support/release.ts'
import { rewritten } from '../../evidence/ledger/entries.ts'
import { timestamp as timestampToken } from '../../support/sigstore/authority.ts'
import { NOW as STAMPED, Sigstore } from '../../support/sigstore/instance.ts'
import { worldOf, type World } from '../../support/release-ports.ts'
import { APP, APP_KEY, APP_SIGNER, JOB, JOB_KEY, sealedRelease } from '../../support/sealed-release.ts'

const NOTARY = notary(APP.privateKeyPem)
/** A number and a digest: what a name is made of. */
const nameOf = (seal: number, digest: string): string => `v2.0.0-${seal}-${digest.slice(0, 4)}.zip`

/** What the App wrote, by number. */
function packOf(written: ReadonlyMap<string, Uint8Array>, seal: number): Uint8Array {
  const [found, ...more] = [...written].filter(([path]) => path.startsWith(`v2.0.0-${seal}-`) && path.endsWith('.zip'))
  if (found === undefined || more.length > 0) throw new Error(`there are ${more.length} more packs ${seal}`)
  return found[1]
}

const SEAL: SealEffect = { kind: 'pack.seal', key: `${KEY}/seal/proven/1`, outcome: 'proven' }

let world: World
let record: ReleaseRecord
beforeAll(async () => {
  ;({ world } = await sealedRelease({ approvals: [] }))
  const found = await world.store.release(KEY)
  if (found === null) throw new Error('the release was opened')
  record = { ...found, data: { ...found.data, rollout: rolloutOf({ approval: { ...rolloutOf().approval, at: NOW } }), rollouts: 1 } }
})

/** What the proofs of a pack start from. */
function grown(zip: Uint8Array): string[] {
  const file = JSON.parse(Buffer.from(readZip(zip).get('audit/consistency.json') ?? '').toString()) as ConsistencyFile
  return file.from.map(({ kept_in, size }) => `${kept_in} ${size}`)
}

/** Series and approvals. */
const names = (zip: Uint8Array): string[] => [...readZip(zip).keys()].filter((path) => /^slo|approval-/.test(path)).toSorted()

const intended = (key: string) => world.store.append(KEY, [{ type: 'effect.intended', data: { key, kind: 'pack.seal' } }])

interface Setting extends Partial<Sealing> {
  readonly ledger?: readonly LedgerEntry[]
  readonly written?: Map<string, Uint8Array>
  /** Beside those of the world. */
  readonly rows?: readonly OutboxRow[]
}

function sealing({ ledger, written = new Map<string, Uint8Array>(), rows = [], ...over }: Setting = {}): {
  effects: ReturnType<typeof sealEffects>
  written: Map<string, Uint8Array>
  pointed: string[]
} {
  const store = Object.assign(Object.create(world.store) as typeof world.store, {
    release: async (key: string) => (key === KEY ? record : null),
    outbox: async (key: string) => [...(await world.store.outbox(key)), ...rows],
    ...(ledger !== undefined && { ledger: async () => ledger }),
  })
  const pointed: string[] = []
  const files: Sealing['files'] = {
    path: (_release, seal, digest) => nameOf(seal, digest),
    list: async (_release, seal) => [...written.keys()].filter((path) => path.startsWith(`v2.0.0-${seal}-`)),
    point: async (_release, path) => void pointed.push(path),
    write: async (path, bytes) => void written.set(path, bytes),
    read: async (path) => written.get(path) ?? null,
  }
  return {
    effects: sealEffects({
      store,
      signer: APP_SIGNER,
      notary: NOTARY,
      key: APP_KEY,
      clock: { now: () => NOW },
      draw: async () => null,
      files,
      ...over,
    }),
    written,
    pointed,
  }
}

test('the App brought it to merged by itself, every gate proven', () => {
  expect(record.state).toBe('merged')
})

describe('a sealed pack', () => {
  test('verifies from the pack and the public keys alone', async () => {
    const { effects, written, pointed } = sealing()
    const outcome = await effects.perform(SEAL)
    const zip = packOf(written, 1)
    const data = { seal: 1, path: nameOf(1, sha256(zip)), sha256: sha256(zip), stores: 'artifacts github-release' }
    expect(outcome).toMatchObject({ id: null, data })
    expect(outcome.data).not.toHaveProperty('previous')
    expect(pointed).toEqual([])
    const trust = trustOf({ keys: [APP_KEY, JOB_KEY] })
    const answer = verifyPack({ zip, trust, packTrust: trustOf({ keys: [APP_KEY] }), expect: { version: 'v2.0.0', repositoryId: 7, head: HEAD } })
    expect(answer.ok).toBe(true)
    expect(answer).toMatchObject({ report: { manifest: { version: 'v2.0.0', seal: 1, outcome: 'proven', previous: null, commits: { head: HEAD } } } })
    // Sealed and kept from the same instant: 400 days unless the config says otherwise.
    expect(answer).toMatchObject({ report: { manifest: { keep: { class: 'release', until: timestamp(NOW + 400 * 86_400_000) } } } })
  })

  test.each<[string, Partial<Parameters<typeof verifyPack>[0]>]>([
    ['without the job keys', { trust: trustOf({ keys: [APP_KEY] }) }],
    ['with another pack key', { packTrust: trustOf({ keys: [{ id: 'app', publicKeyPem: JOB.publicKeyPem }] }) }],
    ['for another commit', { expect: { version: 'v2.0.0', repositoryId: 7, head: '2'.repeat(40) } }],
    ['for another repository', { expect: { version: 'v2.0.0', repositoryId: 8, head: HEAD } }],
  ])('does not verify %s', async (_what, over) => {
    const { effects, written } = sealing()
    await effects.perform(SEAL)
    const zip = packOf(written, 1)
    const trust = trustOf({ keys: [APP_KEY, JOB_KEY] })
    expect(
      verifyPack({ zip, trust, packTrust: trustOf({ keys: [APP_KEY] }), expect: { version: 'v2.0.0', repositoryId: 7, head: HEAD }, ...over }).ok,
    ).toBe(false)
  })

  test('names the one before by its digest and has the next number, whatever the rollout; the newest of an end is pointed to', async () => {
    const { effects, written } = sealing()
    const first = rowOf(SEAL, await effects.perform(SEAL))
    const second = { ...SEAL, key: `${KEY}/seal/proven/2` }
    const rows = [first, rowOf(second, await sealing({ written, rows: [first] }).effects.perform(second))]
    const before = record
    record = { ...record, data: { ...record.data, rollout: rolloutOf({ stage: 'withdrawn', why: { code: 'manual', sentence: 'back' } }) } }
    // An attempt that left no outcome is no pack of the chain.
    const third = sealing({ written, rows: [...rows, rowOf({ ...SEAL, key: `${KEY}/seal/proven/3` }, null, { state: 'failed' })] })
    const { data } = await third.effects.perform({ kind: 'pack.seal', key: `${KEY}/seal/rolled_back/2`, outcome: 'rolled_back' })
    record = before
    const packs = [1, 2, 3].map((seal) => packOf(written, seal))
    expect(data).toMatchObject({ seal: 3, path: nameOf(3, sha256(packs[2] ?? '')), previous: sha256(packs[1] ?? '') })
    expect(third.pointed).toEqual([data?.['path']])
    const manifests = packs.map((zip) => {
      const trust = trustOf({ keys: [APP_KEY, JOB_KEY] })
      const answer = verifyPack({ zip, trust, packTrust: trustOf({ keys: [APP_KEY] }), expect: { version: 'v2.0.0', repositoryId: 7, head: HEAD } })
      return answer.ok ? answer.report.manifest : answer
    })
    expect(manifests).toMatchObject([
      { seal: 1, outcome: 'proven', previous: null },
      { seal: 2, outcome: 'proven', previous: sha256(packs[0] ?? ''), keep: { class: 'release' } },
      { seal: 3, outcome: 'rolled_back', previous: sha256(packs[1] ?? ''), keep: { class: 'incident' } },
    ])
  })

  test('of a release with two environments: one before each, one at the end, one after the way back; nothing is written over', async () => {
    const { packs, world: two } = await sealedRelease({ stage: true, approvals: [100, 100], back: true, draw: async () => null })
    expect((await two.store.release(KEY))?.state).toBe('rolled_back')
    const measured = 'slo/availability.objective.json'
    const prod = ['slo/prod-10.json', 'slo/prod-100.json', 'slo/prod-50.json']
    const [one, both] = [
      ['attestations/approval-stage-1-1.sigstore.json'],
      ['attestations/approval-prod-2-1.sigstore.json', 'attestations/approval-stage-1-1.sigstore.json'],
    ]
    expect([...packs].map(([seal, zip]) => [seal, names(zip)])).toEqual([
      [1, [...one, measured]],
      [2, [...both, measured, 'slo/stage-100.json']],
      [3, [...both, measured, ...prod, 'slo/stage-100.json']],
      [4, [...both, measured, ...prod, 'slo/stage-100.json']],
    ])
    const sealed = (await two.store.outbox(KEY)).flatMap(({ effect, outcome }) =>
      effect.kind === 'pack.seal' ? [[effect.outcome, outcome?.data]] : [],
    )
    const digest = (seal: number): string => sha256(packs.get(seal) ?? '')
    expect(sealed).toMatchObject([
      ['proven', { seal: 1, sha256: digest(1) }],
      ['proven', { seal: 2, sha256: digest(2), previous: digest(1) }],
      ['promoted', { seal: 3, sha256: digest(3), previous: digest(2) }],
      ['rolled_back', { seal: 4, sha256: digest(4), previous: digest(3) }],
    ])
    const incident = two.done.find((effect) => effect.kind === 'issue.open')
    expect(incident).toMatchObject({ body: expect.stringContaining(`pack 4 \`${digest(4)}\`, which follows \`${digest(3)}\``) })
    const published = two.done.filter((effect) => effect.kind === 'release.publish')
    expect(published).toMatchObject([{ assets: [{ name: 'evidence.zip', sha256: digest(3) }] }])
  })

  test('of a release whose agents ran twice holds what its verdicts cite, and no more', async () => {
    const { packs, world: twice } = await sealedRelease({ runs: 2 })
    expect((await twice.store.release(KEY))?.state).toBe('ga')
    expect([...packs.keys()]).toEqual([1, 2])
  })

  test('carries the signed checkpoint of its ledger, and tells it for the release', async () => {
    const { effects, written } = sealing()
    const { data } = await effects.perform(SEAL)
    const files = readZip(packOf(written, 1))
    const note = Buffer.from(files.get('audit/checkpoint.txt') ?? '')
    expect(data?.['checkpoint']).toBe(note.toString())
    const { checkpoint } = openCheckpoint(note, [APP_KEY])
    expect(checkpoint).toEqual({ origin: 'release-conductor.github.io/ledger/7/3', size: data?.['tree_size'], root: data?.['tree_root'] })
    expect(checkpoint).toEqual(checkpointAt(checkpoint.origin, treeOf(await world.store.ledger(KEY))))
  })

  test('proves that its ledger grew from what check runs kept, and from the pack before', async () => {
    const { effects, written } = sealing()
    const outcome = await effects.perform(SEAL)
    const kept = (await world.store.outbox(KEY)).flatMap(({ effect }) => (effect.kind === 'check.update' && effect.anchor ? effect.anchor.size : []))
    expect(kept.length).toBeGreaterThan(0)
    expect(grown(packOf(written, 1))).toEqual(kept.map((size) => `check-run ${size}`))
    await world.store.append(KEY, [{ type: 'later', data: {} }])
    const second = sealing({ written, rows: [rowOf(SEAL, outcome)] })
    await second.effects.perform({ ...SEAL, key: `${KEY}/seal/rolled_back/1`, outcome: 'rolled_back' })
    expect(grown(packOf(written, 2))).toContain(`pack ${String(outcome.data?.['tree_size'])}`)
  })

  test('is not made of a ledger that lost or rewrote what was kept of it', async () => {
    const ledger = await world.store.ledger(KEY)
    for (const [lost, code] of [
      [ledger.slice(0, 2), 'ledger'],
      [rewritten(ledger, 0), 'ledger'],
    ] as const) {
      const { effects, written } = sealing({ ledger: lost })
      await expect(effects.perform(SEAL)).rejects.toMatchObject({ name: 'PackError', code })
      expect(written.size).toBe(0)
    }
  })

  test('carries a timestamp when the operator names a clock, and the root that people check it with', async () => {
    const sigstore = new Sigstore()
    const stamp: Witness = {
      testify: async (content) => {
        const data = content.$case === 'dsseEnvelope' ? (content.dsseEnvelope.signatures[0]?.sig ?? Buffer.alloc(0)) : Buffer.alloc(0)
        return { rfc3161Timestamps: [{ signedTimestamp: timestampToken({ data, at: STAMPED, by: sigstore.clock.issuer }) }] }
      },
    }
    const sealer = localKeySigner({ id: 'app', privateKeyPem: APP.privateKeyPem }, [stamp])
    const root = sigstore.trustedRoot()
    const { effects, written } = sealing({ sealer, root })
    await effects.perform(SEAL)
    const zip = packOf(written, 1)
    expect(Buffer.from(readZip(zip).get('trusted_root.json') ?? '')).toEqual(root.bytes)
    const keys = [APP_KEY, JOB_KEY]
    expect(verifyPack({ zip, trust: trustOf({ keys, root }) })).toMatchObject({ ok: true })
    expect(verifyPack({ zip, trust: trustOf({ keys }) })).toMatchObject({ ok: false, errors: [{ path: 'signatures/manifest.sigstore.json' }] })
    expect(verifyPack({ zip, trust: trustOf({ keys, root: new Sigstore().trustedRoot() }) })).toMatchObject({ ok: false })
  })

  test('holds the logged signature of the one before, when the log has answered and it is as it was recorded', async () => {
    const { effects, written } = sealing()
    const outcome = await effects.perform(SEAL)
    const logged = Buffer.from('{"logged":"signature"}')
    written.set('logged.json', logged)
    const entry = { kind: 'log.enter', key: `${KEY}/log/proven/1`, seal: 1, pack: sha256(packOf(written, 1)), path: '' } as const
    const answer: Outcome = { id: null, data: { path: 'logged.json', sha256: sha256(logged) } }
    const inSecond = async (row: OutboxRow): Promise<Uint8Array | undefined> => {
      const second = sealing({ written: new Map(written), rows: [rowOf(SEAL, outcome), row] })
      await second.effects.perform({ ...SEAL, key: `${KEY}/seal/rolled_back/1`, outcome: 'rolled_back' })
      return readZip(packOf(second.written, 2)).get('signatures/seal-1.sigstore.json')
    }
    expect(await inSecond(rowOf(entry, answer))).toEqual(new Uint8Array(logged))
    for (const other of [
      rowOf(entry),
      rowOf({ ...entry, pack: 'd'.repeat(64) }, answer),
      rowOf(entry, { id: null, data: { ...answer.data, sha256: sha256('another') } }),
      rowOf(entry, { id: null, data: { ...answer.data, path: 'gone.json' } }),
    ])
      expect(await inSecond(other)).toBeUndefined()
  })

  describe('that an attempt left and could not tell of', () => {
    const FIRST: SealEffect = { ...SEAL, key: `${KEY}/seal/proven/found` }
    const END: SealEffect = { kind: 'pack.seal', key: `${KEY}/seal/rolled_back/found`, outcome: 'rolled_back' }

    test('is found, pointed to, and told as it would have been', async () => {
      const { effects, written } = sealing()
      expect(await effects.find(FIRST)).toBeNull()
      await intended(FIRST.key)
      const first = await effects.perform(FIRST)
      expect(await effects.find(FIRST)).toEqual(first)
      await intended(END.key)
      const second = sealing({ written, rows: [rowOf(FIRST, first)] })
      const end = await second.effects.perform(END)
      const again = sealing({ written, rows: [rowOf(FIRST, first)] })
      expect([await again.effects.find(END), again.pointed]).toEqual([end, [end.data?.['path']]])
      expect(written.size).toBe(2)
    })

    test('is found by the release, so that each is sealed once and they follow each other', async () => {
      const { packs, written, world: lossy } = await sealedRelease({ loses: true, back: true, draw: async () => null })
      expect((await lossy.store.release(KEY))?.state).toBe('rolled_back')
      const recovered = (await lossy.store.ledger(KEY)).filter(({ type, data }) => type === 'effect.recovered' && data['kind'] === 'pack.seal')
      expect([[...packs.keys()], written, recovered.length]).toEqual([[1, 2, 3], 3, 3])
      const chain = checkFollows(
        [...packs].map(([seal, zip]) => {
          const files = readZip(zip)
          const manifest = Manifest.parse(JSON.parse(Buffer.from(files.get('manifest.json') ?? '').toString()))
          return { name: String(seal), sha256: sha256(zip), manifest, ledger: files.get('audit/ledger.jsonl') ?? new Uint8Array() }
        }),
      )
      expect(chain).toMatchObject({ ok: true, errors: [] })
    })

    test('is not taken for another: of another intent, outcome, number or pack before, or broken', async () => {
      const { effects, written } = sealing()
      await intended(FIRST.key)
      await intended(END.key)
      const first = await effects.perform(FIRST)
      expect(await effects.find({ ...FIRST, key: `${KEY}/seal/proven/other` })).toBeNull()
      expect(await effects.find(END)).toBeNull()
      expect(await sealing({ written, rows: [rowOf(SEAL, first)] }).effects.find(FIRST)).toBeNull()
      const [path, zip] = [...written][0] ?? ['', new Uint8Array()]
      const next = new Map([[path.replace('-1-', '-2-'), zip]])
      expect(await sealing({ written: next, rows: [rowOf(SEAL, first)] }).effects.find(FIRST)).toBeNull()
      for (const bytes of [zip.slice(0, -1), zip.map((byte, at) => (at === 300 ? byte ^ 1 : byte)), new Uint8Array()])
        expect(await sealing({ written: new Map([[path, bytes]]) }).effects.find(FIRST)).toBeNull()
    })
  })
})

describe('nothing is kept', () => {
  test('of a release that the store does not have', async () => {
    const { effects, written } = sealing()
    await expect(effects.perform({ ...SEAL, key: '7#99/seal/proven/1' })).rejects.toMatchObject({ code: 'no-such-release' })
    expect(written.size).toBe(0)
  })

  test('when the pack does not verify with the given keys', async () => {
    const { effects, written } = sealing({ key: { id: 'app', publicKeyPem: JOB.publicKeyPem } })
    await expect(effects.perform(SEAL)).rejects.toMatchObject({ name: 'ReleaseError', code: 'pack-unverified' })
    expect(written.size).toBe(0)
  })

  test.each<[string, (one: Decided) => Decided, string]>([
    [
      'says something else than the evidence',
      (one) => ({ ...one, verdict: { ...one.verdict, metrics: { ...one.verdict.metrics, required: 9 } } }),
      'all_required_gates',
    ],
    [
      'was decided from another config',
      (one) => ({ ...one, context: one.context && { ...one.context, policy_digest: '9'.repeat(64) } }),
      'hardening',
    ],
  ])('when a verdict %s', async (_what, spoil, gate) => {
    const store = Object.assign(Object.create(world.store) as typeof world.store, {
      release: async () => record,
      verdicts: async (key: string, sha: string) => (await world.store.verdicts(key, sha)).map((one) => (one.gate === gate ? spoil(one) : one)),
    })
    const { effects, written } = sealing({ store })
    await expect(effects.perform(SEAL)).rejects.toMatchObject({ code: 'pack-unreplayable', message: expect.stringContaining(gate) })
    expect(written.size).toBe(0)
  })

  test('while nothing says what a verdict was decided from', async () => {
    const verdicts = async (key: string, sha: string) => (await world.store.verdicts(key, sha)).map((one) => ({ ...one, context: null }))
    const { effects } = sealing({ store: Object.assign(Object.create(world.store) as typeof world.store, { release: async () => record, verdicts }) })
    await expect(effects.perform(SEAL)).rejects.toMatchObject({ code: 'incomplete' })
  })

  test.each<[string, (store: World['store']) => Partial<World['store']>, Partial<ReleaseRecord['data']>]>([
    ['without a config', () => ({}), { policy: null }],
    ['when a blob is lost', () => ({ blob: async () => null }), {}],
  ])('%s: incomplete refuses', async (_what, change, data) => {
    const store = Object.assign(Object.create(world.store) as typeof world.store, change(world.store))
    const inputs = {
      store,
      draw: async () => null,
      signer: APP_SIGNER,
      notary: NOTARY,
      record: { ...record, data: { ...record.data, ...data } },
      outcome: 'proven',
      before: null,
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
