/** cosign reads what we sign with a key: every bundle of a whole pack, as Info-ZIP takes it out of the archive. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { predicateType } from '../../evidence/model/kinds.ts'
import { payloadOf } from '../../evidence/verify/bundle.ts'
import { readClaim, type Claim } from '../../evidence/verify/claim.ts'
import { EvidenceError } from '../../evidence/verify/error.ts'
import { generateKeyPair } from '../../evidence/sign/local-key.ts'
import { goldenInputs, seal } from '../evidence/pack/golden.ts'
import { HEAD, KEYS } from '../evidence/verify/statements.ts'
import { ended, tool, type Ended } from '../support/tools.ts'

const COSIGN = tool('cosign')
const UNZIP = tool('unzip')

describe.skipIf(COSIGN === null || UNZIP === null)('cosign and unzip (skipped where one of them is absent)', () => {
  let folder = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'interop-cosign-'))
    const { zip } = await seal(await goldenInputs())
    await writeFile(join(folder, 'evidence.zip'), zip)
    await writeFile(join(folder, 'release.pub'), KEYS.publicKeyPem)
    await writeFile(join(folder, 'other.pub'), generateKeyPair().publicKeyPem)
    await ended(UNZIP ?? '', ['-q', 'evidence.zip', '-d', 'pack'], { cwd: folder })
  })

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  function verify(bundle: string, about: readonly string[], of: { readonly type: string; readonly key?: string }): Promise<Ended> {
    const key = join(folder, of.key ?? 'release.pub')
    return ended(COSIGN ?? '', ['verify-blob-attestation', '--key', key, '--insecure-ignore-tlog', '--type', of.type, '--bundle', bundle, ...about], {
      cwd: join(folder, 'pack'),
      env: { HOME: folder },
    })
  }

  async function claimOf(path: string): Promise<Claim> {
    const payload = payloadOf(await readFile(join(folder, 'pack', path)))
    const claim = payload instanceof EvidenceError ? payload : readClaim(payload)
    if (claim instanceof EvidenceError) throw claim
    return claim
  }

  test('the manifest is signed by the key, over these bytes', async () => {
    const type = predicateType('checkpoint')
    expect(await verify('signatures/manifest.sigstore.json', ['manifest.json'], { type })).toMatchObject({ code: 0 })
    expect((await verify('signatures/manifest.sigstore.json', ['manifest.json'], { type, key: 'other.pub' })).code).not.toBe(0)
    expect((await verify('signatures/manifest.sigstore.json', ['config.yml'], { type })).code).not.toBe(0)
    expect((await verify('signatures/manifest.sigstore.json', ['manifest.json'], { type: predicateType('verdict') })).code).not.toBe(0)
  })

  test('every statement is signed by the key, about the files it names and the commit of the release', async () => {
    const names = await readdir(join(folder, 'pack/attestations'))
    expect(names.length).toBeGreaterThan(4)
    for (const name of names) {
      const path = `attestations/${name}`
      const { kind, files } = await claimOf(path)
      const type = predicateType(kind)
      for (const file of files) expect(await verify(path, [file.path], { type })).toMatchObject({ code: 0 })
      expect(await verify(path, ['--digest', HEAD, '--digestAlg', 'gitCommit'], { type })).toMatchObject({ code: 0 })
      expect((await verify(path, ['--digest', 'f'.repeat(40), '--digestAlg', 'gitCommit'], { type })).code).not.toBe(0)
    }
  })

  test('a changed payload is refused by both', async () => {
    const path = join(folder, 'pack/signatures/manifest.sigstore.json')
    const bundle = JSON.parse(await readFile(path, 'utf8')) as { dsseEnvelope: { payload: string } }
    const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString().replace('v2.0.0', 'v2.0.1')
    bundle.dsseEnvelope.payload = Buffer.from(payload).toString('base64')
    const changed = join(folder, 'changed.sigstore.json')
    await writeFile(changed, JSON.stringify(bundle))
    expect((await verify(changed, ['manifest.json'], { type: predicateType('checkpoint') })).code).not.toBe(0)
  })
})
