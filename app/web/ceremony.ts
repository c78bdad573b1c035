/**
 * What a security key is asked, and whether it answered (WebAuthn, https://www.w3.org/TR/webauthn-3/). The challenge is made of a nonce that only the store
 * knew and of everything that is signed for, so a signature is good for that and for nothing else. The key must have verified its user.
 */
import { createHash } from 'node:crypto'
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import { z } from 'zod'
import { digestOf } from '../../evidence/core/digest.ts'
import { CHALLENGE_MS, type Challenge, type SecurityKey, type UsedKey } from '../store/keys.ts'
import type { Member } from '../store/sessions.ts'

export interface Ceremony {
  /** For `navigator.credentials.create`, as JSON. */
  registration(by: Member, challenge: Challenge, known: readonly SecurityKey[]): Promise<object>
  /** For `navigator.credentials.get`, as JSON. @param keys that may sign */
  signature(by: Member, challenge: Challenge, keys: readonly SecurityKey[]): Promise<object>
  /** A key that is new, not kept yet; null: it did not answer to this. @param answer as the browser's JSON */
  registered(by: Member, challenge: Challenge, answer: string): Promise<Pick<SecurityKey, 'id' | 'publicKey' | 'counter'> | null>
  /** The key that signed; null: none of these did, or not this. */
  signed(by: Member, challenge: Challenge, keys: readonly SecurityKey[], answer: string): Promise<UsedKey | null>
}

const Text = z.string().max(20_000)
const Base64url = z.string().regex(/^[\w-]{1,20000}$/)
const Answer = {
  id: Base64url,
  rawId: Base64url,
  type: z.literal('public-key'),
  clientExtensionResults: z.record(z.string().max(100), z.unknown()),
  authenticatorAttachment: Text.optional(),
}
const Registered = z.object({ ...Answer, response: z.object({ clientDataJSON: Base64url, attestationObject: Base64url }) })
const Signed = z.object({
  ...Answer,
  response: z.object({ clientDataJSON: Base64url, authenticatorData: Base64url, signature: Base64url, userHandle: Base64url.optional() }),
})

/** Loaded with the first key: it asks the runtime for what is experimental there, which warns. */
const library = async () => await import('@simplewebauthn/server')

/** Ed25519, ES256, RS256. */
const ALGORITHMS = [-8, -7, -257]
/** The library throws at what does not verify. */
const NONE = (): null => null

/** @param publicUrl where browsers reach the pages: keys are bound to its host */
export function openCeremony(publicUrl: string): Ceremony {
  const { origin, hostname } = new URL(publicUrl)
  const expected = { expectedOrigin: origin, expectedRPID: hostname, requireUserVerification: true }
  return {
    registration: async (by, challenge, known) =>
      (await library()).generateRegistrationOptions({
        rpName: 'Release Conductor',
        rpID: hostname,
        userID: bytesOf(Buffer.from(String(by.id))),
        userName: by.login,
        challenge: challengeBytes(by, challenge),
        timeout: CHALLENGE_MS,
        attestationType: 'none',
        supportedAlgorithmIDs: ALGORITHMS,
        excludeCredentials: known.map(({ id }) => ({ id })),
        authenticatorSelection: { userVerification: 'required', residentKey: 'discouraged' },
      }),
    signature: async (by, challenge, keys) =>
      (await library()).generateAuthenticationOptions({
        rpID: hostname,
        challenge: challengeBytes(by, challenge),
        timeout: CHALLENGE_MS,
        userVerification: 'required',
        allowCredentials: keys.map(({ id }) => ({ id })),
      }),
    async registered(by, challenge, answer) {
      const response = read(Registered, answer)
      if (response === null) return null
      const of = { response: response as RegistrationResponseJSON, expectedChallenge: challengeText(by, challenge), ...expected }
      const found = await (await library()).verifyRegistrationResponse(of).catch(NONE)
      if (found?.verified !== true) return null
      const { id, publicKey, counter } = found.registrationInfo.credential
      return { id, publicKey, counter }
    },
    async signed(by, challenge, keys, answer) {
      const response = read(Signed, answer)
      const key = keys.find(({ id }) => id === response?.id)
      if (response === null || key === undefined) return null
      const credential = { id: key.id, publicKey: bytesOf(key.publicKey), counter: key.counter }
      const of = { response: response as AuthenticationResponseJSON, expectedChallenge: challengeText(by, challenge), credential, ...expected }
      const found = await (await library()).verifyAuthenticationResponse(of).catch(NONE)
      return found?.verified === true ? { id: key.id, from: key.counter, to: found.authenticationInfo.newCounter } : null
    },
  }
}

/** SHA-256 over the nonce and the digest of who signs what. */
function challengeBytes({ id }: Member, { nonce, about }: Challenge): Uint8Array<ArrayBuffer> {
  return bytesOf(
    createHash('sha256')
      .update(`release-conductor/challenge/v1\n${nonce}\n${digestOf({ user: id, about })}`)
      .digest(),
  )
}

function challengeText(by: Member, challenge: Challenge): string {
  return Buffer.from(challengeBytes(by, challenge)).toString('base64url')
}

function bytesOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes)
}

function read<Value>(schema: z.ZodType<Value>, text: string): Value | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
