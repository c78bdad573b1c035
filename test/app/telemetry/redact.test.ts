import { generateKeyPairSync } from 'node:crypto'
import { assert, pre, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { redact } from '../../../app/telemetry/redact.ts'

const letters = 'abcDEF123_-.'.repeat(10)
const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const jwt = ['eyJhbGciOiJSUzI1NiJ9', 'eyJpc3MiOiIxMjM0In0', 'c2lnbmF0dXJlLXNpZ25hdHVyZQ'].join('.')

test.each([
  ['an App token of the old form', `ghs_${'A1b2'.repeat(9)}`],
  ['an App token of the new, long form with dots', `ghs_${letters.slice(0, 90)}`],
  ['a personal token', `ghp_${'x'.repeat(36)}`],
  ['a user token', `ghu_${'x'.repeat(36)}`],
  ['a refresh token', `ghr_${'x'.repeat(76)}`],
  ['an OAuth token', `gho_${'x'.repeat(36)}`],
  ['a fine-grained token', `github_pat_${'x'.repeat(82)}`],
  ['a JWT', jwt],
  ['a private key', pem],
  ['a private key in JSON', JSON.stringify(pem).slice(1, -1)],
  ['a private key cut off', pem.slice(0, 100)],
])('%s does not get through (T45)', (_, secret) => {
  const clean = redact(`before "${secret}" after`)
  expect(clean).not.toContain(secret.slice(30, 60))
  expect(clean).toContain('[redacted]')
  expect(clean).toMatch(/^before "/)
  expect(clean).toMatch(/" after$/)
})

test('a password in an address goes, the address stays', () => {
  expect(redact('postgres://app:s3cr%20et@db:5432/x')).toBe('postgres://app:[redacted]@db:5432/x')
})

test('exact secrets go, wherever they stand', () => {
  assert(
    property(string({ minLength: 8 }), string(), string(), (secret, before, after) => {
      pre(!'[redacted]'.includes(secret))
      expect(redact(`${before}${secret}${after}`, [secret])).not.toBe(`${before}${secret}${after}`)
    }),
  )
})

test('what is no secret stays: commits, digests, plain words, public keys, short values', () => {
  const text = `${'a'.repeat(40)} ${'b'.repeat(64)} ghs_short -----BEGIN PUBLIC KEY----- eyJ.x the`
  expect(redact(text, ['the'])).toBe(text)
})
