import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { readBundle } from '../../../evidence/verify/bundle.ts'
import { EvidenceError } from '../../../evidence/verify/error.ts'
import { readTrust, whoSigned, type Trust } from '../../../evidence/verify/identity.ts'
import { KEYS, STRANGER, TRUST, selfTest, sign, statement } from './statements.ts'

function trustOf(...keys: readonly { id: string; publicKeyPem: string }[]): Trust {
  const trust = readTrust(keys)
  if (trust instanceof EvidenceError) throw trust
  return trust
}

async function bundle(): Promise<Exclude<ReturnType<typeof readBundle>, EvidenceError>> {
  const read = readBundle(await sign(statement('self-test', selfTest('policy_ci'))))
  if (read instanceof EvidenceError) throw read
  return read
}

test('the signer is the trusted key whose signature it is', async () => {
  expect(whoSigned(await bundle(), trustOf({ id: 'other', publicKeyPem: STRANGER.publicKeyPem }, ...TRUST))).toBe('demo')
  expect(whoSigned(await bundle(), trustOf({ id: 'other', publicKeyPem: STRANGER.publicKeyPem }))).toMatchObject({ code: 'untrusted-signer' })
})

test('a PEM with Windows line ends or space around it is the same key', async () => {
  expect(whoSigned(await bundle(), trustOf({ id: 'demo', publicKeyPem: `\n${KEYS.publicKeyPem.replaceAll('\n', '\r\n')}\n` }))).toBe('demo')
})

test('Sigstore is imported by identity.ts alone', () => {
  const found = execFileSync(
    'grep',
    ['-rlE', String.raw`from '(@sigstore/verify|sigstore)'`, 'evidence', 'gates', 'agents', 'app', 'actions', '--include=*.ts'],
    { encoding: 'utf8' },
  )
  expect(found.trim().split('\n')).toEqual(['evidence/verify/identity.ts'])
})
