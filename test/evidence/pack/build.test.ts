import { beforeAll, describe, expect, test } from 'vitest'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { readLedger } from '../../../evidence/ledger/lines.ts'
import type { PackInputs } from '../../../evidence/pack/assemble.ts'
import { checkpointOf } from '../../../evidence/pack/build.ts'
import { readZip } from '../../../evidence/pack/zip.ts'
import { verifyBundle } from '../../../evidence/verify/verify.ts'
import { HEAD, TRUST } from '../verify/statements.ts'
import { REPORT, goldenInputs, seal } from './golden.ts'

let inputs: PackInputs
beforeAll(async () => {
  inputs = await goldenInputs()
})

describe('buildPack', () => {
  test('lists every file with its digest, size and covering statement', async () => {
    const { zip, manifest, sha256: digest } = await seal(inputs)
    expect(digest).toBe(sha256(zip))
    const files = readZip(zip)
    const paths = manifest.artifacts.map((entry) => entry.path)
    expect(paths).toEqual(paths.toSorted())
    expect([...files.keys()].filter((path) => !paths.includes(path))).toEqual(['manifest.json', 'signatures/manifest.sigstore.json'])
    for (const entry of manifest.artifacts)
      expect([entry.sha256, entry.size]).toEqual([sha256(files.get(entry.path) ?? ''), files.get(entry.path)?.length])
    const covered = manifest.artifacts.filter((entry) => entry.covered_by !== null).map((entry) => entry.path)
    expect(covered).toEqual([REPORT, `inputs/${sha256('commits')}`, 'verdicts/all_required_gates.json', 'verdicts/policy_ci.json'])
  })

  test('writes the ledger as the chain, and anchors it in the manifest', async () => {
    const { zip, manifest } = await seal(inputs)
    const { entries, root } = readLedger(readZip(zip).get('audit/ledger.jsonl') ?? new Uint8Array())
    expect(entries).toEqual(inputs.ledger)
    expect(manifest.ledger).toEqual({ root, entries: 7 })
  })

  test('signs the manifest as a checkpoint about the head commit', async () => {
    const { zip, manifest } = await seal(inputs)
    const files = readZip(zip)
    const bytes = files.get('manifest.json') ?? new Uint8Array()
    expect(Buffer.from(bytes).toString()).toBe(canonicalize(manifest))
    const subjects = [{ name: 'manifest.json', sha256: sha256(bytes) }]
    const verified = verifyBundle({
      bundle: files.get('signatures/manifest.sigstore.json'),
      trust: TRUST,
      expect: { kinds: ['checkpoint'], sha: HEAD, subjects },
    })
    expect(verified).toMatchObject({ kind: 'checkpoint', predicate: checkpointOf(manifest) })
  })

  test('differs between two seals in the signature alone', async () => {
    const [one, other] = await Promise.all([seal(inputs), seal(inputs)])
    expect(one.manifest).toEqual(other.manifest)
    const [a, b] = [readZip(one.zip), readZip(other.zip)]
    for (const [path, bytes] of a)
      expect([path, Buffer.from(bytes).equals(b.get(path) ?? new Uint8Array())]).toEqual([path, path !== 'signatures/manifest.sigstore.json'])
  })
})
