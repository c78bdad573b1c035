import { createPublicKey, generateKeyPairSync, verify, type KeyObject } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { pae } from '../../../evidence/core/dsse.ts'
import { SignError } from '../../../evidence/sign/error.ts'
import { generateKeyPair, localKeySigner } from '../../../evidence/sign/local-key.ts'
import type { Envelope } from '../../../evidence/core/dsse.ts'

const keys = generateKeyPair()
const payload = Buffer.from('{"any":"bytes"}')

async function sign(): Promise<{ mediaType: string; verificationMaterial: unknown; dsseEnvelope: Envelope }> {
  return (await localKeySigner({ id: 'demo', privateKeyPem: keys.privateKeyPem }).sign(payload)) as never
}

describe('localKeySigner', () => {
  test('signs the pre-authentication encoding, so that plain Node verifies it', async () => {
    const bundle = await sign()
    expect(bundle.mediaType).toBe('application/vnd.dev.sigstore.bundle.v0.3+json')
    expect(Buffer.from(bundle.dsseEnvelope.payload, 'base64')).toEqual(payload)
    expect(bundle.dsseEnvelope.payloadType).toBe('application/vnd.in-toto+json')
    const signature = Buffer.from(bundle.dsseEnvelope.signatures[0]?.sig ?? '', 'base64')
    expect(verify('sha256', pae(bundle.dsseEnvelope.payloadType, payload), createPublicKey(keys.publicKeyPem), signature)).toBe(true)
    expect(verify('sha256', payload, createPublicKey(keys.publicKeyPem), signature)).toBe(false)
  })

  test('names the key by its hint, and holds nothing of the private key', async () => {
    const text = JSON.stringify(await sign())
    expect(text).toContain('"publicKey":{"hint":"')
    expect(text).not.toContain('PRIVATE')
    for (const line of keys.privateKeyPem.split('\n').filter((part) => part !== '' && !part.includes('-'))) expect(text).not.toContain(line)
  })

  test('the envelope names no key of its own: a keyid in a form that is not theirs makes other tools pass over the signature', async () => {
    expect(Object.keys((await sign()).dsseEnvelope.signatures[0] ?? {})).toEqual(['sig'])
  })

  test.each([
    ['an Ed25519 key', () => pemOf(generateKeyPairSync('ed25519')), /ed25519.*P-256/],
    ['another curve', () => pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' })), /secp384r1.*P-256/],
    ['an RSA key', () => pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 })), /rsa.*P-256/],
    ['a public key', () => keys.publicKeyPem, /not an unencrypted private key/],
    ['no key', () => '', /not an unencrypted private key/],
    ['a cut key', () => keys.privateKeyPem.slice(0, 80), /not an unencrypted private key/],
  ])('refuses %s and does not repeat it', (_name, make, message) => {
    const text = make()
    const act = (): unknown => localKeySigner({ id: 'demo', privateKeyPem: text })
    expect(act).toThrow(SignError)
    expect(act).toThrow(expect.objectContaining({ code: 'unusable-key', message: expect.stringMatching(message) }))
  })
})

function pemOf({ privateKey }: { readonly privateKey: KeyObject }): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}
