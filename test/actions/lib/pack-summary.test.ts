import { expect, test } from 'vitest'
import { packSummary } from '../../../actions/lib/pack-summary.ts'
import { buildPack } from '../../../evidence/pack/build.ts'
import { verifyPack } from '../../../evidence/pack/read.ts'
import { localKeySigner } from '../../../evidence/sign/local-key.ts'
import { trustOf } from '../../../evidence/verify/trust.ts'
import { goldenInputs } from '../../evidence/pack/golden.ts'
import { KEYS } from '../../evidence/verify/statements.ts'

test('what a pack is, who sealed it, and what its gates said', async () => {
  const { zip } = await buildPack({ ...(await goldenInputs()), signer: localKeySigner({ id: 'demo', privateKeyPem: KEYS.privateKeyPem }) })
  const answer = verifyPack({ zip, trust: trustOf({ keys: [{ id: 'demo', publicKeyPem: KEYS.publicKeyPem }] }) })
  const text = packSummary([{ file: 'a_b.zip', report: answer.ok ? answer.report : null, faults: [] }])
  expect(text).toContain(String.raw`## ✅ a\_b.zip`)
  for (const row of ['| sealed by | demo |', '| decision | go |', '| release | v']) expect(text).toContain(row)
})

test('what is wrong with one, in a table, and much of it counted', () => {
  const faults = Array.from({ length: 60 }, (_, at) => ({ code: 'zip-checksum' as const, path: `slo/${at}|.png`, message: 'changed' }))
  const text = packSummary([{ file: 'evidence.zip', report: null, faults }])
  expect(text).toContain('## ❌ evidence.zip')
  expect(text).toContain(String.raw`| zip-checksum | slo/0\|.png | changed |`)
  expect(text).toContain('and 10 more')
})
