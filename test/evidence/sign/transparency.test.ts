import { describe, expect, test } from 'vitest'
import { generateKeyPair, localKeySigner } from '../../../evidence/sign/local-key.ts'
import { bundleBytes, statementBytes, statementOf } from '../../../evidence/sign/statement.ts'
import { enterLog, findInLog, sizeOfLog, type TransparencyLog } from '../../../evidence/sign/transparency.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import { verifyBundle } from '../../../evidence/verify/verify.ts'
import { pair } from '../../support/sigstore/authority.ts'
import { NOW, Sigstore, jobOf } from '../../support/sigstore/instance.ts'
import { fakeRekor, type RekorOptions } from '../../support/sigstore/rekor.ts'
import { originOf } from '../../support/release.ts'

const KEYS = generateKeyPair()
const SIGNER = localKeySigner({ id: 'app', privateKeyPem: KEYS.privateKeyPem })
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
const FILES = [{ path: 'manifest.json', sha256: 'a'.repeat(64) }]
const PAYLOAD = statementBytes(statementOf('checkpoint', CHECKPOINT, { repository: 'acme/shop', commit: '1'.repeat(40), files: FILES }))

async function stage(version: 1 | 2, options: RekorOptions = {}, sigstore = new Sigstore()) {
  const rekor = await fakeRekor(sigstore.log, options)
  const log: TransparencyLog = {
    url: rekor.url,
    version,
    root: sigstore.trustedRoot().bytes,
    patience: { timeoutMs: 20_000, attempts: 2, pauseMs: 1 },
  }
  const bundle = await SIGNER.sign(PAYLOAD)
  const believed = (logged: unknown): unknown =>
    verifyBundle({
      bundle: bundleBytes(logged),
      trust: trustOf({ keys: [{ id: 'app', publicKeyPem: KEYS.publicKeyPem }], root: sigstore.trustedRoot() }),
      expect: { logged: true, kinds: ['checkpoint'] },
    })
  return { rekor, of: { log, bundle, publicKeyPem: KEYS.publicKeyPem }, believed, [Symbol.asyncDispose]: () => rekor.close() }
}

describe.each([1, 2] as const)('Rekor v%i', (version) => {
  test('an entry is added once, and what comes back is the same signature with an entry that verifies', async () => {
    await using staged = await stage(version)
    const { of, rekor, believed } = staged
    const logged = (await enterLog(of)) as { dsseEnvelope: unknown; verificationMaterial: { publicKey: unknown; tlogEntries: unknown[] } }
    expect(believed(logged)).toMatchObject({ signer: 'app', logged: true })
    expect(logged.dsseEnvelope).toEqual((of.bundle as typeof logged).dsseEnvelope)
    expect(logged.verificationMaterial.tlogEntries).toHaveLength(1)
    const again = await enterLog(of)
    expect(believed(again)).toMatchObject({ logged: true })
    expect(rekor.added()).toBe(1)
  })

  test('is looked for without being added', async () => {
    await using staged = await stage(version)
    const { of, rekor, believed } = staged
    const from = await sizeOfLog(of.log)
    expect(await findInLog(of, from)).toBeNull()
    expect(rekor.added()).toBe(0)
    await enterLog(of)
    expect(believed(await findInLog(of, from))).toMatchObject({ logged: true })
    expect(believed(await findInLog(of, 0))).toMatchObject({ logged: true })
    expect(rekor.added()).toBe(1)
  })

  test.each<[string, RekorOptions, string]>([
    ['is away', { instead: () => ({ status: 502 }) }, 'unavailable'],
    ['refuses', { instead: () => ({ status: 400, body: { message: 'no' } }) }, 'refused'],
    ['says something else', { instead: () => ({ status: 201, body: { hello: 'world' } }) }, 'bad-answer'],
    ['says nothing that can be read', { instead: () => ({ status: 201, body: '<html>' }) }, 'bad-answer'],
    [
      'has it, and does not say where',
      { instead: ({ method }) => (method === 'POST' ? { status: 409 } : { status: 404 }) },
      version === 1 ? 'bad-answer' : 'unavailable',
    ],
  ])('a log that %s', async (_, options, code) => {
    await using staged = await stage(version, options)
    await expect(enterLog(staged.of)).rejects.toMatchObject({ code })
  })

  test('an entry that the log signed with another key is not believed', async () => {
    const sigstore = new Sigstore()
    await using rekor = await fakeRekor(pair())
    const log: TransparencyLog = { url: rekor.url, version, root: sigstore.trustedRoot().bytes }
    const logged = await enterLog({ log, bundle: await SIGNER.sign(PAYLOAD), publicKeyPem: KEYS.publicKeyPem })
    const trust = trustOf({ keys: [{ id: 'app', publicKeyPem: KEYS.publicKeyPem }], root: sigstore.trustedRoot() })
    expect(verifyBundle({ bundle: bundleBytes(logged), trust, expect: { logged: true } })).toBeInstanceOf(Error)
  })
})

test('an entry for a certificate names the certificate', async () => {
  const sigstore = new Sigstore()
  await using staged = await stage(2, {}, sigstore)
  const bundle = sigstore.keyless({ payload: PAYLOAD, job: jobOf(originOf(1)), stamps: [NOW] })
  await enterLog({ log: staged.of.log, bundle })
  expect(staged.rekor.asked.at(-1)?.body.toString()).toContain('x509Certificate')
  expect(await findInLog({ log: staged.of.log, bundle }, 0)).toMatchObject({ verificationMaterial: { tlogEntries: [{ logIndex: '300' }] } })
})

test.each([0, 1, 2, 255, 256, 257, 511, 513])('the proof is right in a tree with %i entries before', async (others) => {
  await using staged = await stage(2, { others })
  const { of, believed } = staged
  await enterLog(of)
  for (let more = 0; more < 3; more++) {
    expect(believed(await findInLog(of, 0))).toMatchObject({ logged: true })
    await enterLog({ ...of, bundle: await SIGNER.sign(Buffer.from(`{"more":${more}}`)) })
  }
})

test('a search looks back no further than it must', async () => {
  await using staged = await stage(2, { others: 2_000 })
  await findInLog(staged.of, 1_900)
  expect(staged.rekor.asked.map((asked) => asked.path)).toEqual(['/api/v2/checkpoint', '/api/v2/tile/0/007.p/208'])
})

test('a log that does not publish its tree is taken at its word, and cannot be searched', async () => {
  await using staged = await stage(2, { instead: ({ method }) => (method === 'GET' ? { status: 501 } : null) })
  expect(await sizeOfLog(staged.of.log)).toBe(0)
  expect(await findInLog(staged.of, 0)).toBeNull()
  expect(staged.believed(await enterLog(staged.of))).toMatchObject({ logged: true })
})

test.each<[string, unknown, string | undefined]>([
  ['a signature over a file', { verificationMaterial: {}, messageSignature: {} }, KEYS.publicKeyPem],
  ['no public key', await SIGNER.sign(PAYLOAD), undefined],
  ['another thing than a key', await SIGNER.sign(PAYLOAD), 'x'],
  ['an Ed25519 signature, in v2', await SIGNER.sign(PAYLOAD), generateKeyPair('ed25519').publicKeyPem],
  ['nothing', null, KEYS.publicKeyPem],
])('%s cannot be logged', async (_, bundle, publicKeyPem) => {
  await using staged = await stage(2)
  const of = { log: staged.of.log, bundle, ...(publicKeyPem === undefined ? {} : { publicKeyPem }) }
  await expect(enterLog(of)).rejects.toMatchObject({ code: 'not-loggable' })
  expect(staged.rekor.asked).toEqual([])
})
