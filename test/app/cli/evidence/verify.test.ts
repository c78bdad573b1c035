import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verify } from '../../../../app/cli/evidence/verify.ts'
import { buildPack } from '../../../../evidence/pack/build.ts'
import { generateKeyPair, localKeySigner } from '../../../../evidence/sign/local-key.ts'
import { goldenInputs } from '../../../evidence/pack/golden.ts'
import { KEYS } from '../../../evidence/verify/statements.ts'
import { cli, emptyFolder } from '../harness.ts'

async function folderWithPack(): Promise<{ cwd: string; zip: Uint8Array }> {
  const cwd = emptyFolder()
  const { zip } = await buildPack({ ...(await goldenInputs()), signer: localKeySigner({ id: 'demo', privateKeyPem: KEYS.privateKeyPem }) })
  writeFileSync(join(cwd, 'evidence.zip'), zip)
  writeFileSync(join(cwd, 'demo.pub'), KEYS.publicKeyPem)
  writeFileSync(join(cwd, 'private.pem'), KEYS.privateKeyPem)
  writeFileSync(join(cwd, 'other.pub'), generateKeyPair().publicKeyPem)
  return { cwd, zip }
}

test('needs a pack, and says what each option is for', () => {
  expect(verify.words).toEqual({ least: 1, most: 200 })
  expect(Object.keys(verify.meaning).toSorted()).toEqual(Object.keys(verify.options).toSorted())
})

test('a pack is verified from itself and the public key alone', async () => {
  const { cwd } = await folderWithPack()
  const { exit, out } = await cli(['evidence', 'verify', 'evidence.zip', '--key=demo.pub', '--json'], { cwd })
  expect(exit).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ ok: true, decision: 'go' })
  expect((await cli(['evidence', 'verify', 'evidence.zip', '--key', 'demo=demo.pub'], { cwd })).out).toContain(
    'every entry, signature and link holds',
  )
})

test('another key, a changed byte, another release: no', async () => {
  const { cwd, zip } = await folderWithPack()
  expect((await cli(['evidence', 'verify', 'evidence.zip', '--key=other.pub'], { cwd })).exit).toBe(1)
  expect((await cli(['evidence', 'verify', 'evidence.zip', '--key=demo.pub', '--pack-key=other.pub'], { cwd })).exit).toBe(1)
  expect((await cli(['evidence', 'verify', 'evidence.zip', '--key=demo.pub', '--version=v9.9.9'], { cwd })).exit).toBe(1)
  const at = Math.floor(zip.length / 2)
  writeFileSync(
    join(cwd, 'evidence.zip'),
    zip.map((byte, index) => (index === at ? byte ^ 1 : byte)),
  )
  const changed = await cli(['evidence', 'verify', 'evidence.zip', '--key=demo.pub'], { cwd })
  expect([changed.exit, changed.out.includes('does not verify')]).toEqual([1, true])
})

test('no key, a private key, no pack', async () => {
  const { cwd } = await folderWithPack()
  expect((await cli(['evidence', 'verify', 'evidence.zip'], { cwd })).err).toContain('cannot vouch for itself')
  expect((await cli(['evidence', 'verify', 'evidence.zip', '--key=private.pem'], { cwd })).err).toContain('is a private key')
  expect((await cli(['evidence', 'verify', 'nowhere.zip', '--key=demo.pub'], { cwd })).exit).toBe(2)
  expect((await cli(['evidence', 'verify', 'evidence.zip', 'nowhere.zip', '--key=demo.pub'], { cwd })).err).toContain('There is no pack nowhere.zip')
  expect((await cli(['evidence', 'verify'], { cwd })).exit).toBe(2)
})
