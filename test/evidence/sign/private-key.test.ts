import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { SignError } from '../../../evidence/sign/error.ts'
import { generateKeyPair } from '../../../evidence/sign/local-key.ts'
import { readPrivateKey } from '../../../evidence/sign/private-key.ts'
import { cosignKey, type CosignJson } from '../../support/cosign-key.ts'

const keys = generateKeyPair()
const pemOf = ({ privateKey }: { readonly privateKey: KeyObject }): string => privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const derOf = (pem: string): Buffer => Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
const publicOf = (key: KeyObject): string => createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
const changed =
  (change: (json: CosignJson) => void) =>
  (json: CosignJson): CosignJson => {
    change(json)
    return json
  }

test.each(['ecdsa', 'ed25519'] as const)('a plain key in PEM: %s', (type) => {
  const pair = generateKeyPair(type)
  expect(publicOf(readPrivateKey({ text: pair.privateKeyPem }))).toBe(pair.publicKeyPem)
})

describe("cosign's encrypted key", () => {
  test.each([
    ['as cosign 2 and 3 write it', { label: 'SIGSTORE', N: 65_536 }],
    ['as cosign 1 wrote it', { label: 'COSIGN' }],
  ] as const)('%s', (_, how) => {
    const text = cosignKey(derOf(keys.privateKeyPem), 'correct horse', how)
    expect(publicOf(readPrivateKey({ text, password: 'correct horse' }))).toBe(keys.publicKeyPem)
  })

  test('with an empty password, and with CRLF', () => {
    const text = cosignKey(derOf(keys.privateKeyPem), '').replaceAll('\n', '\r\n')
    expect(publicOf(readPrivateKey({ text, password: '' }))).toBe(keys.publicKeyPem)
  })

  test.each([
    ['another password', 'wrong', 'wrong-password', /does not open/],
    ['none', undefined, 'wrong-password', /COSIGN_PASSWORD/],
  ])('%s does not open it', (_, password, code, message) => {
    const text = cosignKey(derOf(keys.privateKeyPem), 'right')
    const act = (): unknown => readPrivateKey({ text, password })
    expect(act).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }))
  })

  test.each<[string, (json: CosignJson) => unknown]>([
    ['work without bound', changed((json) => void (json.kdf.params.N = 2 ** 30))],
    ['another block size', changed((json) => void (json.kdf.params.r = 1024))],
    ['another derivation', changed((json) => void (json.kdf.name = 'argon2'))],
    ['another cipher', changed((json) => void (json.cipher.name = 'none'))],
    ['a short nonce', changed((json) => void (json.cipher.nonce = 'AAAA'))],
    ['no base64', changed((json) => void (json.ciphertext = '***'))],
    ['a key beside', (json) => ({ ...json, more: 1 })],
    ['no JSON', () => 'hello'],
  ])('%s is refused before any work', (_, spoil) => {
    const text = cosignKey(derOf(keys.privateKeyPem), 'pw', { spoil })
    expect(() => readPrivateKey({ text, password: 'pw' })).toThrow(expect.objectContaining({ code: 'unusable-key' }))
  })

  test('one changed byte of the sealed key does not open', () => {
    const spoil = changed((json) => {
      const bytes = Buffer.from(json.ciphertext, 'base64')
      bytes[40] = (bytes[40] ?? 0) ^ 1
      json.ciphertext = bytes.toString('base64')
    })
    const text = cosignKey(derOf(keys.privateKeyPem), 'pw', { spoil })
    expect(() => readPrivateKey({ text, password: 'pw' })).toThrow(expect.objectContaining({ code: 'wrong-password' }))
  })

  test('what it opens must be a key we can use', () => {
    const rsa = derOf(pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 })))
    for (const inner of [rsa, Buffer.from('no key')])
      expect(() => readPrivateKey({ text: cosignKey(inner, 'pw'), password: 'pw' })).toThrow(expect.objectContaining({ code: 'unusable-key' }))
  })
})

test.each([
  ['another curve', () => pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' })), /secp384r1.*P-256/],
  ['an RSA key', () => pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 })), /rsa.*P-256/],
  ['a public key', () => keys.publicKeyPem, /neither an unencrypted private key/],
  ['no key', () => '', /neither an unencrypted private key/],
  ['a cut key', () => keys.privateKeyPem.slice(0, 80), /neither an unencrypted private key/],
  ['a book', () => `${keys.privateKeyPem}${'x'.repeat(20_000)}`, /more than 16384/],
])('%s is refused and not repeated', (_name, make, message) => {
  const text = make()
  const act = (): unknown => readPrivateKey({ text })
  expect(act).toThrow(SignError)
  expect(act).toThrow(expect.objectContaining({ code: 'unusable-key', message: expect.stringMatching(message) }))
})
