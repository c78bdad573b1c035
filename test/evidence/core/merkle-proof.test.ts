import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { leafHash, MerkleTree } from '../../../evidence/core/merkle.ts'
import { holdsConsistency, holdsInclusion, holdsSubtreeConsistency, holdsSubtreeInclusion } from '../../../evidence/core/merkle-proof.ts'
import { absent, corpus, jsonFiles } from '../../support/corpora.ts'

const corpora = corpus('merkle')
const Hashes = z
  .array(z.string())
  .nullish()
  .transform((all) => (all ?? []).map((text) => Buffer.from(text, 'base64')))
const Hash = z
  .string()
  .nullish()
  .transform((text) => Buffer.from(text ?? '', 'base64'))
const Size = z.number()
const Case = z.union([
  z.object({ leafIdx: Size, treeSize: Size, root: Hash, leafHash: Hash, proof: Hashes, wantErr: z.boolean() }),
  z.object({ leafIdx: Size, start: Size, end: Size, root: Hash, leafHash: Hash, proof: Hashes, wantErr: z.boolean() }),
  z.object({ size1: Size, size2: Size, root1: Hash, root2: Hash, proof: Hashes, wantErr: z.boolean() }),
  z.object({ start: Size, end: Size, size: Size, root1: Hash, root2: Hash, proof: Hashes, wantErr: z.boolean() }),
])

function holds(of: z.infer<typeof Case>): boolean {
  const { proof } = of
  if ('treeSize' in of) return holdsInclusion({ index: of.leafIdx, size: of.treeSize, leaf: of.leafHash, root: of.root, proof })
  if ('leafIdx' in of) return holdsSubtreeInclusion({ ...of, index: of.leafIdx, leaf: of.leafHash })
  if ('size1' in of) return holdsConsistency({ from: { size: of.size1, root: of.root1 }, to: { size: of.size2, root: of.root2 }, proof })
  return holdsSubtreeConsistency({ ...of, subtree: of.root1, root: of.root2 })
}

describe.skipIf(corpora === null)(`the 518 proofs of transparency-dev/merkle${corpora === null ? absent('merkle') : ''}`, () => {
  const cases = jsonFiles(corpora ?? 'agents')
  test('are all there, good ones and bad ones of each kind', () => {
    const kinds = new Map<string, { good: number; bad: number }>()
    for (const [path, value] of cases) {
      const kind = path.split('/')[1] ?? ''
      const seen = kinds.get(kind) ?? { good: 0, bad: 0 }
      kinds.set(kind, seen)
      seen[Case.parse(value).wantErr ? 'bad' : 'good'] += 1
    }
    expect(cases).toHaveLength(518)
    expect([...kinds.keys()]).toEqual(['consistency', 'inclusion', 'subtreeconsistency', 'subtreeinclusion'])
    for (const { good, bad } of kinds.values()) expect(Math.min(good, bad)).toBeGreaterThan(4)
  })

  test('agree', () => {
    const wrong = cases.filter(([, value]) => {
      const parsed = Case.parse(value)
      return holds(parsed) === parsed.wantErr
    })
    expect(wrong.map(([path]) => path)).toEqual([])
  })
})

const tree = new MerkleTree(Array.from({ length: 300 }, (_, index) => leafHash(Buffer.from(`${index}`))))
const sizes = fc.integer({ min: 1, max: 300 })
const bit = fc.nat({ max: 255 })

function flipped(hash: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(hash)
  changed[at >> 3] = (changed[at >> 3] ?? 0) ^ (1 << (at & 7))
  return changed
}

/** Every way in which one list of hashes can be made another by one step. */
function changes(proof: readonly Uint8Array[], at: number, bits: number): readonly (readonly Uint8Array[])[] {
  const some = proof[0] ?? tree.root(1)
  const where = proof.length === 0 ? 0 : at % proof.length
  const one = proof[where]
  return [
    [...proof, some],
    [some, ...proof],
    [...proof, new Uint8Array(31)],
    ...(one === undefined
      ? []
      : [
          proof.toSpliced(where, 1),
          proof.with(where, flipped(one, bits)),
          proof.with(where, one.subarray(0, 31)),
          proof.toSpliced(where, 0, one),
          ...(proof.length > 1 ? [proof.toReversed()] : []),
        ]),
  ]
}

describe('a proof of a leaf', () => {
  test('fails when anything of it is another', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), bit, (size, at, where, bits) => {
        const index = at % size
        const right = { index, size, leaf: leafHash(Buffer.from(`${index}`)), root: tree.root(size), proof: tree.inclusion(index, size) }
        expect(holdsInclusion(right)).toBe(true)
        for (const proof of changes(right.proof, where, bits)) expect(holdsInclusion({ ...right, proof })).toBe(false)
        expect(holdsInclusion({ ...right, leaf: flipped(right.leaf, bits) })).toBe(false)
        expect(holdsInclusion({ ...right, root: flipped(right.root, bits) })).toBe(false)
        for (const other of [index + 1, index - 1, index ^ 2, -1, size, index + 0.5, Number.NaN, 2 ** 53])
          expect(holdsInclusion({ ...right, index: other })).toBe(false)
        for (const other of [0, -size, size + 0.5, Number.POSITIVE_INFINITY]) expect(holdsInclusion({ ...right, size: other })).toBe(false)
      }),
    )
  })
})

describe('a proof of growth', () => {
  test('fails when anything of it is another', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), bit, (size, at, where, bits) => {
        const earlier = 1 + (at % size)
        const from = { size: earlier, root: tree.root(earlier) }
        const to = { size, root: tree.root(size) }
        const proof = tree.consistency(earlier, size)
        expect(holdsConsistency({ from, to, proof })).toBe(true)
        for (const other of changes(proof, where, bits)) expect(holdsConsistency({ from, to, proof: other })).toBe(false)
        expect(holdsConsistency({ from: { ...from, root: flipped(from.root, bits) }, to, proof })).toBe(false)
        expect(holdsConsistency({ from, to: { ...to, root: flipped(to.root, bits) }, proof })).toBe(false)
        for (const other of [0, size + 1, -1, earlier + 0.5, Number.NaN])
          expect(holdsConsistency({ from: { ...from, size: other }, to, proof })).toBe(false)
        for (const other of [0, earlier - 1, -1, size + 0.5]) expect(holdsConsistency({ from, to: { ...to, size: other }, proof })).toBe(false)
        expect(holdsConsistency({ from: to, to: from, proof })).toBe(earlier === size)
      }),
    )
  })

  test('from nothing proves nothing, even to nothing', () => {
    const none = { size: 0, root: tree.root(0) }
    expect(holdsConsistency({ from: none, to: none, proof: [] })).toBe(false)
    expect(holdsConsistency({ from: none, to: { size: 3, root: tree.root(3) }, proof: [] })).toBe(false)
  })

  test('of ten thousand hashes ends at once', () => {
    const from = { size: 3, root: tree.root(3) }
    const to = { size: 300, root: tree.root(300) }
    const proof = Array.from({ length: 10_000 }, () => tree.root(1))
    expect(holdsConsistency({ from, to, proof })).toBe(false)
    expect(holdsInclusion({ index: 3, size: 300, leaf: tree.root(1), root: to.root, proof })).toBe(false)
  })
})
