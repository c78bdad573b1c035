/** A pack signed keyless and logged, for readers of Sigstore that are not ours: cosign and sigstore-python. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sha256 } from '../../evidence/core/digest.ts'
import { predicateType } from '../../evidence/model/kinds.ts'
import { verifyPack } from '../../evidence/pack/read.ts'
import { artifactStatementOf, bundleBytes, statementBytes } from '../../evidence/sign/statement.ts'
import { enterLog } from '../../evidence/sign/transparency.ts'
import { trustOf } from '../../evidence/verify/trust.ts'
import { PROVENANCE } from '../evidence/verify/predicates.ts'
import { KEYS } from '../evidence/verify/statements.ts'
import { ended, tool, type Ended } from '../support/tools.ts'
import { job, keylessPack, WORKFLOW, type KeylessPack } from './keyless-pack.ts'
import { JOB_CLAIMS, missingServer, startSigstore, type SigstoreServers } from './sigstore-servers.ts'

const COSIGN = missingServer() === null ? tool('cosign') : null
const SIGSTORE = COSIGN === null ? null : tool('python/bin/sigstore')
const IDENTITY = `https://github.com/${JOB_CLAIMS.job_workflow_ref}`
const ARCHIVE = Buffer.from('the bytes of shop.tgz')

/** Sigstore's library for Python, asked as its documentation says; then the caller's part: what the statement is about. */
const PYTHON = `
import hashlib, json, sys
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier, policy
bundle, identity, issuer, path = sys.argv[1:]
verifier = Verifier(trusted_root=TrustedRoot.from_file('trusted_root.json'))
kind, payload = verifier.verify_dsse(Bundle.from_json(open(bundle, 'rb').read()), policy.Identity(identity=identity, issuer=issuer))
assert kind == 'application/vnd.in-toto+json'
about = {subject['name']: subject['digest'] for subject in json.loads(payload)['subject']}
assert about['manifest.json']['sha256'] == hashlib.sha256(open(path, 'rb').read()).hexdigest(), 'about another manifest'
print('verified')
`

describe.skipIf(SIGSTORE === null)('a logged pack (skipped where a server of Sigstore, cosign or sigstore-python is absent)', () => {
  let servers: SigstoreServers
  let folder = ''
  let byKey: KeylessPack
  let byJob: KeylessPack

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'interop-logged-'))
    servers = await startSigstore()
    byKey = await keylessPack(servers)
    byJob = await keylessPack(servers, { by: job(servers) })
    const statement = artifactStatementOf('provenance', PROVENANCE, [{ name: 'shop.tgz', sha256: sha256(ARCHIVE) }])
    const provenance = await job(servers).sign(statementBytes(statement))
    const log = { url: servers.rekor, version: 2, root: servers.trustedRoot } as const
    const trustedRoot: unknown = JSON.parse(Buffer.from(servers.trustedRoot).toString())
    const files: Readonly<Record<string, Uint8Array | string>> = {
      'trusted_root.json': servers.trustedRoot,
      'trust.json': JSON.stringify({
        mediaType: 'application/vnd.dev.sigstore.clienttrustconfig.v0.1+json',
        trustedRoot,
        signingConfig: NOTHING_SIGNS,
      }),
      'app.pub': KEYS.publicKeyPem,
      'key.json': byKey.logged,
      'key.manifest': byKey.manifestBytes,
      'key.other': otherByte(byKey.manifestBytes),
      'key.unlogged': withoutEntry(byKey.logged),
      'job.json': byJob.logged,
      'job.manifest': byJob.manifestBytes,
      'job.other': otherByte(byJob.manifestBytes),
      'job.unlogged': withoutEntry(byJob.logged),
      'job.exchanged': withEntryOf(byJob.logged, byKey.logged),
      'shop.tgz': ARCHIVE,
      'other.tgz': otherByte(ARCHIVE),
      'shop.json': bundleBytes(await enterLog({ log, bundle: provenance })),
    }
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes)
  })

  afterAll(async () => {
    await servers.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const run = (command: string | null, args: readonly string[]): Promise<Ended> => ended(command ?? '', args, { cwd: folder, env: { HOME: folder } })

  const asked = (...args: readonly string[]): Promise<Ended> =>
    run(COSIGN, [
      'verify-blob-attestation',
      '--type',
      predicateType('checkpoint'),
      '--trusted-root',
      'trusted_root.json',
      '--use-signed-timestamps',
      ...args,
    ])

  const library = (bundle: string, identity: string, issuer: string, path: string): Promise<Ended> =>
    run(tool('python/bin/python'), ['-c', PYTHON, bundle, identity, issuer, path])

  const command = (bundle: string, ...args: readonly string[]): Promise<Ended> =>
    run(SIGSTORE, ['--trust-config', 'trust.json', 'verify', 'identity', '--offline', '--bundle', bundle, ...args])

  test('we believe both packs, and each only by who signed it', () => {
    const root = { bytes: servers.trustedRoot }
    const keys = [{ id: 'app', publicKeyPem: KEYS.publicKeyPem }]
    const workflows = [{ ...WORKFLOW, issuer: servers.issuer }]
    const ask = ({ zip }: KeylessPack, packTrust: object) =>
      verifyPack({ zip, trust: trustOf({ keys, workflows, root }), packTrust: trustOf(packTrust) }).ok
    expect(ask(byKey, { keys, root })).toBe(true)
    expect(verifyPack({ zip: byKey.zip, trust: trustOf({ keys, root }) }).ok).toBe(false)
    expect(ask(byJob, { keys, workflows, root })).toBe(true)
    expect(ask(byJob, { keys, root })).toBe(false)
  })

  describe('cosign', () => {
    test('believes the signature of the App with its entry', async () => {
      expect(await asked('--key', 'app.pub', '--bundle', 'key.json', 'key.manifest')).toMatchObject({ code: 0, err: 'Verified OK\n' })
    })

    test('believes the signature of a job with its entry, by its identity', async () => {
      const by = ['--certificate-identity', IDENTITY, '--certificate-oidc-issuer', servers.issuer]
      expect(await asked(...by, '--bundle', 'job.json', 'job.manifest')).toMatchObject({ code: 0, err: 'Verified OK\n' })
    })

    test.each([
      ['one byte of the manifest is another', ['--key', 'app.pub', '--bundle', 'key.json', 'key.other'], /digests do not match/],
      ['there is no entry', ['--key', 'app.pub', '--bundle', 'key.unlogged', 'key.manifest'], /not enough verified log entries/],
    ])('of a key: %s', async (_name, args, said) => {
      const { code, err } = await asked(...args)
      expect(code).not.toBe(0)
      expect(err).toMatch(said)
    })

    test.each([
      ['one byte of the manifest is another', IDENTITY, '', ['job.json', 'job.other'], /digests do not match/],
      ['another identity', `${IDENTITY}x`, '', ['job.json', 'job.manifest'], /expected SAN value/],
      ['another issuer', IDENTITY, 'x', ['job.json', 'job.manifest'], /expected issuer value/],
      ['there is no entry', IDENTITY, '', ['job.unlogged', 'job.manifest'], /not enough verified log entries/],
      ['the entry of another signature', IDENTITY, '', ['job.exchanged', 'job.manifest'], /verifying log entry/],
    ] as const)('of a job: %s', async (_name, identity, more, files, said) => {
      const by = ['--certificate-identity', identity, '--certificate-oidc-issuer', `${servers.issuer}${more}`]
      const { code, err } = await asked(...by, '--bundle', ...files)
      expect(code).not.toBe(0)
      expect(err).toMatch(said)
    })
  })

  describe('sigstore-python', () => {
    test('its library believes the manifest of a job', async () => {
      expect(await library('job.json', IDENTITY, servers.issuer, 'job.manifest')).toMatchObject({ code: 0, out: 'verified\n' })
    })

    test.each([
      ['another identity', 'job.json', `${IDENTITY}x`, '', 'job.manifest', /SANs do not match/],
      ['another issuer', 'job.json', IDENTITY, 'x', 'job.manifest', /OIDCIssuer does not match/],
      ['one byte of the manifest is another', 'job.json', IDENTITY, '', 'job.other', /about another manifest/],
      ['there is no entry', 'job.unlogged', IDENTITY, '', 'job.manifest', /expected exactly one log entry/],
      ['the entry of another signature', 'job.exchanged', IDENTITY, '', 'job.manifest', /log entry is inconsistent/],
    ] as const)('its library: %s', async (_name, bundle, identity, more, path, said) => {
      const { code, err } = await library(bundle, identity, `${servers.issuer}${more}`, path)
      expect(code).not.toBe(0)
      expect(err).toMatch(said)
    })

    test('its command believes provenance of a job about an archive', async () => {
      const by = ['--cert-identity', IDENTITY, '--cert-oidc-issuer', servers.issuer]
      expect(await command('shop.json', ...by, 'shop.tgz')).toMatchObject({ code: 0, err: expect.stringContaining('OK: shop.tgz') })
      for (const [file, ...args] of [
        ['other.tgz', ...by],
        ['shop.tgz', '--cert-identity', `${IDENTITY}x`, '--cert-oidc-issuer', servers.issuer],
        ['shop.tgz', '--cert-identity', IDENTITY, '--cert-oidc-issuer', `${servers.issuer}x`],
      ])
        expect(await command('shop.json', ...args, file ?? '')).toMatchObject({ code: 1, err: expect.stringContaining('FAIL') })
    })

    test('its command takes no key, and no statement about a commit, which its library does', async () => {
      const by = ['--cert-identity', IDENTITY, '--cert-oidc-issuer', servers.issuer]
      expect(await command('key.json', ...by, 'key.manifest')).toMatchObject({
        code: 1,
        err: expect.stringContaining('expected certificate in bundle'),
      })
      expect(await command('job.json', ...by, 'job.manifest')).toMatchObject({ code: 1, err: expect.stringContaining('malformed in-toto statement') })
    })
  })
})

/** Sigstore-python wants the part about signing too. */
const NOTHING_SIGNS = {
  mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
  caUrls: [],
  oidcUrls: [],
  rekorTlogUrls: [],
  tsaUrls: [],
  rekorTlogConfig: { selector: 'ANY' },
  tsaConfig: { selector: 'ANY' },
}

function otherByte(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const middle = copy.length >> 1
  copy[middle] = (copy[middle] ?? 0) ^ 1
  return copy
}

interface Logged {
  readonly verificationMaterial: { tlogEntries?: unknown }
}
const read = (bundle: Uint8Array): Logged => JSON.parse(Buffer.from(bundle).toString()) as Logged

function withoutEntry(bundle: Uint8Array): string {
  const copy = read(bundle)
  copy.verificationMaterial.tlogEntries = []
  return JSON.stringify(copy)
}

function withEntryOf(bundle: Uint8Array, other: Uint8Array): string {
  const copy = read(bundle)
  copy.verificationMaterial.tlogEntries = read(other).verificationMaterial.tlogEntries
  return JSON.stringify(copy)
}
