import { execFileSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, sign as signRaw } from 'node:crypto'
import { expect, test } from 'vitest'
import { pae } from '../../../evidence/core/dsse.ts'
import { keyHint } from '../../../evidence/core/key-hint.ts'
import { PAYLOAD_TYPE } from '../../../evidence/model/kinds.ts'
import { statementBytes } from '../../../evidence/sign/statement.ts'
import { readBundle } from '../../../evidence/verify/bundle.ts'
import { EvidenceError } from '../../../evidence/verify/error.ts'
import { whoSigned } from '../../../evidence/verify/identity.ts'
import { readKeys, type KeyRing } from '../../../evidence/verify/trust.ts'
import type { TrustedKey } from '../../../evidence/verify/verifier.ts'
import { KEYS, STRANGER, TRUST, selfTest, sign, statement } from './statements.ts'

function ring(...keys: readonly TrustedKey[]): KeyRing {
  const read = readKeys(keys)
  if (read instanceof EvidenceError) throw read
  return read
}

function readable(of: unknown): Exclude<ReturnType<typeof readBundle>, EvidenceError> {
  const read = readBundle(of)
  if (read instanceof EvidenceError) throw read
  return read
}

const SELF_TEST = statement('self-test', selfTest('policy_ci'))
const bundle = async (): Promise<ReturnType<typeof readable>> => readable(await sign(SELF_TEST))

test('the signer is the trusted key whose signature it is', async () => {
  expect(whoSigned(await bundle(), ring({ id: 'other', publicKeyPem: STRANGER.publicKeyPem }, ...TRUST.keys))).toBe('demo')
  expect(whoSigned(await bundle(), ring({ id: 'other', publicKeyPem: STRANGER.publicKeyPem }))).toMatchObject({ code: 'untrusted-signer' })
})

test('a PEM with Windows line ends or space around it is the same key', async () => {
  expect(whoSigned(await bundle(), ring({ id: 'demo', publicKeyPem: `\n${KEYS.publicKeyPem.replaceAll('\n', '\r\n')}\n` }))).toBe('demo')
})

test('an Ed25519 key signs as well as one on P-256', () => {
  const pair = generateKeyPairSync('ed25519')
  const publicKeyPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const payload = Buffer.from(statementBytes(SELF_TEST))
  const signed = (over: Uint8Array): ReturnType<typeof readable> =>
    readable({
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: { publicKey: { hint: keyHint(createPublicKey(publicKeyPem)) } },
      dsseEnvelope: {
        payload: payload.toString('base64'),
        payloadType: PAYLOAD_TYPE,
        signatures: [{ sig: signRaw(null, over, pair.privateKey).toString('base64') }],
      },
    })
  const trusted = ring(...TRUST.keys, { id: 'edward', publicKeyPem })
  expect(whoSigned(signed(pae(PAYLOAD_TYPE, payload)), trusted)).toBe('edward')
  expect(whoSigned(signed(payload), trusted)).toMatchObject({ code: 'bad-signature' })
})

test('Sigstore is imported by identity.ts alone', () => {
  const found = execFileSync(
    'grep',
    ['-rlE', String.raw`from '(@sigstore/verify|sigstore)'`, 'evidence', 'gates', 'agents', 'app', 'actions', '--include=*.ts'],
    { encoding: 'utf8' },
  )
  expect(found.trim().split('\n')).toEqual(['evidence/verify/identity.ts'])
})
