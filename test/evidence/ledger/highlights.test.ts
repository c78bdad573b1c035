import { describe, expect, test } from 'vitest'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { link, type LedgerEntry } from '../../../evidence/ledger/chain.ts'
import { checkpointAt, originOf, treeOf } from '../../../evidence/ledger/checkpoint.ts'
import { LedgerError } from '../../../evidence/ledger/error.ts'
import { checkHighlights, writeHighlights, type Highlight } from '../../../evidence/ledger/highlights.ts'
import { rewritten } from './entries.ts'

const TYPES = ['opened', 'effect.intended', 'decision', 'effect.done', 'evidence.rejected', 'effect.failed', 'rollback', 'state', 'evidence.believed']
const ledger = TYPES.reduce<LedgerEntry[]>(
  (chain, type, n) => [...chain, link(chain.at(-1) ?? null, { release: '1#1', at: '2026-11-22T18:30:00.000Z', type, data: { n } })],
  [],
)
const tree = treeOf(ledger)
const to = checkpointAt(originOf('1#1'), tree)
const file = writeHighlights(ledger, tree)
const lines = Buffer.from(file)
  .toString()
  .split(/(?<=\n)/)

function fault(bytes: Uint8Array | string, position = to): { readonly code: string; readonly at: number } | 'no error' {
  try {
    checkHighlights(Buffer.from(bytes), position)
    return 'no error'
  } catch (error) {
    if (error instanceof LedgerError) return { code: error.code, at: error.at }
    throw error
  }
}

function edited(line: number, change: (highlight: Highlight) => unknown): string {
  return lines.with(line, `${canonicalize(change(JSON.parse(lines[line] ?? '') as Highlight))}\n`).join('')
}

describe('the highlights', () => {
  test('are what a person reads, in order, each the very entry of the ledger', () => {
    const found = checkHighlights(file, to)
    expect(found.map((entry) => entry.type)).toEqual(['opened', 'decision', 'evidence.rejected', 'rollback', 'state'])
    expect(found).toEqual(ledger.filter((entry) => found.some((one) => one.index === entry.index)))
    for (const [index, line] of lines.slice(0, -1).entries()) expect(line).toContain(canonicalize(found[index]))
  })

  test('of a ledger that has none are none', () => {
    expect(writeHighlights([], tree)).toHaveLength(0)
    expect(fault('')).toBe('no error')
  })

  test('with any byte flipped are refused', () => {
    for (let at = 0; at < file.length; at += 1) {
      const flipped = Uint8Array.from(file)
      flipped[at] = (flipped[at] ?? 0) ^ 1
      expect([at, fault(flipped)]).toMatchObject([at, { code: 'proof' }])
    }
  })

  test('cut anywhere but at a line end are refused', () => {
    for (let end = 1; end < file.length; end += 1) expect(fault(file.subarray(0, end)) === 'no error').toBe(file[end - 1] === 0x0a)
  })

  test.each([
    ['an entry that says something else', () => edited(1, (of) => ({ ...of, entry: { ...of.entry, data: { n: 9 } } })), 2],
    ['an entry of another history', () => edited(1, (of) => ({ ...of, entry: rewritten(ledger, 0)[2] })), 2],
    ['an entry at another index', () => edited(1, (of) => ({ ...of, entry: { ...of.entry, index: 3 } })), 3],
    ['a hash too few', () => edited(1, (of) => ({ ...of, proof: of.proof.slice(1) })), 2],
    ['a hash too many', () => edited(1, (of) => ({ ...of, proof: [...of.proof, to.root] })), 2],
    ['65 hashes', () => edited(1, (of) => ({ ...of, proof: Array.from({ length: 65 }, () => to.root) })), 1],
    ['an unknown member', () => edited(1, (of) => ({ ...of, more: 1 })), 1],
    ['a line twice', () => lines.toSpliced(1, 0, lines[1] ?? '').join(''), 2],
    [
      'two lines swapped',
      () =>
        lines
          .with(0, lines[1] ?? '')
          .with(1, lines[0] ?? '')
          .join(''),
      0,
    ],
    ['a blank line', () => `\n${lines.join('')}`, 0],
    ['a space', () => ` ${lines.join('')}`, 0],
  ])('with %s are refused', (_name, text, at) => {
    expect(fault(text())).toEqual({ code: 'proof', at })
  })

  test('of another checkpoint are refused', () => {
    expect(fault(file, checkpointAt('', tree, 8))).toMatchObject({ code: 'proof' })
    expect(fault(file, { ...to, root: 'a'.repeat(64) })).toMatchObject({ code: 'proof' })
  })
})
