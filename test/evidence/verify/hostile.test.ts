/** Whatever comes in, the answer is an answer: no throw, no hang, and nothing else than what was signed is ever believed. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EvidenceError } from '../../../evidence/verify/error.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import { verifyBundle } from '../../../evidence/verify/verify.ts'
import { minutes, NOW } from '../../support/sigstore/instance.ts'
import { keyless, keylessTrust, SIGNER } from './keyless.ts'
import { TRUST } from './statements.ts'

const TRUSTED = keylessTrust({ keys: TRUST.keys })
const bytesOf = (bundle: unknown): Buffer => Buffer.from(JSON.stringify(bundle))

/** Who was believed about what and when; undefined: nobody. */
function believed(bundle: unknown): string | undefined {
  const answer = verifyBundle({ bundle, trust: TRUSTED, expect: {} })
  return answer instanceof EvidenceError ? undefined : `${answer.signer} ${answer.digest} ${answer.signedAt ?? ''} ${answer.logged}`
}

describe('one bit flipped anywhere', () => {
  test.each([
    ['with the log’s time', bytesOf(keyless({ stamps: [], log: { at: NOW } }))],
    ['with a timestamp', bytesOf(keyless())],
    ['with both and two logs', bytesOf(keyless({ log: { kind: 'hashedrekord' } }))],
  ])('%s: not believed, or as exactly the same', (_name, bundle) => {
    const before = believed(bundle)
    expect(before).toContain(SIGNER)
    fc.assert(
      fc.property(fc.nat(bundle.length - 1), fc.nat(7), (at, bit) => {
        const flipped = Uint8Array.from(bundle)
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
        expect([undefined, before]).toContain(believed(flipped))
      }),
      { numRuns: 300 },
    )
  })

  test('in a bundle without timestamp every bit counts', () => {
    const bundle = bytesOf(keyless({ stamps: [], log: { at: NOW } }))
    fc.assert(
      fc.property(fc.nat(bundle.length - 1), fc.nat(7), (at, bit) => {
        const flipped = Uint8Array.from(bundle)
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
        expect(believed(flipped)).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })
})

describe('any bytes in a field that is read as DER', () => {
  test('of the certificate and the timestamp', () => {
    const good = keyless()
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (raw) => {
        const text = Buffer.from(raw).toString('base64')
        const one = { ...good, verificationMaterial: { ...good.verificationMaterial, certificate: { rawBytes: text } } }
        const stamps = { rfc3161Timestamps: [{ signedTimestamp: text }] }
        const other = { ...good, verificationMaterial: { ...good.verificationMaterial, timestampVerificationData: stamps } }
        expect([believed(one), believed(other)]).toEqual([undefined, undefined])
      }),
      { numRuns: 200 },
    )
  })

  test('of the body of a log entry, and any text as its checkpoint', () => {
    const good = keyless({ log: {} })
    const [entry] = good.verificationMaterial.tlogEntries ?? []
    fc.assert(
      fc.property(fc.json(), fc.string({ minLength: 1 }), (body, envelope) => {
        const canonicalizedBody = Buffer.from(body).toString('base64')
        const proof = { ...entry?.inclusionProof, checkpoint: { envelope } }
        for (const change of [{ canonicalizedBody }, { inclusionProof: proof }]) {
          const material = { ...good.verificationMaterial, tlogEntries: [{ ...entry, ...change }] }
          expect(believed({ ...good, verificationMaterial: material })).toBeUndefined()
        }
      }),
      { numRuns: 200 },
    )
  })
})

test('any value at all', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }), (value) => {
      expect(believed(value)).toBeUndefined()
    }),
  )
})

test('deep, huge and repeated JSON is refused quickly', () => {
  const start = performance.now()
  const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`
  const twice = bytesOf(keyless()).toString().replace('{', '{"mediaType":"x",')
  const many = JSON.stringify({ ...keyless(), more: Array.from({ length: 100_000 }, (_, index) => index) })
  for (const hostile of [deep, twice, many, ' '.repeat(1 << 20), '[]', '"', '\u0000']) expect(believed(Buffer.from(hostile))).toBeUndefined()
  const { tlogEntries } = keyless({ log: {} }).verificationMaterial
  const flood = {
    ...keyless(),
    verificationMaterial: { ...keyless().verificationMaterial, tlogEntries: Array.from({ length: 1000 }, () => tlogEntries?.[0]) },
  }
  expect(believed(flood)).toBeUndefined()
  expect(performance.now() - start).toBeLessThan(20_000)
})

test('a trust that cannot be used never believes in part', () => {
  const bundle = keyless()
  for (const trust of [
    trustOf({}),
    keylessTrust({ keys: [{ id: 'x', publicKeyPem: 'nonsense' }] }),
    keylessTrust({ root: { bytes: new Uint8Array() } }),
    keylessTrust({ workflows: [] }),
  ])
    expect(verifyBundle({ bundle, trust, expect: {} })).toBeInstanceOf(EvidenceError)
})

test('the clock decides nothing but that a signature is not from the future', () => {
  const bundle = keyless()
  const at = (count: number): boolean =>
    !(verifyBundle({ bundle, trust: TRUSTED, expect: {}, now: minutes(NOW, count).getTime() }) instanceof EvidenceError)
  const ever = fc.property(fc.integer({ min: 0, max: 60 * 365 * 24 * 60 }), (later) => at(later))
  const before = fc.property(fc.integer({ min: 6, max: 365 * 24 * 60 }), (sooner) => !at(-sooner))
  expect([fc.check(ever, { numRuns: 20 }).failed, fc.check(before, { numRuns: 20 }).failed]).toEqual([false, false])
})
