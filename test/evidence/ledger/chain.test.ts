import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { LedgerEntry, checkChain, link } from '../../../evidence/ledger/chain.ts'
import { checkAnchor } from '../../../evidence/ledger/lines.ts'
import { chainOf } from './entries.ts'

const chain = chainOf(6)

function brokenAt(entries: readonly LedgerEntry[]): number | 'holds' {
  const answer = checkChain(entries)
  return 'brokenAt' in answer ? answer.brokenAt : 'holds'
}

describe('the chain', () => {
  test('holds, and its root is the last hash', () => {
    expect(checkChain(chain)).toEqual({ root: chain.at(-1)?.hash })
    expect(chain[0]?.previous).toBeNull()
  })

  test('of nothing has no root', () => {
    expect(brokenAt([])).toBe(0)
  })

  test('survives a trip through JSON in any member order', () => {
    const again = chain.map((entry) => LedgerEntry.parse(JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(entry).toReversed())))))
    expect(checkChain(again)).toEqual(checkChain(chain))
  })

  test('breaks when one entry is dropped, except the last, which only an anchor finds', () => {
    const anchor = { root: chain.at(-1)?.hash ?? '', entries: chain.length }
    for (let index = 0; index < chain.length; index += 1) {
      const cut = chain.toSpliced(index, 1)
      expect(brokenAt(cut)).toBe(index === chain.length - 1 ? 'holds' : index)
      expect(() => checkAnchor(cut, anchor)).toThrow(expect.objectContaining({ code: 'anchor' }))
    }
  })

  test('breaks when two entries are swapped or one is repeated', () => {
    for (let index = 0; index < chain.length; index += 1) {
      const entry = chain[index]
      if (entry === undefined) throw new Error('the chain is shorter than it was')
      expect(brokenAt(chain.toSpliced(index, 0, entry))).toBe(index + 1)
      for (let other = index + 1; other < chain.length; other += 1) {
        const swapped = chain.with(index, chain[other] ?? entry).with(other, entry)
        expect(brokenAt(swapped)).toBe(index)
      }
    }
  })

  test('breaks when an entry is from another chain, or joins two releases', () => {
    const other = chainOf(6, '2#2')
    for (let index = 0; index < chain.length; index += 1)
      expect(brokenAt(chain.with(index, other[index] ?? link(null, at(0))))).toBeLessThanOrEqual(index + 1)
    const last = chain.at(-1) ?? null
    expect(brokenAt([...chain, link(last, { ...at(9), release: '2#2' })])).toBe(6)
  })

  test('breaks where an entry was made anew, with a good hash, for another place', () => {
    for (let index = 1; index < chain.length; index += 1) {
      const before = chain[index - 1] ?? { index: 0, hash: '' }
      expect(brokenAt(chain.toSpliced(index, chain.length, link({ ...before, hash: 'a'.repeat(64) }, at(index))))).toBe(index)
      expect(brokenAt(chain.toSpliced(index, chain.length, link({ ...before, index: index + 1 }, at(index))))).toBe(index)
      expect(brokenAt(chain.toSpliced(index, chain.length, link(before, at(index))))).toBe('holds')
    }
    expect(brokenAt([link(chain[0] ?? null, at(0))])).toBe(0)
  })

  test('breaks when any member of any entry is changed', () => {
    const changes: readonly ((entry: LedgerEntry) => LedgerEntry)[] = [
      (entry) => ({ ...entry, index: entry.index + 1 }),
      (entry) => ({ ...entry, release: `${entry.release}0` }),
      (entry) => ({ ...entry, at: entry.at.replace('2026', '2027') }),
      (entry) => ({ ...entry, type: `${entry.type}.x` }),
      (entry) => ({ ...entry, data: { ...entry.data, more: 1 } }),
      (entry) => ({ ...entry, data: {} }),
      (entry) => ({ ...entry, previous: entry.previous === null ? 'a'.repeat(64) : null }),
      (entry) => ({ ...entry, hash: 'b'.repeat(64) }),
    ]
    for (const [index, entry] of chain.entries()) for (const change of changes) expect(brokenAt(chain.with(index, change(entry)))).toBe(index)
  })

  test('breaks at the entry whose text has one flipped bit', () => {
    for (const [index, entry] of chain.entries()) {
      const text = Buffer.from(canonicalize(entry))
      for (let bit = 0; bit < text.length * 8; bit += 7) {
        const flipped = Buffer.from(text)
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const parsed = parse(flipped)
        const found = parsed === undefined ? index : brokenAt(chain.with(index, parsed))
        expect([index, bit, found]).toEqual([index, bit, index])
      }
    }
  })

  test('content cannot move from one member to the next without another hash', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string({ minLength: 1 }), (type, release, moved) => {
        const one = link(null, { ...at(0), release: release + moved, type })
        const other = link(null, { ...at(0), release, type: moved + type })
        expect(one.hash).not.toBe(other.hash)
      }),
    )
  })
})

function at(second: number): Pick<LedgerEntry, 'release' | 'at' | 'type' | 'data'> {
  return { release: '1#1', at: `2026-11-22T18:30:0${second}.000Z`, type: 'tick', data: { second } }
}

function parse(bytes: Uint8Array): LedgerEntry | undefined {
  try {
    return LedgerEntry.safeParse(JSON.parse(Buffer.from(bytes).toString())).data
  } catch {
    return undefined
  }
}
