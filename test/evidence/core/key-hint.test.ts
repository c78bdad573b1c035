import { createHash, createPublicKey } from 'node:crypto'
import { expect, test } from 'vitest'
import { keyHint } from '../../../evidence/core/key-hint.ts'
import { generateKeyPair } from '../../../evidence/sign/local-key.ts'

test('is the digest of what stands between the PEM lines', () => {
  const { publicKeyPem } = generateKeyPair()
  const der = Buffer.from(publicKeyPem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
  expect(keyHint(createPublicKey(publicKeyPem))).toBe(createHash('sha256').update(der).digest('base64'))
  expect(keyHint(createPublicKey(generateKeyPair().publicKeyPem))).not.toBe(keyHint(createPublicKey(publicKeyPem)))
})
