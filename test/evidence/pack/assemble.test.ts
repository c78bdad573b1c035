import { beforeAll, describe, expect, test } from 'vitest'
import { assemble, index, type PackInputs } from '../../../evidence/pack/assemble.ts'
import { chainOf, rewritten } from '../ledger/entries.ts'
import { goldenInputs, historyOf, RELEASE, withFile } from './golden.ts'

const MADE = ['audit/ledger.jsonl', 'audit/checkpoint.txt', 'audit/consistency.json', 'audit/highlights.jsonl']

let inputs: PackInputs
beforeAll(async () => {
  inputs = await goldenInputs('proven')
})

describe('assemble', () => {
  test('is a function of its inputs', () => {
    const one = assemble(inputs, 'demo')
    const other = assemble({ ...inputs, files: new Map([...inputs.files].toReversed()) }, 'demo')
    expect(other.manifestBytes).toEqual(one.manifestBytes)
    expect([...one.files.keys()].toSorted()).toEqual([...inputs.files.keys(), ...MADE, 'manifest.json'].toSorted())
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
  ])('refuses %s', (_name, make, code) => {
    expect(() => assemble(make(), 'demo')).toThrow(expect.objectContaining({ code }))
  })
})

test('a file that nobody covers is listed as such', () => {
  expect(
    index(
      new Map([
        ['b', Buffer.from('')],
        ['a', Buffer.from('x')],
      ]),
      [],
    ).map(({ path, size, covered_by }) => [path, size, covered_by]),
  ).toEqual([
    ['a', 1, null],
    ['b', 0, null],
  ])
})
