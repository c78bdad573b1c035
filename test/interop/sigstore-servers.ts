/**
 * Sigstore's own servers on loopback: Fulcio, its certificate log (TesseraCT), the timestamp authority and Rekor v2, with an issuer of identity tokens in
 * the form of GitHub's. What they sign is what the public ones sign, only under a root of their own.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, generateKeyPairSync, sign, X509Certificate, type KeyObject } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { createServer as createHttpServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tool } from '../support/tools.ts'

export interface SigstoreServers {
  readonly issuer: string
  readonly fulcio: string
  readonly tsa: string
  readonly rekor: string
  readonly trustedRoot: Uint8Array
  /** An identity token of a job. @param claims over those of a usual job */
  token(claims?: Readonly<Record<string, string>>): string
  stop(): Promise<void>
}

const PROGRAMS = ['fulcio', 'tesseract-posix', 'timestamp-server', 'rekor-server-posix'] as const

/** The first program that is not installed; null when all are. */
export function missingServer(): string | null {
  return PROGRAMS.find((name) => tool(name) === null) ?? null
}

/** The claims of a job of the reusable workflow `conduct.yml`, as GitHub states them. */
export const JOB_CLAIMS = {
  sub: 'repo:acme/shop:ref:refs/heads/release/v2.0.0',
  repository: 'acme/shop',
  repository_id: '4711',
  repository_owner: 'acme',
  repository_owner_id: '42',
  repository_visibility: 'private',
  sha: 'a'.repeat(40),
  ref: 'refs/heads/release/v2.0.0',
  event_name: 'workflow_dispatch',
  workflow: 'release-conductor',
  workflow_ref: 'acme/shop/.github/workflows/release-conductor.yml@refs/heads/release/v2.0.0',
  workflow_sha: 'a'.repeat(40),
  job_workflow_ref: `release-conductor/release-conductor/.github/workflows/conduct.yml@${'c'.repeat(40)}`,
  job_workflow_sha: 'c'.repeat(40),
  run_id: '1026',
  run_attempt: '1',
  runner_environment: 'github-hosted',
} as const

/** @throws when a server does not come up within half a minute */
export async function startSigstore(): Promise<SigstoreServers> {
  const folder = await mkdtemp(join(tmpdir(), 'sigstore-servers-'))
  const children: ChildProcess[] = []
  const closing: (() => void)[] = []
  const stop = async (): Promise<void> => {
    for (const close of closing) close()
    await Promise.all(children.map(ended))
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const issuer = await startIssuer()
    closing.push(() => issuer.close())
    const [fulcioPort, fulcioGrpc, fulcioMetrics, ctPort, tsaPort, rekorPort, rekorGrpc, rekorMetrics] = await freePorts(8)
    const config = {
      OIDCIssuers: { [issuer.url]: { IssuerURL: issuer.url, ClientID: 'sigstore', Type: 'ci-provider', CIProvider: 'github-workflow' } },
      CIIssuerMetadata: METADATA,
    }
    await writeFile(join(folder, 'fulcio.json'), JSON.stringify(config))
    const logKeys = generateKeyPairSync('ed25519')
    await writeFile(join(folder, 'rekor.pem'), logKeys.privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const ctKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    await writeFile(join(folder, 'ct.pem'), ctKeys.privateKey.export({ type: 'sec1', format: 'pem' }))
    const start = (name: (typeof PROGRAMS)[number], args: readonly string[]): void => {
      children.push(
        spawn(tool(name) ?? name, args, {
          cwd: folder,
          stdio: 'ignore',
          env: { HOME: folder, PATH: process.env['PATH'] ?? '' },
        }),
      )
    }
    start('fulcio', [
      'serve',
      '--ca=ephemeralca',
      `--ct-log-url=http://127.0.0.1:${ctPort}`,
      '--host=127.0.0.1',
      `--port=${fulcioPort}`,
      '--grpc-host=127.0.0.1',
      `--grpc-port=${fulcioGrpc}`,
      `--metrics-port=${fulcioMetrics}`,
      `--config-path=${join(folder, 'fulcio.json')}`,
      `--legacy-unix-domain-socket=${join(folder, 'fulcio.sock')}`,
    ])
    start('timestamp-server', ['serve', '--host=127.0.0.1', `--port=${tsaPort}`, '--timestamp-signer=memory', '--disable-ntp-monitoring'])
    start('rekor-server-posix', [
      'serve',
      `--http-port=${rekorPort}`,
      `--grpc-port=${rekorGrpc}`,
      `--http-metrics-port=${rekorMetrics}`,
      '--hostname=rekor.test',
      `--storage-dir=${join(folder, 'log')}`,
      `--signer-filepath=${join(folder, 'rekor.pem')}`,
      '--checkpoint-interval=1s',
      '--batch-max-age=100ms',
    ])
    const fulcio = `http://127.0.0.1:${fulcioPort}`
    const tsa = `http://127.0.0.1:${tsaPort}`
    const rekor = `http://127.0.0.1:${rekorPort}`
    const bundle = (await answer(`${fulcio}/api/v2/trustBundle`, children).then((response) => response.json())) as {
      chains: { certificates: string[] }[]
    }
    const authorities = bundle.chains[0]?.certificates ?? []
    await writeFile(join(folder, 'roots.pem'), authorities.join(''))
    start('tesseract-posix', [
      `--http_endpoint=127.0.0.1:${ctPort}`,
      '--origin=ct.test',
      `--private_key=${join(folder, 'ct.pem')}`,
      `--roots_pem_file=${join(folder, 'roots.pem')}`,
      `--storage_dir=${join(folder, 'ct')}`,
      '--enable_publication_awaiter=false',
    ])
    await answer(`http://127.0.0.1:${ctPort}/ct/v1/get-roots`, children)
    const chain = await answer(`${tsa}/api/v1/timestamp/certchain`, children).then((response) => response.text())
    await answer(`${rekor}/healthz`, children)
    return {
      issuer: issuer.url,
      fulcio,
      tsa,
      rekor,
      trustedRoot: Buffer.from(
        JSON.stringify(trustedRoot({ fulcio: authorities, tsa: certificates(chain), rekor: logKeys.publicKey, ct: ctKeys.publicKey })),
      ),
      token: (claims) => issuer.token(claims),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

const METADATA = {
  'github-workflow': {
    DefaultTemplateValues: { url: 'https://github.com' },
    ExtensionTemplates: {
      GithubWorkflowTrigger: 'event_name',
      GithubWorkflowSHA: 'sha',
      GithubWorkflowName: 'workflow',
      GithubWorkflowRepository: 'repository',
      GithubWorkflowRef: 'ref',
      BuildSignerURI: '{{ .url }}/{{ .job_workflow_ref }}',
      BuildSignerDigest: 'job_workflow_sha',
      RunnerEnvironment: 'runner_environment',
      SourceRepositoryURI: '{{ .url }}/{{ .repository }}',
      SourceRepositoryDigest: 'sha',
      SourceRepositoryRef: 'ref',
      SourceRepositoryIdentifier: 'repository_id',
      SourceRepositoryOwnerURI: '{{ .url }}/{{ .repository_owner }}',
      SourceRepositoryOwnerIdentifier: 'repository_owner_id',
      BuildConfigURI: '{{ .url }}/{{ .workflow_ref }}',
      BuildConfigDigest: 'workflow_sha',
      BuildTrigger: 'event_name',
      RunInvocationURI: '{{ .url }}/{{ .repository }}/actions/runs/{{ .run_id }}/attempts/{{ .run_attempt }}',
      SourceRepositoryVisibilityAtSigning: 'repository_visibility',
    },
    SubjectAlternativeNameTemplate: '{{ .url }}/{{ .job_workflow_ref }}',
  },
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** https://openid.net/specs/openid-connect-discovery-1_0.html */
async function startIssuer(): Promise<{ readonly url: string; token(claims?: Readonly<Record<string, string>>): string; close(): void }> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const server = createHttpServer((request, response) => {
    const documents: Record<string, unknown> = {
      '/.well-known/openid-configuration': {
        issuer: url,
        jwks_uri: `${url}/keys`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      },
      '/keys': { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }] },
    }
    const found = documents[request.url ?? '']
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(found ?? {}))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    token: (claims = {}) => {
      const now = Math.floor(Date.now() / 1000)
      const text = `${part({ alg: 'RS256', kid: 'one', typ: 'JWT' })}.${part({ iss: url, aud: 'sigstore', iat: now, nbf: now - 5, exp: now + 600, ...JOB_CLAIMS, ...claims })}`
      return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

function certificates(pem: string): string[] {
  return [...pem.matchAll(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g)].map(([text]) => text)
}

const authority = (pems: readonly string[]): object => {
  const read = pems.map((pem) => new X509Certificate(pem))
  const start = new Date(Math.max(...read.map((certificate) => certificate.validFromDate.getTime()))).toISOString()
  return {
    subject: { organization: 'test', commonName: 'test' },
    uri: 'http://127.0.0.1',
    certChain: { certificates: read.map((certificate) => ({ rawBytes: certificate.raw.toString('base64') })) },
    validFor: { start },
  }
}

/** https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto */
function trustedRoot(of: {
  readonly fulcio: readonly string[]
  readonly tsa: readonly string[]
  readonly rekor: KeyObject
  readonly ct: KeyObject
}): object {
  const rekor = of.rekor.export({ type: 'spki', format: 'der' })
  const ct = of.ct.export({ type: 'spki', format: 'der' })
  // C2SP signed-note key: SHA-256(name, line end, type 1, the 32 bytes of the key). https://c2sp.org/signed-note
  const rekorId = createHash('sha256').update('rekor.test\n').update(Uint8Array.of(1)).update(rekor.subarray(-32)).digest()
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [log('https://rekor.test', rekor, 'PKIX_ED25519', rekorId)],
    certificateAuthorities: [authority(of.fulcio)],
    // RFC 6962, 3.2: a certificate log is called by the SHA-256 of its key.
    ctlogs: [log('https://ct.test', ct, 'PKIX_ECDSA_P256_SHA_256', createHash('sha256').update(ct).digest())],
    timestampAuthorities: [authority(of.tsa)],
  }
}

function log(baseUrl: string, spki: Buffer, keyDetails: string, keyId: Buffer): object {
  const validFor = { start: new Date(Date.now() - 3_600_000).toISOString() }
  const publicKey = { rawBytes: spki.toString('base64'), keyDetails, validFor }
  return { baseUrl, hashAlgorithm: 'SHA2_256', publicKey, logId: { keyId: keyId.toString('base64') } }
}

async function answer(url: string, children: readonly ChildProcess[]): Promise<Response> {
  const until = Date.now() + 30_000
  for (;;) {
    const response = await fetch(url).catch(() => null)
    if (response?.ok === true) return response
    if (Date.now() > until || children.some((child) => child.exitCode !== null)) throw new Error(`nothing answers at ${url}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<Server>((resolve) => {
          const server = createServer()
          server.listen(0, '127.0.0.1', () => resolve(server))
        }),
    ),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
