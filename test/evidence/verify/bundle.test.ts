import { expect, test } from 'vitest'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { readBundle } from '../../../evidence/verify/bundle.ts'
import { EvidenceError } from '../../../evidence/verify/error.ts'
import { selfTest, sign, statement } from './statements.ts'

test('gives the payload as it was signed, from bytes and from the value', async () => {
  const of = statement('self-test', selfTest('policy_ci'))
  const bytes = await sign(of)
  for (const form of [bytes, JSON.parse(Buffer.from(bytes).toString()) as unknown]) {
    const bundle = readBundle(form)
    if (bundle instanceof EvidenceError) throw bundle
    expect(Buffer.from('payload' in bundle.content ? bundle.content.payload : '').toString()).toBe(canonicalize(of))
    expect('hint' in bundle.signer && bundle.signer.hint).toMatch(/^[A-Za-z0-9+/]{43}=$/)
  }
})

test('a message about a hostile bundle stays short', () => {
  const answer = readBundle({ ['x'.repeat(100_000)]: 1, mediaType: 'y'.repeat(100_000) })
  expect(answer).toMatchObject({ code: 'malformed' })
  expect((answer as EvidenceError).message.length).toBeLessThan(1000)
})
