/** What a benchmark answers, and what follows from it. Pure. */
import { table } from '../../app/cli/output.ts'

export type Unit = 's' | 'MB' | 'x' | '%' | 'min' | 'ms' | 'us' | 'requests' | 'deliveries' | 'files' | '/s'

export interface Row {
  readonly benchmark: string
  readonly what: string
  readonly unit: Unit
  readonly ours: number
  /** What it is held against in the same run; null where the limit is a plain figure. */
  readonly peer: { readonly name: string; readonly value: number } | null
  /** Of the ratio when there is a peer, else of our figure; null: shown to be seen, and held to nothing. */
  readonly limit: number | null
  /** The limit is a least, not a most. */
  readonly least?: boolean
}

export interface Told {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Ours over the peer's. */
export function ratioOf({ ours, peer }: Row): number | null {
  return peer === null ? null : ours / peer.value
}

/** A figure that is no number holds nothing. */
export function holds(row: Row): boolean {
  const value = ratioOf(row) ?? row.ours
  return row.limit === null || (row.least === true ? value >= row.limit : value <= row.limit)
}

export const EXIT = { ok: 0, missed: 1, usage: 2, absent: 5 } as const

/** @param absent tools that a benchmark would have needed */
export function exitOf(rows: readonly Row[], absent: readonly string[]): number {
  if (rows.some((row) => !holds(row))) return EXIT.missed
  return absent.length > 0 || rows.length === 0 ? EXIT.absent : EXIT.ok
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low = Number.NaN, high = Number.NaN] = sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : [sorted[middle - 1], sorted[middle]]
  return (low + high) / 2
}

export function tableOf(rows: readonly Row[]): string {
  return table(
    ['benchmark', 'what', 'ours', 'theirs', 'ratio', 'limit', 'ok', 'against'],
    rows.map((row) => {
      const { benchmark, what, ours, peer, unit, limit } = row
      const ratio = ratioOf(row)
      const limitText = limit === null ? '' : `${row.least === true ? 'at least ' : ''}${peer === null ? figure(limit, unit) : limit.toFixed(2)}`
      return [
        benchmark,
        what,
        figure(ours, unit),
        peer === null ? '' : figure(peer.value, unit),
        ratio === null ? '' : ratio.toFixed(2),
        limitText,
        limit === null ? '' : holds(row) ? 'yes' : 'NO',
        peer?.name ?? '',
      ]
    }),
  )
}

const DIGITS: Readonly<Record<Unit, number>> = { s: 3, MB: 1, x: 3, '%': 2, min: 2, ms: 3, us: 1, requests: 0, deliveries: 0, files: 0, '/s': 0 }

/** What never ends has no figure. */
function figure(value: number, unit: Unit): string {
  return value === Infinity ? 'never' : `${value.toFixed(DIGITS[unit])} ${unit}`
}
