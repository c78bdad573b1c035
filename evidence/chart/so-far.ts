/** What a step knows of the canary's share of failed requests at each moment: Wilson's score interval of all it has seen so far (Wilson, JASA 1927). Pure. */
import type { Column } from './intervals.ts'

export interface Known {
  /** Epoch milliseconds. */
  readonly at: number
  readonly low: number
  readonly high: number
}

/** Of a normal law, both sides together 5 %. */
const Z = 1.959963984540054

/** @param runs of the canary @param from when the step's traffic had moved */
export function knownSoFar(runs: readonly (readonly Column[])[], from: number): readonly Known[] {
  let [requests, errors] = [0, 0]
  const known: Known[] = []
  for (const column of runs.flat()) {
    if (column.to <= from) continue
    requests += column.requests
    errors += column.errors
    if (requests > 0) known.push({ at: column.to, ...wilson(errors, requests) })
  }
  return known
}

export function wilson(errors: number, requests: number): { readonly low: number; readonly high: number } {
  const share = Math.min(1, errors / requests)
  const square = (Z * Z) / requests
  const middle = share + square / 2
  const half = Z * Math.sqrt((share * (1 - share)) / requests + square / (4 * requests))
  const of = 1 + square
  return { low: Math.max(0, (middle - half) / of), high: Math.min(1, (middle + half) / of) }
}
