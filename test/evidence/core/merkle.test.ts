import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CoreError } from '../../../evidence/core/error.ts'
import { EMPTY_ROOT, Frontier, leafHash, MerkleTree, nodeHash } from '../../../evidence/core/merkle.ts'
import { holdsConsistency, holdsInclusion } from '../../../evidence/core/merkle-proof.ts'

const leaves = (count: number): Uint8Array[] => Array.from({ length: count }, (_, index) => leafHash(Buffer.from(`leaf ${index}`)))
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** MTH as RFC 6962 section 2.1 writes it down, without anything kept. */
function slowRoot(of: readonly Uint8Array[]): Uint8Array {
  const [only] = of
  if (only === undefined) return EMPTY_ROOT
  if (of.length === 1) return only
  let k = 1
  while (k * 2 < of.length) k *= 2
  return nodeHash(slowRoot(of.slice(0, k)), slowRoot(of.slice(k)))
}

describe('the hashes', () => {
  test('are those of the RFC: nothing, an empty leaf, a node, each in its own domain', () => {
    expect(hex(EMPTY_ROOT)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(hex(leafHash(new Uint8Array()))).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d')
    expect(hex(new MerkleTree([leafHash(new Uint8Array()), leafHash(Buffer.from([0]))]).root())).toBe(
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    )
    const [a, b] = leaves(2)
    if (a === undefined || b === undefined) throw new Error('there are two leaves')
    expect(hex(nodeHash(a, b))).not.toBe(hex(leafHash(Buffer.concat([a, b]))))
  })
})

describe('the tree', () => {
  test('has the root of the RFC at every size, by all three ways', () => {
    const all = leaves(70)
    const tree = new MerkleTree(all)
    const frontier = new Frontier()
    for (let size = 0; size <= all.length; size += 1) {
      const expected = hex(slowRoot(all.slice(0, size)))
      expect(hex(tree.root(size))).toBe(expected)
      expect(hex(frontier.root())).toBe(expected)
      expect(hex(new Frontier({ size, text: frontier.toText() }).root())).toBe(expected)
      const next = all[size]
      if (next !== undefined) frontier.append(next)
    }
    expect(frontier.size).toBe(70)
  })

  test('proves every leaf and every growth, at every size', () => {
    const all = leaves(40)
    const tree = new MerkleTree(all)
    for (let size = 1; size <= all.length; size += 1)
      for (let earlier = 1; earlier <= size; earlier += 1) {
        const to = { size, root: tree.root(size) }
        const leaf = all[earlier - 1] ?? EMPTY_ROOT
        expect(holdsInclusion({ index: earlier - 1, size, leaf, root: to.root, proof: tree.inclusion(earlier - 1, size) })).toBe(true)
        expect(holdsConsistency({ from: { size: earlier, root: tree.root(earlier) }, to, proof: tree.consistency(earlier, size) })).toBe(true)
      }
  })

  test('answers no question about a size, a leaf or a growth that never was', () => {
    const tree = new MerkleTree(leaves(5))
    for (const ask of [
      () => tree.root(6),
      () => tree.root(-1),
      () => tree.root(1.5),
      () => tree.inclusion(5),
      () => tree.inclusion(-1),
      () => tree.inclusion(2, 2),
      () => tree.inclusion(0.5),
      () => tree.consistency(0),
      () => tree.consistency(6),
      () => tree.consistency(3, 2),
      () => tree.consistency(Number.NaN),
    ])
      expect(ask).toThrow(RangeError)
  })

  test('of other leaves, more leaves or leaves in another order has another root', () => {
    const digests = fc.array(fc.uint8Array({ maxLength: 4 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(digests, digests, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other)
        expect(hex(new MerkleTree(one.map(leafHash)).root()) === hex(new MerkleTree(other.map(leafHash)).root())).toBe(same)
      }),
    )
  })
})

describe('a frontier', () => {
  test.each([
    ['a negative size', { size: -1, text: '' }],
    ['half a leaf', { size: 0.5, text: '' }],
    ['no number', { size: Number.NaN, text: '' }],
    ['too few hashes', { size: 3, text: 'a'.repeat(64) }],
    ['too many hashes', { size: 4, text: 'a'.repeat(128) }],
    ['other digits', { size: 1, text: 'g'.repeat(64) }],
    ['capitals', { size: 1, text: 'A'.repeat(64) }],
  ])('of %s is refused', (_name, of) => {
    expect(() => new Frontier(of)).toThrow(expect.objectContaining({ name: CoreError.name, code: 'malformed' }))
  })

  test('keeps no more than log2 of its size', () => {
    const frontier = new Frontier()
    for (const leaf of leaves(1023)) frontier.append(leaf)
    expect(frontier.toText().length).toBe(10 * 64)
    frontier.append(EMPTY_ROOT)
    expect(frontier.toText().length).toBe(64)
  })
})
