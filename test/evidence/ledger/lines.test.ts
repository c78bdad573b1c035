import { describe, expect, test } from 'vitest'
import type { LedgerEntry } from '../../../evidence/ledger/chain.ts'
import { LedgerError } from '../../../evidence/ledger/error.ts'
import { checkAnchor, readLedger, writeLedger } from '../../../evidence/ledger/lines.ts'
import { chainOf } from './entries.ts'

const chain = chainOf(5)
const bytes = writeLedger(chain)
const anchor = { root: chain.at(-1)?.hash ?? '', entries: 5 }

function fault(act: () => unknown): { readonly code: string; readonly at: number } | 'no error' {
  try {
    act()
    return 'no error'
  } catch (error) {
    if (error instanceof LedgerError) return { code: error.code, at: error.at }
    throw error
  }
}

const lines = (): string[] =>
  Buffer.from(bytes)
    .toString()
    .split(/(?<=\n)/)

describe('the file of a ledger', () => {
  test('is read back whole', () => {
    expect(readLedger(bytes)).toEqual({ entries: chain, root: anchor.root })
  })

  test('without a byte is empty', () => {
    expect(fault(() => readLedger(new Uint8Array()))).toEqual({ code: 'empty', at: 0 })
  })

  test('cut at any byte is malformed, or short of its anchor', () => {
    for (let end = 1; end < bytes.length; end += 1) {
      const found = fault(() => checkAnchor(readLedger(bytes.subarray(0, end)).entries, anchor))
      const whole = bytes[end - 1] === 0x0a
      expect(found).toMatchObject({ code: whole ? 'anchor' : 'malformed' })
    }
  })

  test('with any byte flipped is refused, at that line', () => {
    for (let at = 0; at < bytes.length; at += 1) {
      const flipped = Uint8Array.from(bytes)
      flipped[at] = (flipped[at] ?? 0) ^ 1
      const line = Buffer.from(bytes.subarray(0, at)).toString('latin1').split('\n').length - 1
      const found = fault(() => readLedger(flipped))
      expect(found).not.toBe('no error')
      expect((found as { at: number }).at).toBe(line)
    }
  })

  test.each([
    ['a blank line', () => `${lines().join('')}\n`, 'malformed', 5],
    [
      'a space',
      () =>
        lines()
          .with(1, (lines()[1] ?? '').replace('{', '{ '))
          .join(''),
      'malformed',
      1,
    ],
    ['a carriage return', () => lines().join('').replaceAll('\n', '\r\n'), 'malformed', 0],
    [
      'a line twice',
      () =>
        lines()
          .toSpliced(2, 0, lines()[2] ?? '')
          .join(''),
      'broken',
      3,
    ],
    ['a line dropped', () => lines().toSpliced(2, 1).join(''), 'broken', 2],
    [
      'two lines swapped',
      () =>
        lines()
          .with(1, lines()[2] ?? '')
          .with(2, lines()[1] ?? '')
          .join(''),
      'broken',
      1,
    ],
    [
      'an unknown member',
      () =>
        lines()
          .with(0, (lines()[0] ?? '').replace('{', '{"a":1,'))
          .join(''),
      'malformed',
      0,
    ],
    [
      'a member twice',
      () =>
        lines()
          .with(0, (lines()[0] ?? '').replace('"index":0', '"index":0,"index":0'))
          .join(''),
      'malformed',
      0,
    ],
    [
      'a key that reaches a prototype',
      () =>
        lines()
          .with(0, (lines()[0] ?? '').replace('"nested"', '"__proto__"'))
          .join(''),
      'malformed',
      0,
    ],
  ])('with %s is refused', (_name, text, code, at) => {
    expect(fault(() => readLedger(Buffer.from(text())))).toEqual({ code, at })
  })
})

describe('an anchor', () => {
  test('holds for the ledger it was taken from, and for what grew from it', () => {
    const older = { root: chain[2]?.hash ?? '', entries: 3 }
    expect(fault(() => checkAnchor(chain, anchor))).toBe('no error')
    expect(fault(() => checkAnchor(chain, older))).toBe('no error')
    expect(fault(() => checkAnchor(chain, { root: '', entries: 0 }))).toEqual({ code: 'anchor', at: 0 })
  })

  test('finds every cut', () => {
    for (let kept = 0; kept < chain.length; kept += 1)
      expect(fault(() => checkAnchor(chain.slice(0, kept), anchor))).toEqual({ code: 'anchor', at: kept })
  })

  test('finds a history that was rewritten from any entry on', () => {
    const other: readonly LedgerEntry[] = chainOf(7, '1#2')
    expect(fault(() => readLedger(writeLedger(other)))).toBe('no error')
    expect(fault(() => checkAnchor(other, anchor))).toEqual({ code: 'anchor', at: 4 })
  })
})
