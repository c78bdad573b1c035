import { createPublicKey } from 'node:crypto'
import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { run, type AttestInputs } from '../../../actions/attest/main.ts'
import { readFolder, writeFolder } from '../../../actions/lib/folder.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { writeZip } from '../../support/zip.ts'
import { generateKeyPair } from '../../../evidence/sign/local-key.ts'
import { verifySignedPack } from '../../../evidence/verify/signed-pack.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import { originOf } from '../../../actions/lib/origin.ts'
import { timestamp } from '../../support/sigstore/authority.ts'
import { jobOf, Sigstore } from '../../support/sigstore/instance.ts'
import { loopback, type Loopback } from '../../support/loopback.ts'
import { cosignKey } from '../../support/cosign-key.ts'
import { CLAIMS, FACTS, folder, handover, tokenOf } from '../../support/actions/handover.ts'

const keys = generateKeyPair()
const sealedKey = cosignKey(Buffer.from(keys.privateKeyPem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64'), 'right')

async function inputs(files = folder(), overrides: Partial<AttestInputs> = {}): Promise<AttestInputs> {
  const root = await mkdtemp(join(tmpdir(), 'attest-'))
  await writeFolder(join(root, 'in'), files)
  return {
    path: join(root, 'in'),
    artifactDigest: null,
    accept: 'evidence',
    signingKey: keys.privateKeyPem,
    signingKeyPassword: null,
    fulcioUrl: null,
    tsaUrl: null,
    trustedRoot: null,
    out: join(root, 'out'),
    facts: FACTS,
    identity: async () => tokenOf(CLAIMS),
    ...overrides,
  }
}

async function zipped(bytes = writeZip(folder())) {
  const path = await mkdtemp(join(tmpdir(), 'zip-'))
  await writeFile(join(path, 'artifact.zip'), bytes)
  return { path, artifactDigest: sha256(bytes) }
}

const expectation = { repositoryId: 4242, sha: FACTS.sha }
const trust = trustOf({ keys: [{ id: 'demo', publicKeyPem: keys.publicKeyPem }] })

test('signs every entry, and the signed folder is believed as a whole', async () => {
  const given = await inputs()
  expect(await run(given)).toStrictEqual({
    how: 'key',
    bundles: ['attestations/agent-response-commits.sigstore.json', 'attestations/self-test-policy_ci.sigstore.json'],
    files: 2,
  })
  const { believed, rejected } = verifySignedPack({ files: await readFolder(given.out), trust, expect: expectation })
  expect(rejected).toStrictEqual([])
  expect(believed.map((one) => one.kind)).toStrictEqual(['agent-response', 'self-test'])
})

test('takes the zip of an artifact when its digest is the one handed over', async () => {
  const { path, artifactDigest } = await zipped()
  const given = await inputs(folder(), { path, artifactDigest: `sha256:${artifactDigest}` })
  expect((await run(given)).files).toBe(2)
  const direct = await inputs(folder(), { path: join(path, 'artifact.zip'), artifactDigest })
  expect((await run(direct)).files).toBe(2)
})

test("signs with cosign's encrypted key and its password", async () => {
  const given = await inputs(folder(), { signingKey: sealedKey, signingKeyPassword: 'right' })
  await run(given)
  const { rejected } = verifySignedPack({ files: await readFolder(given.out), trust, expect: expectation })
  expect(rejected).toStrictEqual([])
})

/** A certificate authority and a clock of a whole Sigstore, which certify what the token claims. */
async function real(sigstore: Sigstore, job = jobOf(originOf(FACTS, tokenOf(CLAIMS)))) {
  const [from, to] = [new Date(Date.now() - 60_000), new Date(Date.now() + 600_000)]
  return await loopback(({ path, body }) => {
    if (path === '/api/v1/timestamp') {
      const data = { imprint: body.subarray(24, 56), nonce: body.subarray(-11, -3) }
      return { body: timestamp({ data, at: new Date(), by: sigstore.clock.issuer }) }
    }
    const asked = JSON.parse(body.toString()) as { publicKeyRequest: { publicKey: { content: string } } }
    const der = sigstore.certify({ publicKey: createPublicKey(asked.publicKeyRequest.publicKey.content) }, { job, from, to })
    const pem = `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`
    return { body: { signedCertificateEmbeddedSct: { chain: { certificates: [pem] } } } }
  })
}

describe('with a trusted root the job verifies what it signed', () => {
  const subject = { ...CLAIMS, sub: 'repo:acme/shop:ref:refs/heads/release/v2.0.0' }
  const keyless = (url: string, root: Sigstore): Partial<AttestInputs> => ({
    signingKey: null,
    identity: async () => tokenOf(subject),
    fulcioUrl: url,
    tsaUrl: url,
    trustedRoot: JSON.stringify(root.root()),
  })

  test('and the whole folder is believed by its certificate', async () => {
    const sigstore = new Sigstore()
    await using server = await real(sigstore)
    const given = await inputs(folder(), keyless(server.url, sigstore))
    expect(await run(given)).toMatchObject({ how: 'keyless', files: 2 })
    const workflows = [{ ref: 'release-conductor/release-conductor/.github/workflows/conduct.yml', digest: 'a'.repeat(40) }]
    const believing = trustOf({ workflows, root: sigstore.trustedRoot() })
    expect(verifySignedPack({ files: await readFolder(given.out), trust: believing, expect: expectation }).rejected).toStrictEqual([])
  })

  test.each<[string, (sigstore: Sigstore) => Promise<[Loopback, Sigstore]>]>([
    ['another authority certified it', async () => [await real(new Sigstore()), new Sigstore()]],
    [
      'the certificate names another commit',
      async (sigstore) => [await real(sigstore, { ...jobOf(originOf(FACTS, tokenOf(CLAIMS))), 13: '9'.repeat(40) }), sigstore],
    ],
    [
      'the certificate names another workflow',
      async (sigstore) => [await real(sigstore, { ...jobOf(originOf(FACTS, tokenOf(CLAIMS))), 10: 'b'.repeat(40) }), sigstore],
    ],
  ])('and writes nothing when %s', async (_, make) => {
    const [server, root] = await make(new Sigstore())
    const given = await inputs(folder(), keyless(server.url, root))
    await expect(run(given)).rejects.toMatchObject({ code: 'not-believed' })
    await expect(readdir(given.out)).rejects.toMatchObject({ code: 'ENOENT' })
    await server.close()
  })

  test('with a key, too', async () => {
    const root = JSON.stringify(new Sigstore().root())
    expect(await run(await inputs(folder(), { trustedRoot: root }))).toMatchObject({ how: 'key' })
  })
})

describe('nothing is written when', () => {
  test.each([
    ['neither a key nor an identity is given', { signingKey: null, identity: async (): Promise<null> => null }, 'no-identity'],
    ['the key is encrypted and its password is not given', { signingKey: sealedKey }, 'wrong-password'],
    ['the password is another one', { signingKey: sealedKey, signingKeyPassword: 'wrong' }, 'wrong-password'],
    ['the key is none', { signingKey: 'not a key' }, 'unusable-key'],
    ['the job has no identity', { identity: async () => null }, 'no-identity'],
    ['the identity is of another run', { identity: async () => tokenOf({ ...CLAIMS, run_id: '78' }) }, 'identity-differs'],
    ['the folder is not there', { path: '/nowhere/at/all' }, 'no-handover'],
    ['deployments are expected', { accept: 'deployment' as const }, 'entry-not-accepted'],
    ['the digest is none', { artifactDigest: 'latest' }, 'bad-input'],
    ['the folder is not one zip', { artifactDigest: 'f'.repeat(64) }, 'no-handover'],
  ])('%s', async (_, overrides, code) => {
    const given = await inputs(folder(), overrides)
    await expect(run(given)).rejects.toMatchObject({ code })
    await expect(readdir(given.out)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test.each([
    ['a file was changed', { 'ci/commit_lint.json': Buffer.from('{}') }, 'file-changed'],
    ['a file is missing', { 'ci/commit_lint.json': null }, 'file-missing'],
    ['a file was added', { 'ci/more.json': Buffer.from('{}') }, 'file-extra'],
  ])('%s', async (_, changes, code) => {
    const given = await inputs(folder(handover(), changes))
    await expect(run(given)).rejects.toMatchObject({ code })
    await expect(readdir(given.out)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('the zip is another one than was handed over', async () => {
    const { path } = await zipped()
    const given = await inputs(folder(), { path, artifactDigest: 'f'.repeat(64) })
    await expect(run(given)).rejects.toMatchObject({ code: 'digest-differs' })
  })

  test('the zip is no zip', async () => {
    const given = await inputs(folder(), await zipped(Buffer.from('not a zip')))
    await expect(run(given)).rejects.toMatchObject({ code: 'zip-structure' })
  })
})
