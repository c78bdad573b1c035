/**
 * Checking proofs about a tree that is not at hand, by RFC 9162 sections 2.1.3.2 and 2.1.4.2. A proof holds or it does not; none of these throws. One
 * proof has one form: a missing, an extra and a wrong-sized hash all fail, and so does a question that proves nothing (a leaf of an empty tree, growth
 * from an empty tree).
 */
import { EMPTY_ROOT, HASH_SIZE, half, isOdd, nodeHash, sameHash } from './merkle.ts'

export interface InclusionQuestion {
  readonly index: number
  readonly size: number
  /** Hash of the leaf. */
  readonly leaf: Uint8Array
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** Is it the leaf at `index` of the tree with this size and root? RFC 9162 section 2.1.3.2 */
export function holdsInclusion({ index, size, leaf, root, proof }: InclusionQuestion): boolean {
  if (!isCount(index) || !isCount(size) || index >= size || ![leaf, ...proof].every(isHash)) return false
  let fn = index
  let sn = size - 1
  let shown = leaf
  for (const other of proof) {
    if (sn === 0) return false
    if (isOdd(fn) || fn === sn) {
      shown = nodeHash(other, shown)
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)]
    } else shown = nodeHash(shown, other)
    ;[fn, sn] = [half(fn), half(sn)]
  }
  return sn === 0 && sameHash(shown, root)
}

export interface ConsistencyQuestion {
  readonly from: { readonly size: number; readonly root: Uint8Array }
  readonly to: { readonly size: number; readonly root: Uint8Array }
  readonly proof: readonly Uint8Array[]
}

/** Did the later tree grow from the earlier one by appending? RFC 9162 section 2.1.4.2 */
export function holdsConsistency({ from, to, proof }: ConsistencyQuestion): boolean {
  if (from.size === 0) return false
  return holdsSubtreeConsistency({ start: 0, end: from.size, size: to.size, subtree: from.root, root: to.root, proof })
}

export interface SubtreeQuestion {
  /** The leaves from `start` up to, not with, `end`. */
  readonly start: number
  readonly end: number
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** Is it the leaf at `index` of a tree, shown inside a subtree of it? `root` is the subtree's. draft-ietf-plants-merkle-tree-certs, Subtrees */
export function holdsSubtreeInclusion(of: SubtreeQuestion & { readonly index: number; readonly leaf: Uint8Array }): boolean {
  const { start, end, index } = of
  return isSubtree(start, end) && holdsInclusion({ ...of, index: index - start, size: end - start })
}

/** Is the subtree a part of the tree with this size and root? Of no leaf there is nothing to prove but that it is none. The same draft */
export function holdsSubtreeConsistency(of: SubtreeQuestion & { readonly size: number; readonly subtree: Uint8Array }): boolean {
  const { start, end, size, subtree, root, proof } = of
  if (!isSubtree(start, end) || !isCount(size) || end > size || !proof.every(isHash)) return false
  if (proof.length > 0 && !isHash(subtree)) return false
  if (start === end) return proof.length === 0 && sameHash(subtree, EMPTY_ROOT)
  let at = { fn: start, sn: end - 1, tn: size - 1 }
  if (at.sn === at.tn) while (at.fn !== at.sn) at = up(at)
  else while (at.fn !== at.sn && isOdd(at.sn)) at = up(at)
  const isWhole = at.fn === at.sn
  const [first, ...rest] = proof
  const begin = isWhole ? subtree : first
  if (begin === undefined) return false
  let part = begin
  let whole = begin
  for (const other of isWhole ? proof : rest) {
    if (at.tn === 0) return false
    if (isOdd(at.sn) || at.sn === at.tn) {
      if (at.fn < at.sn) part = nodeHash(other, part)
      whole = nodeHash(other, whole)
      while (!isOdd(at.sn) && at.sn !== 0) at = up(at)
    } else whole = nodeHash(whole, other)
    at = up(at)
  }
  return at.tn === 0 && sameHash(part, subtree) && sameHash(whole, root)
}

interface Place {
  readonly fn: number
  readonly sn: number
  readonly tn: number
}

function up({ fn, sn, tn }: Place): Place {
  return { fn: half(fn), sn: half(sn), tn: half(tn) }
}

/** Leaves that some tree has a common root for: they begin at a multiple of the power of two that holds them. */
function isSubtree(start: number, end: number): boolean {
  if (!isCount(start) || !isCount(end) || start > end) return false
  let width = 1
  while (width < end - start) width *= 2
  return start % width === 0
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === HASH_SIZE
}
