import { expect, test } from 'vitest'
import { namesSecret, secretIn } from '../../../agents/platform/infrasec.secrets.ts'

test.each([
  ['DB_PASSWORD', 'x9'],
  ['GITHUB_TOKEN', 'abcdef'],
  ['clientSecret', 'abcdef'],
  ['AWS_SECRET_ACCESS_KEY', 'abcdef'],
  ['SENTRY_DSN', 'abcdef'],
  ['A', `AKIA${'A'.repeat(16)}`],
  ['A', `ghp_${'a'.repeat(36)}`],
  ['A', '-----BEGIN EC PRIVATE KEY-----'],
  ['DATABASE_URL', 'postgres://a:b@db/x'],
  ['A', `SG.${'a'.repeat(30)}`],
  ['A', `dop_v1_${'a'.repeat(64)}`],
  ['TOKEN', '/Zm9vYmFy/AbC='],
])('%s=%s', (name, value) => {
  expect(secretIn(name, value)).not.toBeNull()
  expect(secretIn(name, value)).not.toContain(value)
})

test.each([
  ['TOKEN_FILE', '/run/secrets/token'],
  ['TOKEN', '$TOKEN'],
  ['TOKEN', ''],
  ['TOKEN', null],
  ['USE_TOKEN', 'true'],
  ['PASSPORT', 'blue'],
  ['KEYBOARD', 'qwertz'],
  ['DATABASE_URL', 'postgres://db/x'],
  ['DATABASE_URL', 'postgres://a:$PASSWORD@db/x'],
  ['SECRET_NAME', 'shop'],
  ['GOOGLE_APPLICATION_CREDENTIALS', '/credentials/cloud'],
])('%s=%s is none', (name, value) => {
  expect(secretIn(name, value)).toBeNull()
})

test('names alone', () => {
  expect(['NPM_TOKEN', 'PASSWORD', 'SSH_PRIVATE_KEY'].map(namesSecret)).toEqual([true, true, true])
  expect(['TOKEN_URL', 'VERSION', 'TOKENIZER'].map(namesSecret)).toEqual([false, false, false])
})
