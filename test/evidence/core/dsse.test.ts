import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Envelope, decodeBase64, pae } from '../../../evidence/core/dsse.ts'
import { CoreError } from '../../../evidence/core/error.ts'

test('the encoding of the published example', () => {
  const bytes = pae('http://example.com/HelloWorld', Buffer.from('hello world'))
  expect(Buffer.from(bytes).toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world')
})

test('lengths are of bytes, not of characters', () => {
  expect(Buffer.from(pae('é', Buffer.from('ü'))).toString()).toBe('DSSEv1 2 é 2 ü')
})

test('no two pairs share an encoding', () => {
  const part = fc.string({ unit: fc.constantFrom(' ', '1', '2', 'a'), maxLength: 6 })
  fc.assert(
    fc.property(part, part, part, part, (type, payload, otherType, otherPayload) => {
      const same = type === otherType && payload === otherPayload
      expect(Buffer.from(pae(type, Buffer.from(payload))).equals(pae(otherType, Buffer.from(otherPayload)))).toBe(same)
    }),
    { numRuns: 2000 },
  )
})

test('base64 has one text per value', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeBase64(Buffer.from(bytes).toString('base64'))).toEqual(bytes)
    }),
  )
  for (const text of ['YQ', 'YR==', 'YQ==\n', 'Y Q==', '_-8=', 'YQ===', '!']) expect(() => decodeBase64(text)).toThrow(CoreError)
})

test('an envelope has one signature', () => {
  const signature = { sig: 'YQ==' }
  const envelope = { payload: 'e30=', payloadType: 'x', signatures: [signature] }
  expect(Envelope.safeParse(envelope).success).toBe(true)
  expect(Envelope.safeParse({ ...envelope, signatures: [] }).success).toBe(false)
  expect(Envelope.safeParse({ ...envelope, signatures: [signature, signature] }).success).toBe(false)
  expect(Envelope.safeParse({ ...envelope, more: 1 }).success).toBe(false)
})
