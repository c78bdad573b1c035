/** What every store promises of its ledgers; a part of the contract of stores. */
import { expect, test } from 'vitest'
import { checkChain, type LedgerEntry } from '../../../evidence/ledger/chain.ts'
import { checkpointAt, treeOf } from '../../../evidence/ledger/checkpoint.ts'
import type { StorePort } from '../../../app/release/ports.ts'

interface Of {
  readonly key: string
  /** Where the clock stands in a fresh store. */
  readonly from: number
  readonly fresh: () => Promise<StorePort>
  readonly setNow: (at: number) => void
}

export function ledgerContract({ key, from, fresh, setNow }: Of): void {
  test('ledger entries carry the time of the clock, and survive odd text', async () => {
    const store = await fresh()
    setNow(from + 1)
    await store.append(key, [{ type: 'odd', data: { text: '\u0000\u2028\uD83D\uDE00', number: 1e21, nested: { b: 1, a: [null, true] } } }])
    await store.append(key, [])
    const ledger = await store.ledger(key)
    expect(ledger).toHaveLength(1)
    expect(ledger[0]).toMatchObject({
      index: 0,
      release: key,
      at: '2026-11-22T18:00:00.001Z',
      data: { text: '\u0000\u2028\uD83D\uDE00', number: 1e21 },
    })
    expect(checkChain(ledger)).toHaveProperty('root')
    expect(await store.position(key)).toEqual(positionOf(ledger))
  })

  test('a ledger stands nowhere before its first entry, and after each entry where its tree does', async () => {
    const store = await fresh()
    expect(await store.position(key)).toBeNull()
    for (let size = 1; size <= 9; size += 1) {
      await store.append(key, [{ type: 'tick', data: { size } }])
      expect(await store.position(key)).toEqual(positionOf(await store.ledger(key)))
    }
    expect(await store.position('7#13')).toBeNull()
  })

  test('8 writers, 2,000 appends to two chains: every entry once, both chains whole', async () => {
    const store = await fresh()
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let round = 0; round < 250; round += 1) await store.append(round % 2 === 0 ? key : '7#13', [{ type: 'tick', data: { writer, round } }])
    })
    await Promise.all(writers)
    for (const one of [key, '7#13']) {
      const ledger = await store.ledger(one)
      expect(ledger).toHaveLength(1000)
      expect(new Set(ledger.map((entry) => JSON.stringify(entry.data))).size).toBe(1000)
      expect(checkChain(ledger)).toEqual({ root: ledger.at(-1)?.hash })
      expect(await store.position(one)).toEqual(positionOf(ledger))
    }
  })
}

function positionOf(ledger: readonly LedgerEntry[]): { size: number; root: string } {
  const { size, root } = checkpointAt('', treeOf(ledger))
  return { size, root }
}
