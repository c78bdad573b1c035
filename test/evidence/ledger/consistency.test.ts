import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { checkpointAt, originOf, treeOf } from '../../../evidence/ledger/checkpoint.ts'
import { checkGrowth, proveGrowth, type Anchor, type ConsistencyFile } from '../../../evidence/ledger/consistency.ts'
import { LedgerError } from '../../../evidence/ledger/error.ts'
import { chainOf, rewritten } from './entries.ts'

const chain = chainOf(40)
const tree = treeOf(chain)
const origin = originOf('1#1')
const to = checkpointAt(origin, tree)

function anchorAt(size: number, id = `${size}`): Anchor {
  return { kept_in: 'check-run', id, size, root: checkpointAt(origin, tree, size).root }
}

const anchors = [anchorAt(1), anchorAt(7), anchorAt(32), anchorAt(40), { ...anchorAt(7), kept_in: 'pack' as const, id: 'a'.repeat(64) }]
const file = proveGrowth(origin, tree, anchors)

function code(act: () => unknown): string {
  try {
    act()
    return 'no error'
  } catch (error) {
    if (error instanceof LedgerError) return error.code
    throw error
  }
}

const read = (bytes: Uint8Array): ConsistencyFile => JSON.parse(Buffer.from(bytes).toString()) as ConsistencyFile
const asFile = (value: object): Uint8Array => Buffer.from(canonicalize(value))

describe('the proof file', () => {
  test('proves growth from everything that was kept, oldest first, each once', () => {
    const { from } = checkGrowth(file, to)
    expect(from.map(({ kept_in, size }) => `${kept_in} ${size}`)).toEqual(['check-run 1', 'check-run 7', 'pack 7', 'check-run 32', 'check-run 40'])
    expect(Buffer.from(proveGrowth(origin, tree, [...anchors, ...anchors].toReversed())).equals(file)).toBe(true)
  })

  test('may be about nothing, when nothing was kept yet', () => {
    expect(checkGrowth(proveGrowth(origin, tree, []), to).from).toEqual([])
  })

  test('is from every size to every later size', () => {
    for (let size = 1; size <= chain.length; size += 1) {
      const grown = treeOf(chain.slice(0, size))
      const kept = Array.from({ length: size }, (_, index) => anchorAt(index + 1))
      expect(code(() => checkGrowth(proveGrowth(origin, grown, kept), checkpointAt(origin, grown)))).toBe('no error')
    }
  })

  test('is not made for a tree that lost or rewrote what was kept', () => {
    expect(code(() => proveGrowth(origin, treeOf(chain.slice(0, 39)), anchors))).toBe('cut')
    for (let from = 0; from < 32; from += 1) expect(code(() => proveGrowth(origin, treeOf(rewritten(chain, from)), anchors))).toBe('fork')
  })

  test('keeps the newest 200 anchors', () => {
    const long = treeOf(chainOf(260))
    const kept = Array.from({ length: 250 }, (_, index) => {
      const { size, root } = checkpointAt(origin, long, index + 1)
      return { kept_in: 'check-run' as const, id: `${index + 1}`, size, root }
    })
    const { from } = checkGrowth(proveGrowth(origin, long, kept), checkpointAt(origin, long))
    expect([from.length, from[0]?.size, from.at(-1)?.size]).toEqual([200, 51, 250])
  })
})

describe('a proof file that was touched', () => {
  test('at any byte is refused, or names another place it was kept in', () => {
    for (let at = 0; at < file.length; at += 1)
      for (const bit of [1, 4]) {
        const flipped = Uint8Array.from(file)
        flipped[at] = (flipped[at] ?? 0) ^ bit
        const found = code(() => checkGrowth(flipped, to))
        expect([at, ['proof', 'other-log'].includes(found) || isOtherPlace(flipped)]).toEqual([at, true])
      }
  })

  test('in any hash, any position, any count is refused', () => {
    fc.assert(
      fc.property(fc.nat({ max: 3 }), fc.nat(), fc.nat({ max: 63 }), (which, at, digit) => {
        const value = read(file)
        const one = value.from[which]
        if (one === undefined || one.proof.length === 0) return
        const where = at % one.proof.length
        const hash = one.proof[where] ?? ''
        const other = `${hash.slice(0, digit)}${hash[digit] === '0' ? '1' : '0'}${hash.slice(digit + 1)}`
        for (const proof of [one.proof.with(where, other), one.proof.toSpliced(where, 1), [...one.proof, hash], [hash, ...one.proof]])
          expect(code(() => checkGrowth(asFile({ ...value, from: value.from.with(which, { ...one, proof }) }), to))).toBe('proof')
        for (const size of [one.size + 1, one.size - 1, 41])
          expect(code(() => checkGrowth(asFile({ ...value, from: value.from.with(which, { ...one, size }) }), to))).toBe('proof')
      }),
    )
  })

  test.each([
    ['nothing', Buffer.from('')],
    ['no JSON', Buffer.from('{')],
    ['a space', Buffer.from(`${Buffer.from(file).toString()} `)],
    ['another schema', asFile({ ...read(file), schema_version: 2 })],
    ['an unknown member', asFile({ ...read(file), more: 1 })],
    ['a size of zero', asFile({ ...read(file), from: [{ ...anchorAt(1), size: 0, proof: [] }] })],
    ['65 hashes', asFile({ ...read(file), from: [{ ...anchorAt(1), proof: Array.from({ length: 65 }, () => 'a'.repeat(64)) }] })],
    ['201 anchors', asFile({ ...read(file), from: Array.from({ length: 201 }, (_, index) => ({ ...anchorAt(40, `${index + 1}`), proof: [] })) })],
    ['two anchors swapped', asFile({ ...read(file), from: read(file).from.toReversed() })],
    ['an anchor twice', asFile({ ...read(file), from: [read(file).from[0], read(file).from[0]] })],
    ['a place nobody knows', asFile({ ...read(file), from: [{ ...read(file).from[0], kept_in: 'mind' }] })],
    ['a later anchor', asFile({ ...read(file), to: { size: 7, root: anchorAt(7).root }, from: [{ ...anchorAt(32), proof: [] }] })],
    ['deep JSON', Buffer.from('['.repeat(100_000))],
    ['two megabytes', Buffer.alloc(2 << 20, 0x20)],
  ])('into %s is refused', (_name, bytes) => {
    expect(code(() => checkGrowth(bytes, to))).toBe('proof')
  })

  test('is refused for another checkpoint, and for another log', () => {
    expect(code(() => checkGrowth(file, checkpointAt(origin, tree, 39)))).toBe('proof')
    expect(code(() => checkGrowth(file, { ...to, root: 'a'.repeat(64) }))).toBe('proof')
    expect(code(() => checkGrowth(file, { ...to, origin: originOf('1#2') }))).toBe('other-log')
  })
})

/** The proofs do not rest on where an anchor is kept: the manifest's signature covers that. */
function isOtherPlace(bytes: Uint8Array): boolean {
  return withoutPlaces(read(bytes)) === withoutPlaces(read(file))
}

function withoutPlaces(of: ConsistencyFile): string {
  return canonicalize({ ...of, from: of.from.map(({ size, root, proof }) => ({ size, root, proof })) })
}
