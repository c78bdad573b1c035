import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { run, type VerifyInputs } from '../../../actions/verify/main.ts'
import { buildPack } from '../../../evidence/pack/build.ts'
import { generateKeyPair, localKeySigner } from '../../../evidence/sign/local-key.ts'
import { goldenInputs } from '../../evidence/pack/golden.ts'
import { KEYS } from '../../evidence/verify/statements.ts'

let workspace: string

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'verify-'))
  const { zip } = await buildPack({ ...(await goldenInputs()), signer: localKeySigner({ id: 'demo', privateKeyPem: KEYS.privateKeyPem }) })
  await writeFile(join(workspace, 'evidence.zip'), zip)
  await writeFile(
    join(workspace, 'changed.zip'),
    zip.map((byte, at) => (at === zip.length >> 1 ? byte ^ 1 : byte)),
  )
  await writeFile(join(workspace, 'demo.pub'), KEYS.publicKeyPem)
  await writeFile(join(workspace, 'other.pub'), generateKeyPair().publicKeyPem)
  await writeFile(join(workspace, 'private.pem'), KEYS.privateKeyPem)
})

const verified = (over: Partial<VerifyInputs> = {}) =>
  run({ pack: 'evidence.zip', keys: 'demo.pub', packKeys: null, workflows: null, issuer: null, trustedRoot: null, version: null, workspace, ...over })

test('a pack is verified with the public key alone', async () => {
  const packs = await verified({ keys: '\ndemo=demo.pub\n' })
  expect(packs).toMatchObject([{ file: 'evidence.zip', faults: [], report: { decision: 'go', signer: 'demo' } }])
})

test.each([
  ['another key', { keys: 'other.pub' }],
  ['a key that may not sign the manifest', { packKeys: 'other.pub' }],
  ['another release', { version: 'v9.9.9' }],
  ['a changed byte', { pack: 'changed.zip' }],
])('%s: it does not verify, and the faults are named', async (_what, over) => {
  const [pack] = await verified(over)
  expect(pack?.report).toBeNull()
  expect(pack?.faults.length).toBeGreaterThan(0)
})

test('several packs, each with its own answer', async () => {
  expect((await verified({ pack: 'evidence.zip\nchanged.zip' })).map(({ report }) => report !== null)).toEqual([true, false])
})

test.each([
  ['nothing to trust', { keys: null }, 'cannot vouch for itself'],
  ['a private key', { keys: 'private.pem' }, 'private key'],
  ['no key', { keys: 'evidence.zip' }, 'bytes'],
  ['a file that is not there', { pack: 'nothing.zip' }, 'There is no pack'],
  ['a workflow by its tag', { workflows: 'a/b/.github/workflows/x.yml@v1', trustedRoot: 'demo.pub' }, 'tag can be moved'],
  ['a workflow without a root', { workflows: `a/b/.github/workflows/x.yml@${'a'.repeat(40)}` }, 'trusted-root'],
])('%s is told', async (_what, over, words) => {
  await expect(verified(over)).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining(words) as string })
})
