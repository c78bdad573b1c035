import { expect, test } from 'vitest'
import { digestOf, sha256 } from '../../../evidence/core/digest.ts'

test('the published vector of SHA-256', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(sha256(Buffer.from('abc'))).toBe(sha256('abc'))
})

test('a value has the digest of its canonical form', () => {
  expect(digestOf({ b: 1, a: [true] })).toBe(sha256('{"a":[true],"b":1}'))
})
