/**
 * A certificate for a job: Fulcio binds a fresh key to the identity in the job's token, for some ten minutes.
 * https://github.com/sigstore/fulcio/blob/main/fulcio.proto (CreateSigningCertificate)
 */
import { generateKeyPairSync, sign, X509Certificate, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { SignError } from './error.ts'
import { addressOf, ask, jsonOf, type Patience } from './service.ts'

const SERVICE = 'the certificate authority (Fulcio)'
const Chain = z.object({ chain: z.object({ certificates: z.array(z.string().max(20_000)).min(1).max(10) }) })
const Answer = z.union([z.object({ signedCertificateEmbeddedSct: Chain }), z.object({ signedCertificateDetachedSct: Chain })])
const Claims = z.object({ sub: z.string().min(1).max(2000), email: z.string().optional() })

export interface Certified {
  /** ECDSA P-256; it lives in this process only. */
  readonly privateKey: KeyObject
  /** The leaf. */
  readonly certificatePem: string
  /** Epoch milliseconds. */
  readonly notAfter: number
}

/** @param token OIDC token with the audience `sigstore` @throws SignError `no-identity`, `bad-address`, `unavailable`, `refused`, `bad-answer` */
export async function certify(of: { readonly url: string; readonly token: string; readonly patience?: Patience }): Promise<Certified> {
  const { url, token, patience } = of
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const { bytes } = await ask({
    service: SERVICE,
    url: addressOf(url, '/api/v2/signingCert'),
    contentType: 'application/json',
    body: JSON.stringify({
      credentials: { oidcIdentityToken: token },
      publicKeyRequest: {
        publicKey: { algorithm: 'ECDSA', content: publicKeyPem },
        // Fulcio wants to see that whoever asks has the key: the subject of the token, signed with it.
        proofOfPossession: sign('sha256', Buffer.from(subjectOf(token)), privateKey).toString('base64'),
      },
    }),
    ...(patience === undefined ? {} : { patience }),
  })
  const parsed = Answer.safeParse(jsonOf(SERVICE, bytes))
  if (!parsed.success) throw new SignError('bad-answer', `${SERVICE} answered without a certificate`)
  const { chain } =
    'signedCertificateEmbeddedSct' in parsed.data ? parsed.data.signedCertificateEmbeddedSct : parsed.data.signedCertificateDetachedSct
  const certificatePem = chain.certificates[0] ?? ''
  const certificate = readCertificate(certificatePem)
  if (certificate === null || !certificate.checkPrivateKey(privateKey))
    throw new SignError('bad-answer', `${SERVICE} certified another key than the one it was asked about`)
  return { privateKey, certificatePem, notAfter: Date.parse(certificate.validTo) }
}

function subjectOf(token: string): string {
  try {
    const claims = Claims.parse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')))
    return claims.email ?? claims.sub
  } catch {
    // The cause is dropped on purpose: a token is a secret while it lives.
    throw new SignError('no-identity', "the job's identity token is no OIDC token with a subject")
  }
}

function readCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem)
  } catch {
    return null
  }
}
