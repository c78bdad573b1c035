import { expect, test } from 'vitest'
import { sha256 } from '../../../evidence/core/digest.ts'
import { describePack } from '../../../evidence/keep/describe.ts'
import { buildPack } from '../../../evidence/pack/build.ts'
import { writeZip } from '../../support/zip.ts'
import { localKeySigner } from '../../../evidence/sign/local-key.ts'
import { KEEP } from '../../app/keep/memory.ts'
import { goldenInputs } from '../pack/golden.ts'
import { KEYS } from '../verify/statements.ts'

test('a pack describes itself', async () => {
  const { zip } = await buildPack({
    ...(await goldenInputs()),
    keep: KEEP,
    signer: localKeySigner({ id: 'demo', privateKeyPem: KEYS.privateKeyPem }),
  })
  expect(describePack(zip)).toMatchObject({ pack: { sha256: sha256(zip), size: zip.length, version: 'v2.0.0' }, manifest: { keep: KEEP } })
})

test.each<[string, Uint8Array]>([
  ['no zip', Buffer.from('no zip')],
  ['no manifest', writeZip(new Map([['a.txt', Buffer.from('x')]]))],
  ['another manifest', writeZip(new Map([['manifest.json', Buffer.from('{}')]]))],
])('%s: it says why not', (_what, bytes) => {
  expect(describePack(bytes)).toMatchObject({ name: 'KeepError', code: 'malformed' })
})
