/** GitHub's signer of job tokens: an issuer on loopback with its keys, and tokens as jobs get them. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { signJwt } from './github/http/tokens.ts'
import { loopback, type Asked, type Said } from './loopback.ts'

export function signerOfJobs(kid = 'k1') {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  return { kid, privateKey, publicKey, jwk: { ...createPublicKey(publicKey).export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' } }
}

type Signer = ReturnType<typeof signerOfJobs>

export const NOW_S = 1_800_000_000

/** Serves its keys, or what a test says instead. */
export async function issuerOfJobs(signer: Signer, answer?: (asked: Asked) => Said | 'never') {
  const server = await loopback((asked) => answer?.(asked) ?? { headers: { 'content-type': 'application/json' }, body: { keys: [signer.jwk] } })
  return { server, url: server.url, close: () => server.close(), [Symbol.asyncDispose]: () => server.close() }
}

/** As a job of run 9 of repository 7 gets it. */
export function jobToken(signer: Signer, issuer: string, audience: string, more: Readonly<Record<string, string | number | undefined>> = {}): string {
  const claims = {
    iss: issuer,
    aud: audience,
    sub: 'repo:acme/shop:environment:prod',
    jti: crypto.randomUUID(),
    iat: NOW_S,
    nbf: NOW_S - 10,
    exp: NOW_S + 300,
    repository_id: '7',
    run_id: '9',
    ...more,
  }
  return signJwt(JSON.parse(JSON.stringify(claims)), signer.privateKey, signer.kid)
}
