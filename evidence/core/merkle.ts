/**
 * Merkle tree over SHA-256 as RFC 6962 section 2.1 and RFC 9162 section 2.1 define it: a leaf is hashed as 0x00 || data, a node as 0x01 || left || right,
 * so no leaf can be shown as a node. A hash is 32 bytes. Two forms: the frontier keeps only what the next leaf needs, the tree keeps every full subtree
 * and so answers for every earlier size too.
 */
import { hash } from 'node:crypto'
import { CoreError } from './error.ts'

export const HASH_SIZE = 32

/** The root of no leaf: SHA-256 of nothing (RFC 9162 section 2.1.1). */
export const EMPTY_ROOT: Uint8Array = hashed('')

const pair = Buffer.alloc(1 + 2 * HASH_SIZE, 1)

/** The hash of a leaf's exact bytes. */
export function leafHash(data: Uint8Array): Uint8Array {
  const leaf = Buffer.allocUnsafe(data.length + 1)
  leaf[0] = 0
  leaf.set(data, 1)
  return hashed(leaf)
}

/** @param left @param right 32 bytes each */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  pair.set(left, 1)
  pair.set(right, 1 + HASH_SIZE)
  return hashed(pair)
}

/** By way of a text: Node makes that four times faster than bytes. */
function hashed(bytes: Uint8Array | string): Uint8Array {
  return Buffer.from(hash('sha256', bytes, 'binary'), 'latin1')
}

/** Same bytes? */
export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/** The roots of the full subtrees that a tree of some size is made of, widest first: all that appending needs, at most log2(size) + 1 hashes. */
export class Frontier {
  private leaves: number
  private readonly roots: Uint8Array[]

  /** @param of what {@link toText} gave @throws CoreError `malformed` when it is no frontier of that size */
  constructor(of: { readonly size: number; readonly text: string } = { size: 0, text: '' }) {
    if (!Number.isSafeInteger(of.size) || of.size < 0 || !/^[0-9a-f]*$/.test(of.text) || of.text.length !== bitsSet(of.size) * 2 * HASH_SIZE)
      throw new CoreError('malformed', `this is not the frontier of a tree of ${of.size} leaves`)
    this.leaves = of.size
    this.roots = (of.text.match(/.{64}/g) ?? []).map((hex) => Buffer.from(hex, 'hex'))
  }

  get size(): number {
    return this.leaves
  }

  /** @param leaf {@link leafHash} of the next leaf */
  append(leaf: Uint8Array): void {
    let root = leaf
    for (let rest = this.leaves; isOdd(rest); rest = half(rest)) root = nodeHash(this.roots.pop() ?? EMPTY_ROOT, root)
    this.roots.push(root)
    this.leaves += 1
  }

  root(): Uint8Array {
    const last = this.roots.at(-1) ?? EMPTY_ROOT
    return this.roots.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last)
  }

  /** Hex digits, 64 for each hash. */
  toText(): string {
    return this.roots.map((root) => Buffer.from(root).toString('hex')).join('')
  }
}

/** All leaves. Appending is O(1) on average, a root or a proof O(log n). */
export class MerkleTree {
  /** `levels[k][i]`: root of the full subtree over the leaves i * 2^k up to (i + 1) * 2^k. */
  private readonly levels: Uint8Array[][] = [[]]

  /** @param leaves hashes of leaves, see {@link leafHash} */
  constructor(leaves: Iterable<Uint8Array> = []) {
    for (const leaf of leaves) this.append(leaf)
  }

  get size(): number {
    return this.levels[0]?.length ?? 0
  }

  append(leaf: Uint8Array): void {
    let root = leaf
    for (let level = 0; ; level += 1) {
      const row = (this.levels[level] ??= [])
      row.push(root)
      if (isOdd(row.length)) return
      root = nodeHash(row[row.length - 2] ?? EMPTY_ROOT, root)
    }
  }

  /** The root that the tree has, or had when it was of that size. @throws RangeError when it never was */
  root(size: number = this.size): Uint8Array {
    this.check(size)
    return size === 0 ? EMPTY_ROOT : this.range(0, size)
  }

  /** PATH(index, D[size]) of RFC 6962 section 2.1.1, RFC 9162 section 2.1.3.1. @throws RangeError when there is no such leaf */
  inclusion(index: number, size: number = this.size): readonly Uint8Array[] {
    this.check(size)
    if (!Number.isInteger(index) || index < 0 || index >= size) throw new RangeError(`a tree of ${size} leaves has no leaf ${index}`)
    const path: Uint8Array[] = []
    for (let start = 0, end = size; end - start > 1;) {
      const middle = start + split(end - start)
      if (index < middle) {
        path.push(this.range(middle, end))
        end = middle
      } else {
        path.push(this.range(start, middle))
        start = middle
      }
    }
    return path.toReversed()
  }

  /** PROOF(from, D[to]) of RFC 6962 section 2.1.2, RFC 9162 section 2.1.4.1. @param from at least 1: nothing is proven of no leaf @throws RangeError */
  consistency(from: number, to: number = this.size): readonly Uint8Array[] {
    this.check(to)
    if (!Number.isInteger(from) || from < 1 || from > to) throw new RangeError(`a tree of ${to} leaves did not grow from one of ${from}`)
    const proof: Uint8Array[] = []
    let start = 0
    let end = to
    while (from !== end) {
      const middle = start + split(end - start)
      if (from <= middle) {
        proof.push(this.range(middle, end))
        end = middle
      } else {
        proof.push(this.range(start, middle))
        start = middle
      }
    }
    // A left edge is a tree that the verifier knows: its root is what was shown.
    if (start > 0) proof.push(this.range(start, end))
    return proof.toReversed()
  }

  private range(start: number, end: number): Uint8Array {
    const width = end - start
    const level = Math.log2(width)
    const full = Number.isInteger(level) ? this.levels[level]?.[start / width] : undefined
    if (full !== undefined) return full
    const middle = start + split(width)
    return nodeHash(this.range(start, middle), this.range(middle, end))
  }

  private check(size: number): void {
    if (!Number.isInteger(size) || size < 0 || size > this.size) throw new RangeError(`the tree has ${this.size} leaves; it never had ${size}`)
  }
}

/** The largest power of two below a width of at least 2. */
function split(width: number): number {
  let power = 1
  while (power * 2 < width) power *= 2
  return power
}

function bitsSet(value: number): number {
  let bits = 0
  for (let rest = value; rest > 0; rest = half(rest)) bits += rest % 2
  return bits
}

/** Sizes go up to 2^53, where bitwise operators do not reach. */
export function half(value: number): number {
  return Math.floor(value / 2)
}

export function isOdd(value: number): boolean {
  return value % 2 === 1
}
