import { execFileSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, sign as signRaw } from 'node:crypto'
import { expect, test } from 'vitest'
import { pae } from '../../../evidence/core/dsse.ts'
import { keyHint } from '../../../evidence/core/key-hint.ts'
import { PAYLOAD_TYPE } from '../../../evidence/model/kinds.ts'
import { statementBytes } from '../../../evidence/sign/statement.ts'
import { readBundle } from '../../../evidence/verify/bundle.ts'
import { EvidenceError } from '../../../evidence/verify/error.ts'
import { whoSigned } from '../../../evidence/verify/signer.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import type { TrustedKey } from '../../../evidence/verify/verifier.ts'
import { asked, keyless, keylessTrust } from './keyless.ts'
import { KEYS, STRANGER, TRUST, selfTest, sign, statement } from './statements.ts'

const SELF_TEST = statement('self-test', selfTest('policy_ci'))
const OTHER = { id: 'other', publicKeyPem: STRANGER.publicKeyPem }

function who(of: unknown, ...keys: readonly TrustedKey[]): unknown {
  const bundle = readBundle(of)
  if (bundle instanceof EvidenceError) throw bundle
  const answer = whoSigned(bundle, trustOf({ keys }), { mustBeLogged: false })
  return answer instanceof EvidenceError ? answer.code : answer
}

test('the signer is the trusted key whose signature it is', async () => {
  const bundle = await sign(SELF_TEST)
  expect(who(bundle, OTHER, ...TRUST.keys)).toEqual({ signer: 'demo', job: null, at: null, logged: false })
  expect(who(bundle, OTHER)).toBe('untrusted-signer')
})

test('a PEM with Windows line ends or space around it is the same key', async () => {
  expect(who(await sign(SELF_TEST), { id: 'demo', publicKeyPem: `\n${KEYS.publicKeyPem.replaceAll('\n', '\r\n')}\n` })).toMatchObject({
    signer: 'demo',
  })
})

test('an Ed25519 key signs as well as one on P-256', () => {
  const pair = generateKeyPairSync('ed25519')
  const publicKeyPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const payload = Buffer.from(statementBytes(SELF_TEST))
  const signed = (over: Uint8Array): unknown => ({
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: keyHint(createPublicKey(publicKeyPem)) } },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ sig: signRaw(null, over, pair.privateKey).toString('base64') }],
    },
  })
  const keys = [...TRUST.keys, { id: 'edward', publicKeyPem }]
  expect(who(signed(pae(PAYLOAD_TYPE, payload)), ...keys)).toMatchObject({ signer: 'edward' })
  expect(who(signed(payload), ...keys)).toBe('bad-signature')
})

test('a certificate needs a trusted workflow and a root', () => {
  expect(asked(keyless(), { trust: TRUST })).toBe('untrusted-signer')
  expect(asked(keyless(), { trust: keylessTrust({ root: null }) })).toBe('no-root')
  expect(asked(keyless(), { trust: trustOf({ root: keylessTrust().root }) })).toBe('no-trust')
  expect(asked(keyless(), { trust: keylessTrust({ keys: TRUST.keys }) })).toMatchObject({ signer: expect.any(String) as string })
})

function importers(pattern: string): string[] {
  return execFileSync('grep', ['-rlE', pattern, 'evidence', 'gates', 'agents', 'app', 'actions', '--include=*.ts'], { encoding: 'utf8' })
    .trim()
    .split('\n')
}

test('Sigstore is imported by signing and verification, its verifier by one file', () => {
  expect(importers(String.raw`from '(@sigstore/verify|sigstore)'`)).toEqual(['evidence/verify/sigstore.ts'])
  expect(importers(String.raw`from '(@sigstore/|sigstore')`).filter((path) => !/^evidence\/(?:verify|sign)\//.test(path))).toEqual([])
})
