import { expect, test } from 'vitest'
import { verifyPack } from '../../../evidence/pack/read.ts'
import { rebuildPack } from '../../../evidence/pack/rebuild.ts'
import { readZip } from '../../../evidence/pack/zip.ts'
import { TRUST } from '../verify/statements.ts'
import { goldenInputs, seal, withFile } from './golden.ts'

test('the same inputs and the signature give the same bytes, and other inputs a pack that does not verify', async () => {
  const inputs = await goldenInputs()
  const pack = await seal(inputs)
  const signature = readZip(pack.zip).get('signatures/manifest.sigstore.json') ?? new Uint8Array()
  const again = await rebuildPack({ ...inputs, files: new Map([...inputs.files].toReversed()), signer: 'demo', signature })
  expect(Buffer.from(again.zip).equals(pack.zip)).toBe(true)
  expect(again.sha256).toBe(pack.sha256)
  const other = await rebuildPack({ ...withFile(inputs, 'release_notes.md', Buffer.from('# other')), signer: 'demo', signature })
  expect(verifyPack({ zip: other.zip, trust: TRUST })).toMatchObject({ ok: false, errors: [{ code: 'signature' }] })
})
