import { createPrivateKey } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseConfig } from '../../../../evidence/config/parse.ts'
import { localKeySigner } from '../../../../evidence/sign/local-key.ts'
import { cli, emptyFolder } from '../harness.ts'

test('a pair that signs; the private half is for its owner alone; the lines it shows are right in the config', async () => {
  const cwd = emptyFolder()
  const { exit, out } = await cli(['keys', 'generate', '--out=k', '--id=demo'], { cwd })
  expect(exit).toBe(0)
  expect(statSync(join(cwd, 'k.pem')).mode & 0o777).toBe(0o600)
  expect(localKeySigner({ id: 'demo', privateKeyPem: readFileSync(join(cwd, 'k.pem'), 'utf8') }).id).toBe('demo')
  expect(out).not.toContain('PRIVATE KEY-----')
  const parsed = parseConfig(`version: 1\nrelease: { base: [main] }\n${out.slice(out.indexOf('trust:'))}`)
  expect(parsed.ok && parsed.config.trust.keys[0]?.public_key).toBe(readFileSync(join(cwd, 'k.pub'), 'utf8'))
})

test('a key that is there is never written over', async () => {
  const cwd = emptyFolder()
  await cli(['keys', 'generate'], { cwd })
  const before = readFileSync(join(cwd, 'release-key.pem'), 'utf8')
  expect((await cli(['keys', 'generate'], { cwd })).exit).toBe(2)
  expect(readFileSync(join(cwd, 'release-key.pem'), 'utf8')).toBe(before)
  expect((await cli(['keys', 'generate', '--id=A B'], { cwd })).exit).toBe(2)
  expect((await cli(['keys', 'delete'], { cwd })).exit).toBe(2)
})

test('an Ed25519 pair, when asked; no other type', async () => {
  const cwd = emptyFolder()
  expect((await cli(['keys', 'generate', '--out=k', '--type=ed25519'], { cwd })).exit).toBe(0)
  expect(createPrivateKey(readFileSync(join(cwd, 'k.pem'), 'utf8')).asymmetricKeyType).toBe('ed25519')
  expect((await cli(['keys', 'generate', '--out=j', '--type=rsa'], { cwd })).err).toContain('--type=ecdsa or --type=ed25519')
})
