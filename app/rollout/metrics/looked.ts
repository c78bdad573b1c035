/** What was seen of both versions, or why it was not -> a sample. A failure ends here as words. */
import type { LatencyTotals } from '../../../agents/collect/metrics/latency.ts'
import type { Reading, Sample } from '../../release/ports.ts'
import { traceIds } from '../../release/traces.ts'
import { MetricsError } from '../../../agents/collect/metrics/metrics-error.ts'

/** What one version told, and what it did not, in words. */
export interface Told {
  readonly reading: Reading
  readonly note: string
  /** Trace ids of requests that failed or were slow. */
  readonly traces?: readonly string[]
}

export type Looked = Told | { readonly reading: null; readonly note: string }

export async function looked(arm: 'canary' | 'stable', read: () => Promise<Told>): Promise<Looked> {
  try {
    const { note, ...told } = await read()
    return { ...told, note: note === '' ? '' : `${arm}: ${note}` }
  } catch (error) {
    return { reading: null, note: `${arm}: ${wordsOf(error)}` }
  }
}

/** A latency that cannot be read leaves the rest as it is. @param read undefined: the source measures none */
export async function withLatency(reading: Reading, read: () => Promise<LatencyTotals> | LatencyTotals | undefined): Promise<Told> {
  try {
    const latency = await read()
    return { reading: latency === undefined ? reading : { ...reading, latency }, note: '' }
  } catch (error) {
    return { reading: { ...reading, latency: null }, note: `latency: ${wordsOf(error)}` }
  }
}

function wordsOf(error: unknown): string {
  const code = error instanceof MetricsError ? error.code : 'malformed'
  return `${code}: ${error instanceof Error ? error.message : String(error)}`
}

export function sampleOf(at: number, canary: Looked, stable: Looked): Sample {
  const traces = traceIds('traces' in canary ? (canary.traces ?? []) : [])
  return {
    at,
    canary: canary.reading,
    stable: stable.reading,
    note: [canary.note, stable.note].filter((note) => note !== '').join('; '),
    ...(traces.length === 0 ? {} : { traces }),
  }
}

export function unnamed(at: number, name: string): Sample {
  return { at, canary: null, stable: null, note: `No metrics source is named for ${name} in the operator's file.` }
}
