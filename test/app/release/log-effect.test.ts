import { describe, expect, test } from 'vitest'
import { logEffects, loggedPath, type LogEffect, type Logging, type LogPort } from '../../../app/release/log-effect.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { decodeBase64 } from '../../../evidence/core/dsse.ts'
import { MANIFEST, MANIFEST_SIGNATURE } from '../../../evidence/pack/layout.ts'
import { writeZip } from '../../support/zip.ts'
import { generateKeyPair, localKeySigner } from '../../../evidence/sign/local-key.ts'
import { bundleBytes, statementBytes, statementOf } from '../../../evidence/sign/statement.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import { Sigstore, type BundleJson } from '../../support/sigstore/instance.ts'
import { BODIES } from '../../support/sigstore/log.ts'

const KEYS = generateKeyPair()
const SIGSTORE = new Sigstore()
const MANIFEST_BYTES = Buffer.from('{"a":"manifest"}')
const CHECKPOINT = {
  schema_version: 1,
  version: 'v2.0.0',
  seal: 1,
  ledger: { root: 'd'.repeat(64), entries: 3 },
  tree: { origin: 'release-conductor.github.io/ledger/7/3', size: 3, root: 'f'.repeat(64) },
  evidence_root: 'e'.repeat(64),
  previous: null,
  at: '2026-11-22T12:00:00.000Z',
}

async function signatureOf(manifest: Uint8Array, keys = KEYS): Promise<Uint8Array> {
  const about = { repository: 'acme/shop', commit: '1'.repeat(40), files: [{ path: MANIFEST, sha256: sha256(manifest) }] }
  const signer = localKeySigner({ id: 'app', privateKeyPem: keys.privateKeyPem })
  return bundleBytes(await signer.sign(statementBytes(statementOf('checkpoint', CHECKPOINT, about))))
}

const ZIP = writeZip(
  new Map([
    [MANIFEST, MANIFEST_BYTES],
    [MANIFEST_SIGNATURE, await signatureOf(MANIFEST_BYTES)],
  ]),
)
const PATH = '/packs/evidence-1.zip'
const ENTER: LogEffect = { kind: 'log.enter', key: '7#3/log/proven/1', seal: 1, pack: sha256(ZIP), path: PATH }

function withEntry(bundle: unknown, sigstore = SIGSTORE): unknown {
  const { dsseEnvelope: envelope } = bundle as BundleJson
  const [payload, signature] = [decodeBase64(envelope.payload), decodeBase64(envelope.signatures[0]?.sig ?? '')]
  const entry = sigstore.entry({ body: BODIES.hashedrekord({ payloadType: envelope.payloadType, payload, signature, verifier: KEYS.publicKeyPem }) })
  const { verificationMaterial } = bundle as BundleJson
  return { ...(bundle as BundleJson), verificationMaterial: { ...verificationMaterial, tlogEntries: [entry] } }
}

interface Stage {
  now: number
  readonly files: Map<string, Uint8Array>
  readonly asked: string[]
  readonly effects: ReturnType<typeof logEffects>
  /** Another process over the same files. */
  readonly other: (owner: string) => ReturnType<typeof logEffects>
}

function stage(log: Partial<LogPort> = {}, over: Partial<Logging> = {}): Stage {
  const files = new Map<string, Uint8Array>([[PATH, ZIP]])
  const asked: string[] = []
  const port: LogPort = {
    size: async () => 41,
    find: async () => null,
    enter: async (bundle) => withEntry(bundle),
    ...log,
  }
  const told = (what: string): void => void asked.push(what)
  const made = (owner: string): ReturnType<typeof logEffects> =>
    logEffects({
      log: {
        size: () => (told('size'), port.size()),
        find: (bundle, from) => (told(`find ${from}`), port.find(bundle, from)),
        enter: (bundle) => (told('enter'), port.enter(bundle)),
      },
      clock: { now: () => staged.now },
      owner,
      trust: trustOf({ keys: [{ id: 'app', publicKeyPem: KEYS.publicKeyPem }], root: SIGSTORE.trustedRoot() }),
      files: { read: async (path) => files.get(path) ?? null, write: async (path, bytes) => void files.set(path, bytes) },
      soon: async (work) => work,
      ...over,
    })
  const staged: Stage = { now: 1_000_000, files, asked, effects: made('one'), other: made }
  return staged
}

const away = async (): Promise<never> => {
  throw new Error('502')
}

test('the logged signature lies beside the pack, and the pack is not written again', async () => {
  const { effects, files, asked } = stage()
  const outcome = await effects.perform(ENTER)
  const logged = files.get('/packs/evidence-1.sigstore.json') ?? new Uint8Array()
  expect(outcome).toEqual({ id: null, data: { path: '/packs/evidence-1.sigstore.json', sha256: sha256(logged), pack: sha256(ZIP) } })
  expect(files.get(PATH)).toBe(ZIP)
  expect(asked).toEqual(['size', 'enter'])
  expect(loggedPath('/packs/evidence.zip')).toBe('/packs/evidence.sigstore.json')
})

test('what is kept already is found, and the log is not asked again', async () => {
  const { effects, asked, other } = stage()
  expect(await effects.find(ENTER)).toBeNull()
  const outcome = await effects.perform(ENTER)
  expect(await other('two').find(ENTER)).toEqual(outcome)
  expect(await other('two').perform(ENTER)).toEqual(outcome)
  expect(asked).toEqual(['size', 'enter'])
})

test('after a death between the log and the disk, the entry is looked for from where it can be, and not added again', async () => {
  const first = stage({ enter: async (bundle) => (added.push(bundle), away()) })
  const added: unknown[] = []
  await expect(first.effects.perform(ENTER)).rejects.toThrow('502')
  const again = stage({ find: async (bundle) => withEntry(bundle) })
  for (const [path, bytes] of first.files) again.files.set(path, bytes)
  again.now = first.now + 5_000
  expect(await again.other('reborn').perform(ENTER)).toMatchObject({ data: { pack: sha256(ZIP) } })
  expect([added.length, again.asked]).toEqual([1, ['find 41']])
})

test('while another process may still be answered, ours only looks', async () => {
  const staged = stage({ enter: away })
  await expect(staged.effects.perform(ENTER)).rejects.toThrow('502')
  await expect(staged.other('two').perform(ENTER)).rejects.toMatchObject({ code: 'log-pending' })
  expect(staged.asked).toEqual(['size', 'enter', 'find 41'])
  staged.now += 31_000
  await expect(staged.other('two').perform(ENTER)).rejects.toThrow('502')
  expect(staged.asked).toEqual(['size', 'enter', 'find 41', 'find 41', 'enter'])
})

test('a log that is slow holds nobody up: the attempt goes on, and is not made twice meanwhile', async () => {
  const { promise: slow, resolve: answer } = Promise.withResolvers<void>()
  const { effects, asked } = stage({ enter: async (bundle) => (await slow, withEntry(bundle)) }, { soon: async () => undefined })
  expect(effects.waits(ENTER)).toBe(false)
  await expect(effects.perform(ENTER)).rejects.toMatchObject({ code: 'log-pending' })
  expect(effects.waits(ENTER)).toBe(true)
  answer()
  await expect.poll(() => effects.waits(ENTER)).toBe(false)
  expect(await effects.find(ENTER)).toMatchObject({ data: { pack: sha256(ZIP) } })
  expect(asked.filter((what) => what === 'enter')).toHaveLength(1)
})

test('a log that is away is asked less and less often, at least once a minute', async () => {
  const staged = stage({ enter: away })
  const waits: number[] = []
  for (let attempt = 0; attempt < 8; attempt++) {
    await expect(staged.effects.perform(ENTER)).rejects.toThrow('502')
    const from = staged.now
    while (staged.effects.waits(ENTER)) staged.now += 500
    waits.push((staged.now - from) / 1000)
  }
  expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 60])
})

describe('is not kept', () => {
  test.each<[string, Partial<LogPort>]>([
    ['an answer of a log that the root does not name', { enter: async (bundle) => withEntry(bundle, new Sigstore()) }],
    ['an answer without an entry', { enter: async (bundle) => bundle }],
    ['an entry of another signature', { enter: async () => withEntry(JSON.parse(Buffer.from(await signatureOf(Buffer.from('{}'))).toString())) }],
    [
      'a signature of somebody else',
      { enter: async () => withEntry(JSON.parse(Buffer.from(await signatureOf(MANIFEST_BYTES, generateKeyPair())).toString())) },
    ],
    [
      'another signature of the same manifest',
      { enter: async () => withEntry(JSON.parse(Buffer.from(await signatureOf(MANIFEST_BYTES)).toString())) },
    ],
  ])('%s', async (_, log) => {
    const { effects, files } = stage(log)
    await expect(effects.perform(ENTER)).rejects.toMatchObject({ code: 'log-unverified' })
    expect(files.has('/packs/evidence-1.sigstore.json')).toBe(false)
    expect(await effects.find(ENTER)).toBeNull()
  })

  test('and what lies beside the pack and does not hold is not found', async () => {
    const { effects, files } = stage()
    for (const bytes of ['', '{}', 'x', ZIP]) {
      files.set('/packs/evidence-1.sigstore.json', Buffer.from(bytes))
      expect(await effects.find(ENTER)).toBeNull()
    }
  })
})

test.each<[string, Uint8Array | null]>([
  ['is gone', null],
  ['is another one', writeZip(new Map([[MANIFEST, MANIFEST_BYTES]]))],
])('a pack that %s is not logged', async (_, zip) => {
  const { effects, files, asked } = stage()
  if (zip === null) files.delete(PATH)
  else files.set(PATH, zip)
  await expect(effects.perform(ENTER)).rejects.toMatchObject({ code: 'incomplete' })
  expect(asked).toEqual([])
})
