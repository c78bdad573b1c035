import { beforeAll, describe, expect, test } from 'vitest'
import { sha256 } from '../../../evidence/core/digest.ts'
import { assemble, index, type PackInputs, type Sealer } from '../../../evidence/pack/assemble.ts'
import { PACKER } from '../../../evidence/pack/deflate.ts'
import { memorySink } from '../../../evidence/pack/zip-writer.ts'
import { readZip } from '../../../evidence/pack/zip.ts'
import { chainOf, rewritten } from '../ledger/entries.ts'
import { goldenInputs, historyOf, RELEASE, withFile } from './golden.ts'

const MADE = ['audit/ledger.jsonl', 'audit/checkpoint.txt', 'audit/consistency.json', 'audit/highlights.jsonl']

let inputs: PackInputs
beforeAll(async () => {
  inputs = await goldenInputs('proven')
})

const SEALER: Sealer = { id: 'demo', sign: () => Promise.resolve(Buffer.from('{}')) }

describe('assemble', () => {
  test('is a function of its inputs', async () => {
    const [one, other] = [memorySink(), memorySink()]
    const assembled = await assemble(inputs, SEALER, one)
    const again = await assemble({ ...inputs, files: new Map([...inputs.files].toReversed()) }, SEALER, other)
    expect(again).toEqual(assembled)
    expect(other.bytes()).toEqual(one.bytes())
    expect(assembled).toMatchObject({ sha256: sha256(one.bytes()), size: one.bytes().length, manifest: { packer: PACKER, signer: 'demo' } })
    const files = readZip(one.bytes())
    expect([...files.keys()]).toEqual([...[...inputs.files.keys(), ...MADE].toSorted(), 'manifest.json', 'signatures/manifest.sigstore.json'])
  })

  test('takes a file from wherever it lies, once', async () => {
    const [one, other] = [memorySink(), memorySink()]
    const asked: string[] = []
    const lazy = [...inputs.files].map(([path, bytes]) => [path, () => (asked.push(path), bytes instanceof Uint8Array ? bytes : bytes())] as const)
    await assemble(inputs, SEALER, one)
    await assemble({ ...inputs, files: new Map(lazy) }, SEALER, other)
    expect(other.bytes()).toEqual(one.bytes())
    expect(asked.toSorted()).toEqual([...inputs.files.keys()].toSorted())
  })

  test('names every byte before the manifest', async () => {
    const sink = memorySink()
    const { manifest } = await assemble(inputs, SEALER, sink)
    expect(manifest.archive.sha256).toBe(sha256(sink.bytes().subarray(0, manifest.archive.size)))
    expect(Buffer.from(sink.bytes()).toString('latin1', manifest.archive.size + 30, manifest.archive.size + 43)).toBe('manifest.json')
  })

  test.each<readonly [string, () => PackInputs, string]>([
    ['a manifest', () => withFile(inputs, 'manifest.json', Buffer.from('{}')), 'unexpected'],
    ['a signature of it', () => withFile(inputs, 'signatures/manifest.sigstore.json', Buffer.from('{}')), 'unexpected'],
    ['a ledger as a file', () => withFile(inputs, 'audit/ledger.jsonl', Buffer.from('{}')), 'unexpected'],
    ['an unsafe path', () => withFile(inputs, '../x', Buffer.from('{}')), 'zip-name'],
    ['a checkpoint as a file', () => withFile(inputs, 'audit/checkpoint.txt', Buffer.from('{}')), 'unexpected'],
    ['proofs as a file', () => withFile(inputs, 'audit/consistency.json', Buffer.from('{}')), 'unexpected'],
    ['highlights as a file', () => withFile(inputs, 'audit/highlights.jsonl', Buffer.from('{}')), 'unexpected'],
    ['a checkpoint of another ledger', () => ({ ...inputs, ledger: chainOf(6, RELEASE) }), 'ledger'],
    ['a checkpoint that is none', () => ({ ...inputs, checkpoint: Buffer.from('hello\n') }), 'ledger'],
    ['a ledger that lost what was kept of it', () => ({ ...inputs, ...historyOf(inputs.ledger.slice(0, 2), 1), anchors: inputs.anchors }), 'ledger'],
    [
      'a ledger that rewrote what was kept of it',
      () => ({ ...inputs, ...historyOf(rewritten(inputs.ledger, 1), 1), anchors: inputs.anchors }),
      'ledger',
    ],
    ['an empty ledger', () => ({ ...inputs, ledger: [] }), 'ledger'],
    ['a broken ledger', () => ({ ...inputs, ledger: chainOf(5).toSpliced(2, 1) }), 'ledger'],
    ['an attestation that is none', () => withFile(inputs, 'attestations/x.sigstore.json', Buffer.from('{}')), 'attestation'],
    ['another evidence root', () => ({ ...inputs, evidenceRoot: 'a'.repeat(64) }), 'evidence-root'],
    ['one attestation less than the root', () => withFile(inputs, 'attestations/self-test-policy_ci.sigstore.json', null), 'evidence-root'],
    ['a version that is none', () => ({ ...inputs, version: '2.0' }), 'manifest'],
    ['a time without milliseconds', () => ({ ...inputs, sealedAt: '2026-11-22T19:00:00Z' }), 'manifest'],
  ])('refuses %s', async (_name, make, code) => {
    await expect(assemble(make(), SEALER, memorySink())).rejects.toMatchObject({ code })
  })
})

test('a file that nobody covers is listed as such', () => {
  expect(
    index(
      new Map([
        ['b', { sha256: sha256(''), size: 0 }],
        ['a', { sha256: sha256('x'), size: 1 }],
      ]),
      [],
    ).map(({ path, size, covered_by }) => [path, size, covered_by]),
  ).toEqual([
    ['a', 1, null],
    ['b', 0, null],
  ])
})
