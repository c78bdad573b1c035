import { describe, expect, test } from 'vitest'
import { link } from '../../../evidence/ledger/chain.ts'
import {
  checkCheckpoint,
  checkpointAt,
  checkpointText,
  checkSameHistory,
  leafOf,
  notary,
  openCheckpoint,
  originOf,
  readCheckpoint,
  treeOf,
  treeOfLines,
} from '../../../evidence/ledger/checkpoint.ts'
import { LedgerError } from '../../../evidence/ledger/error.ts'
import { writeLedger } from '../../../evidence/ledger/lines.ts'
import { leafHash } from '../../../evidence/core/merkle.ts'
import { generateKeyPair } from '../../../evidence/sign/local-key.ts'
import { chainOf, rewritten } from './entries.ts'

const keys = generateKeyPair()
const app = { id: 'app', publicKeyPem: keys.publicKeyPem }
const chain = chainOf(12)
const tree = treeOf(chain)
const origin = originOf('1#1')
const log = { origin, tree }

function fault(act: () => unknown): { readonly code: string; readonly at: number } | 'no error' {
  try {
    act()
    return 'no error'
  } catch (error) {
    if (error instanceof LedgerError) return { code: error.code, at: error.at }
    throw error
  }
}

describe('the text of a checkpoint', () => {
  test('is origin, size and root, a line each', () => {
    expect(originOf('7#12')).toBe('release-conductor.github.io/ledger/7/12')
    const text = checkpointText({ origin: 'a', size: 3, root: '00'.repeat(32) })
    expect(text).toBe('a\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n')
    expect(readCheckpoint({ text })).toEqual({ origin: 'a', size: 3, root: '00'.repeat(32) })
  })

  test('names one release and no other', () => {
    const odd = ['7#12', '7/12', '7%2F12', '71#2', '7#1#2', '7 #12', '7+#12', '7\n#12']
    expect(new Set(odd.map(originOf)).size).toBe(odd.length)
    for (const each of odd) expect(originOf(each)).toMatch(/^[\w./%-]+$/)
  })

  test('may have more lines, as the specification asks, none of them empty', () => {
    const text = checkpointText(checkpointAt(origin, tree))
    expect(readCheckpoint({ text: `${text}more\n` })).toEqual(checkpointAt(origin, tree))
    expect(fault(() => readCheckpoint({ text: `${text}\nmore\n` }))).toMatchObject({ code: 'note' })
  })

  test.each([
    ['no origin', '\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n'],
    ['no size', 'a\n\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n'],
    ['a leading zero', 'a\n03\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n'],
    ['a sign', 'a\n+3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n'],
    ['a size beyond 2^53', 'a\n9007199254740993\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n'],
    ['a hexadecimal size', 'a\n0x3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n'],
    ['no root', 'a\n3\n'],
    ['31 bytes', 'a\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n'],
    ['33 bytes', 'a\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n'],
    ['unused bits that are set', 'a\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n'],
    ['a root in hexadecimal', `a\n3\n${'0'.repeat(64)}\n`],
    ['nothing', '\n'],
  ])('with %s is none', (_name, text) => {
    expect(fault(() => readCheckpoint({ text }))).toMatchObject({ code: 'note' })
  })
})

describe('the tree of a ledger', () => {
  test('has the lines of its file as leaves', () => {
    const lines = Buffer.from(writeLedger(chain)).toString().split('\n').slice(0, -1)
    expect(chain.map(leafOf)).toEqual(lines.map((line) => leafHash(Buffer.from(line))))
    expect(checkpointAt(origin, treeOfLines(writeLedger(chain)))).toEqual(checkpointAt(origin, tree))
    expect(treeOfLines(new Uint8Array()).size).toBe(0)
  })
})

describe('a signed checkpoint', () => {
  const signed = Buffer.from(notary(keys.privateKeyPem).sign(checkpointAt(origin, tree)))

  test('is believed from the key that signed it, under its own origin alone', () => {
    expect(openCheckpoint(signed, [app])).toEqual({ checkpoint: checkpointAt(origin, tree), signer: app })
    const moved = Buffer.from(signed.toString().replace('/1/1\n', '/1/2\n'))
    expect(fault(() => openCheckpoint(moved, [app]))).toMatchObject({ code: 'signature' })
    const renamed = Buffer.from(signed.toString().replaceAll('/1/1', '/1/2'))
    expect(fault(() => openCheckpoint(renamed, [app]))).toMatchObject({ code: 'signature' })
  })

  test('is not believed from another key, nor from none', () => {
    expect(fault(() => openCheckpoint(signed, [generateKeyPair()]))).toMatchObject({ code: 'signature' })
    expect(fault(() => openCheckpoint(signed, []))).toMatchObject({ code: 'signature' })
  })
})

describe('a checkpoint and a ledger', () => {
  test('agree at every size the ledger had', () => {
    for (let size = 1; size <= chain.length; size += 1) expect(fault(() => checkCheckpoint(log, checkpointAt(origin, tree, size)))).toBe('no error')
  })

  test('a tail cut by any number of entries is found, and where', () => {
    for (let kept = 0; kept < chain.length; kept += 1)
      for (let size = kept + 1; size <= chain.length; size += 1)
        expect(fault(() => checkCheckpoint({ origin, tree: treeOf(chain.slice(0, kept)) }, checkpointAt(origin, tree, size)))).toEqual({
          code: 'cut',
          at: kept,
        })
  })

  test('a history that was rewritten from any entry on, with a chain that holds, is found by every checkpoint after it', () => {
    for (let from = 0; from < chain.length; from += 1) {
      const other = treeOf(rewritten(chain, from))
      for (let size = 1; size <= chain.length; size += 1) {
        const found = fault(() => checkCheckpoint({ origin, tree: other }, checkpointAt(origin, tree, size)))
        expect(found).toEqual(size <= from ? 'no error' : { code: 'fork', at: size - 1 })
      }
    }
  })

  test('of another release, or of nothing, prove nothing', () => {
    expect(fault(() => checkCheckpoint(log, checkpointAt(originOf('1#2'), tree)))).toEqual({ code: 'other-log', at: 0 })
    expect(fault(() => checkCheckpoint(log, checkpointAt(origin, tree, 0)))).toEqual({ code: 'empty', at: 0 })
  })
})

describe('two histories', () => {
  test('are one when either is the beginning of the other', () => {
    for (let size = 0; size <= chain.length; size += 1) {
      expect(fault(() => checkSameHistory(chain, chain.slice(0, size)))).toBe('no error')
      expect(fault(() => checkSameHistory(chain.slice(0, size), chain))).toBe('no error')
    }
  })

  test('that part at any entry are found there, whichever is the longer', () => {
    for (let from = 0; from < chain.length; from += 1)
      for (const other of [
        rewritten(chain, from),
        rewritten(chain, from).slice(0, from + 1),
        [...rewritten(chain, from), ...more(rewritten(chain, from))],
      ]) {
        expect(fault(() => checkSameHistory(chain, other))).toEqual({ code: 'fork', at: from })
        expect(fault(() => checkSameHistory(other, chain))).toEqual({ code: 'fork', at: from })
      }
  })

  test('of two releases are none', () => {
    expect(fault(() => checkSameHistory(chain, chainOf(3, '1#2')))).toEqual({ code: 'other-log', at: 0 })
  })
})

function more(entries: typeof chain): typeof chain {
  return [link(entries.at(-1) ?? null, { release: '1#1', at: '2026-11-22T18:31:00.000Z', type: 'more', data: {} })]
}
