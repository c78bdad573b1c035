import { createPublicKey, verify } from 'node:crypto'
import type { Witness } from '@sigstore/sign'
import { describe, expect, test } from 'vitest'
import { sha256 } from '../../../evidence/core/digest.ts'
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

  test('Ed25519 signs the same bytes, and no digest of them', async () => {
    const ed = generateKeyPair('ed25519')
    const bundle = (await localKeySigner({ id: 'demo', privateKeyPem: ed.privateKeyPem }).sign(payload)) as { dsseEnvelope: Envelope }
    const signature = Buffer.from(bundle.dsseEnvelope.signatures[0]?.sig ?? '', 'base64')
    expect(verify(null, pae(bundle.dsseEnvelope.payloadType, payload), createPublicKey(ed.publicKeyPem), signature)).toBe(true)
  })

  test.each(['ecdsa', 'ed25519'] as const)('%s signs any bytes as a message', async (type) => {
    const pair = generateKeyPair(type)
    const signer = localKeySigner({ id: 'demo', privateKeyPem: pair.privateKeyPem })
    expect(signer.publicKeyPem).toBe(pair.publicKeyPem)
    const blob = Buffer.from([0, 1, 2, 255])
    const bundle = (await signer.signBlob(blob)) as Record<'messageSignature', { messageDigest: object; signature: string }>
    expect(bundle.messageSignature.messageDigest).toEqual({ algorithm: 'SHA2_256', digest: Buffer.from(sha256(blob), 'hex').toString('base64') })
    const signature = Buffer.from(bundle.messageSignature.signature, 'base64')
    expect(verify(type === 'ecdsa' ? 'sha256' : null, blob, createPublicKey(pair.publicKeyPem), signature)).toBe(true)
  })

  test('what a witness says stands beside the signature; what it cannot say, nothing says', async () => {
    const signedTimestamp = Buffer.from('when')
    const witness: Witness = { testify: async () => ({ rfc3161Timestamps: [{ signedTimestamp }] }) }
    const bundle = await localKeySigner({ id: 'demo', privateKeyPem: keys.privateKeyPem }, [witness]).sign(payload)
    expect(bundle).toMatchObject({
      verificationMaterial: { timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: signedTimestamp.toString('base64') }] } },
    })
    const silent: Witness = { testify: () => Promise.reject(new SignError('unavailable', 'down')) }
    await expect(localKeySigner({ id: 'demo', privateKeyPem: keys.privateKeyPem }, [silent]).sign(payload)).rejects.toMatchObject({
      code: 'unavailable',
    })
  })
})
