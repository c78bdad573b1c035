import { generateKeyPairSync, verify, X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { pae, type Envelope } from '../../../evidence/core/dsse.ts'
import { keylessSigner } from '../../../evidence/sign/sigstore.ts'
import { fakeSigstore, type Faults } from '../../support/fulcio.ts'
import { tokenOf } from '../../support/actions/handover.ts'

interface Bundle {
  readonly mediaType: string
  readonly verificationMaterial: {
    readonly certificate: { readonly rawBytes: string }
    readonly tlogEntries?: readonly unknown[]
    readonly timestampVerificationData: { readonly rfc3161Timestamps: readonly { readonly signedTimestamp: string }[] }
  }
  readonly dsseEnvelope: Envelope
}

const TOKEN = tokenOf({ sub: 'repo:acme/shop:ref:refs/heads/release/v2.0.0' })
const patience = { timeoutMs: 20_000, attempts: 2, pauseMs: 1 }
const payload = (n: number): Buffer => Buffer.from(`{"n":${n}}`)

async function stage(faults: Faults = {}, token: string | null = TOKEN, timeoutMs = patience.timeoutMs) {
  const server = await fakeSigstore(faults)
  let tokens = 0
  const identity = async (): Promise<string | null> => {
    tokens += 1
    return token
  }
  const signer = keylessSigner({ identity, fulcioUrl: server.url, tsaUrl: server.url, patience: { ...patience, timeoutMs } })
  const sign = async (n: number): Promise<Bundle> => (await signer.sign(payload(n))) as Bundle
  return { server, sign, tokens: () => tokens, [Symbol.asyncDispose]: () => server.close() }
}

test('one key and one certificate sign every statement of the job, however many at once', async () => {
  await using staged = await stage()
  const { server, sign, tokens } = staged
  const bundles = [...(await Promise.all([1, 2, 3, 4].map(sign))), await sign(5)]
  expect(new Set(bundles.map((bundle) => bundle.verificationMaterial.certificate.rawBytes)).size).toBe(1)
  expect([server.at('/api/v2/signingCert').length, server.at('/api/v1/timestamp').length, tokens()]).toEqual([1, 5, 1])
  for (const [at, bundle] of bundles.entries()) {
    expect(bundle.mediaType).toBe('application/vnd.dev.sigstore.bundle.v0.3+json')
    expect(bundle.verificationMaterial.tlogEntries ?? []).toEqual([])
    expect(bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps).toHaveLength(1)
    const { publicKey } = new X509Certificate(Buffer.from(bundle.verificationMaterial.certificate.rawBytes, 'base64'))
    const signature = Buffer.from(bundle.dsseEnvelope.signatures[0]?.sig ?? '', 'base64')
    expect(verify('sha256', pae(bundle.dsseEnvelope.payloadType, payload(at + 1)), publicKey, signature)).toBe(true)
  }
})

test('the certificate is asked for with the token, the key, and the proof that the key is at hand', async () => {
  await using staged = await stage()
  const { server, sign } = staged
  await sign(1)
  const asked = JSON.parse(server.at('/api/v2/signingCert')[0]?.body.toString() ?? '') as {
    credentials: { oidcIdentityToken: string }
    publicKeyRequest: { publicKey: { algorithm: string; content: string }; proofOfPossession: string }
  }
  const { publicKey, proofOfPossession } = asked.publicKeyRequest
  expect(asked.credentials.oidcIdentityToken).toBe(TOKEN)
  const subject = Buffer.from('repo:acme/shop:ref:refs/heads/release/v2.0.0')
  expect(verify('sha256', subject, publicKey.content, Buffer.from(proofOfPossession, 'base64'))).toBe(true)
})

test('a certificate about to end is replaced, so that each timestamp falls into its certificate', async () => {
  await using staged = await stage({ lives: 20 })
  const { server, sign } = staged
  const [first, second] = [await sign(1), await sign(2)]
  expect(first.verificationMaterial.certificate.rawBytes).not.toBe(second.verificationMaterial.certificate.rawBytes)
  expect(server.at('/api/v2/signingCert')).toHaveLength(2)
})

test('what failed once is tried anew by the next statement', async () => {
  let down = true
  await using staged = await stage({ answer: (asked) => (down && asked.path === '/api/v2/signingCert' ? { status: 503 } : null) })
  const { sign } = staged
  await expect(sign(1)).rejects.toMatchObject({ code: 'unavailable' })
  down = false
  expect((await sign(1)).mediaType).toContain('bundle.v0.3')
})

describe('nothing is signed when', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
  test.each<[string, Faults, string | null, string]>([
    ['the job has no identity', {}, null, 'no-identity'],
    ['the token is none', {}, 'secret-token', 'no-identity'],
    ['the token has no subject', {}, tokenOf({ aud: 'sigstore' }), 'no-identity'],
    ['another key is certified', { certify: other }, TOKEN, 'bad-answer'],
    ['there is no certificate in the answer', { answer: () => ({ body: { chain: [] } }) }, TOKEN, 'bad-answer'],
    [
      'the certificate is none',
      { answer: () => ({ body: { signedCertificateEmbeddedSct: { chain: { certificates: ['x'] } } } }) },
      TOKEN,
      'bad-answer',
    ],
    ['the authority says no', { answer: () => ({ status: 403, body: { message: 'not you' } }) }, TOKEN, 'refused'],
    ['the authority is silent', { answer: () => 'never' }, TOKEN, 'unavailable'],
    ['the clock is down', { answer: ({ path }) => (path === '/api/v1/timestamp' ? { status: 500 } : null) }, TOKEN, 'unavailable'],
  ])('%s', async (_, faults, token, code) => {
    await using staged = await stage(faults, token, code === 'unavailable' ? 100 : undefined)
    const { sign } = staged
    const failed = await sign(1).catch((error: unknown) => error as Error & { code: string })
    expect(failed).toMatchObject({ code })
    expect(`${JSON.stringify(failed)} ${(failed as Error).message}`).not.toContain(token ?? 'secret-token')
  })
})
