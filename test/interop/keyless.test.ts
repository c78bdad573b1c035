/** Keyless, with Sigstore's own servers: what we sign is read by cosign, and what cosign signs is read by us. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sha256 } from '../../evidence/core/digest.ts'
import { predicateType } from '../../evidence/model/kinds.ts'
import { keylessSigner } from '../../evidence/sign/sigstore.ts'
import { bundleBytes, statementBytes } from '../../evidence/sign/statement.ts'
import { verifyArtifact } from '../../evidence/verify/artifact.ts'
import { EvidenceError } from '../../evidence/verify/error.ts'
import { trustOf } from '../../evidence/verify/trust.ts'
import { verifyBundle } from '../../evidence/verify/verify.ts'
import { HEAD, origin, REPOSITORY_ID, response, statement } from '../evidence/verify/statements.ts'
import { ended, tool } from '../support/tools.ts'
import { JOB_CLAIMS, missingServer, startSigstore, type SigstoreServers } from './sigstore-servers.ts'

const COSIGN = missingServer() === null ? tool('cosign') : null
const WORKFLOW = 'release-conductor/release-conductor/.github/workflows/conduct.yml'
const DIGEST = 'c'.repeat(40)
const IDENTITY = `https://github.com/${JOB_CLAIMS.job_workflow_ref}`
const REPORT = 'hardening/images.json'
const report = Buffer.from('{"images":2}')
const TYPE = predicateType('agent-response')

/** https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto, SigningConfig */
const service = (url: string, majorApiVersion: number): object => ({
  url,
  majorApiVersion,
  validFor: { start: '2020-01-01T00:00:00Z' },
  operator: 'test',
})

describe.skipIf(COSIGN === null)('with the servers of Sigstore (skipped where one of them or cosign is absent)', () => {
  let servers: SigstoreServers
  let folder = ''
  let ours: Uint8Array

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'interop-keyless-'))
    servers = await startSigstore()
    await writeFile(join(folder, 'trusted_root.json'), servers.trustedRoot)
    await writeFile(join(folder, 'images.json'), report)
    ours = await signed({})
    await writeFile(join(folder, 'ours.sigstore.json'), ours)
  })

  afterAll(async () => {
    await servers.stop()
    await rm(folder, { recursive: true, force: true })
  })

  async function signed(claims: Readonly<Record<string, string>>): Promise<Uint8Array> {
    const signer = keylessSigner({ identity: async () => servers.token(claims), fulcioUrl: servers.fulcio, tsaUrl: servers.tsa })
    const files = new Map([[REPORT, report]])
    const made = origin({ signer_workflow: JOB_CLAIMS.job_workflow_ref, run_id: 1026 })
    return bundleBytes(await signer.sign(statementBytes(statement('agent-response', response('images', files, { origin: made }), files))))
  }

  const trust = (of: { digest?: string; issuer?: string } = {}) =>
    trustOf({
      workflows: [{ ref: WORKFLOW, digest: of.digest ?? DIGEST, issuer: of.issuer ?? servers.issuer }],
      root: { bytes: servers.trustedRoot },
    })
  const ask = (bundle: Uint8Array, of: Parameters<typeof trust>[0] = {}) =>
    verifyBundle({
      bundle,
      trust: trust(of),
      expect: { repositoryId: REPOSITORY_ID, sha: HEAD, subjects: [{ name: REPORT, sha256: sha256(report) }] },
    })

  test('we believe what we signed, by the workflow and its commit', () => {
    const verified = ask(ours)
    expect(verified instanceof EvidenceError ? verified.message : verified.signer).toBe(`${WORKFLOW}@${DIGEST}`)
  })

  test.each([
    ['another commit of the workflow', {}, { digest: 'd'.repeat(40) }],
    ['another issuer', {}, { issuer: 'https://token.actions.githubusercontent.com' }],
    ['another repository', { repository_id: '4712' }, {}],
    ['another commit', { sha: 'e'.repeat(40) }, {}],
    ['another trigger', { event_name: 'pull_request' }, {}],
    ['a runner of somebody else', { runner_environment: 'self-hosted' }, {}],
    ['another workflow', { job_workflow_ref: `evil/evil/.github/workflows/conduct.yml@${DIGEST}` }, {}],
  ] as const)('%s is not believed', async (_name, claims, of) => {
    expect(ask(await signed(claims), of)).toBeInstanceOf(EvidenceError)
  })

  const COSIGN_SAYS = [
    ['the right identity', IDENTITY, 'images.json', 0],
    ['another identity', `${IDENTITY}x`, 'images.json', 1],
    ['another file', IDENTITY, 'trusted_root.json', 1],
  ] as const
  test.each(COSIGN_SAYS)('cosign, asked with %s', async (_name, identity, file, code) => {
    const asked = ['verify-blob-attestation', '--bundle', 'ours.sigstore.json', '--trusted-root', 'trusted_root.json', '--type', TYPE]
    const by = ['--certificate-identity', identity, '--certificate-oidc-issuer', servers.issuer]
    const without = ['--use-signed-timestamps', '--insecure-ignore-tlog']
    const answer = await ended(COSIGN ?? '', [...asked, ...by, ...without, file], { cwd: folder, env: { HOME: folder } })
    expect(code === 0 ? answer : { code: Math.min(answer.code, 1) }).toMatchObject({ code })
  })

  test('what cosign signs keyless, with an entry of Rekor v2, is read by us, for the right signer and file only', async () => {
    const config = {
      mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
      caUrls: [service(servers.fulcio, 1)],
      oidcUrls: [],
      rekorTlogUrls: [service(servers.rekor, 2)],
      tsaUrls: [service(`${servers.tsa}/api/v1/timestamp`, 1)],
      rekorTlogConfig: { selector: 'ANY' },
      tsaConfig: { selector: 'ANY' },
    }
    await writeFile(join(folder, 'signing.json'), JSON.stringify(config))
    await writeFile(
      join(folder, 'predicate.json'),
      JSON.stringify({ buildDefinition: { buildType: 'test', externalParameters: {} }, runDetails: { builder: { id: 'test' } } }),
    )
    const sign = [
      'attest-blob',
      '--yes',
      '--signing-config',
      'signing.json',
      '--trusted-root',
      'trusted_root.json',
      '--identity-token',
      servers.token(),
    ]
    const about = ['--predicate', 'predicate.json', '--type', 'slsaprovenance1', '--bundle', 'theirs.sigstore.json', 'images.json']
    expect(await ended(COSIGN ?? '', [...sign, ...about], { cwd: folder, env: { HOME: folder } })).toMatchObject({ code: 0 })
    const bundle = await readFile(join(folder, 'theirs.sigstore.json'))
    const read = (identity: string, bytes: Uint8Array) =>
      verifyArtifact({ bundle, artifact: { bytes }, signer: { identity, issuer: servers.issuer }, root: { bytes: servers.trustedRoot } })
    expect(read(IDENTITY, report)).toMatchObject({ predicateType: 'https://slsa.dev/provenance/v1' })
    expect(read(`${IDENTITY}x`, report)).toBeInstanceOf(EvidenceError)
    expect(read(IDENTITY, Buffer.from('other'))).toBeInstanceOf(EvidenceError)
  })
})
