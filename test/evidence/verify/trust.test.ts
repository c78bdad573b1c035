import { expect, test } from 'vitest'
import { EvidenceError } from '../../../evidence/verify/error.ts'
import { readKeys, trustOf } from '../../../evidence/verify/trust.ts'
import { KEYS, STRANGER } from './statements.ts'

test('what is not named is not trusted', () => {
  expect(trustOf({})).toEqual({ keys: [], workflows: [], root: null })
})

test('keys are found by their hint, and one bad key spoils the list', () => {
  const keys = [
    { id: 'a', publicKeyPem: KEYS.publicKeyPem },
    { id: 'b', publicKeyPem: STRANGER.publicKeyPem },
  ]
  const ring = readKeys(keys)
  expect(ring instanceof EvidenceError ? ring : [...ring.values()].map((each) => each.id)).toEqual(['a', 'b'])
  expect(readKeys([...keys, { id: 'c', publicKeyPem: 'nonsense' }])).toMatchObject({ code: 'no-trust' })
  expect(readKeys([...keys, { id: 'c', publicKeyPem: KEYS.publicKeyPem }])).toMatchObject({ code: 'no-trust' })
})
