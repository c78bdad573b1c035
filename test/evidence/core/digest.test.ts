import { expect, test } from 'vitest'
import { digestOf, gitBlob, sha256 } from '../../../evidence/core/digest.ts'

test('the published vector of SHA-256', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(sha256(Buffer.from('abc'))).toBe(sha256('abc'))
})

test('a value has the digest of its canonical form', () => {
  expect(digestOf({ b: 1, a: [true] })).toBe(sha256('{"a":[true],"b":1}'))
})

test('a file has the name that Git gives it', () => {
  expect(gitBlob('what is up, doc?')).toBe('bd9dbf5aae1a3862dd1526723246b20206e5fc37')
  expect(gitBlob('')).toBe('e69de29bb2d1d6434b8b29ae775ad8c2e48c5391')
})
