/** What was seen of both versions, or why it was not -> a sample. A failure ends here as words. */
import type { Reading, Sample } from '../../release/ports.ts'
import { MetricsError } from '../../../agents/collect/metrics/metrics-error.ts'

export type Looked = { readonly reading: Reading; readonly note: '' } | { readonly reading: null; readonly note: string }

export async function looked(arm: 'canary' | 'stable', read: () => Promise<Reading>): Promise<Looked> {
  try {
    return { reading: await read(), note: '' }
  } catch (error) {
    const code = error instanceof MetricsError ? error.code : 'malformed'
    return { reading: null, note: `${arm}: ${code}: ${error instanceof Error ? error.message : String(error)}` }
  }
}

export function sampleOf(at: number, canary: Looked, stable: Looked): Sample {
  return { at, canary: canary.reading, stable: stable.reading, note: [canary.note, stable.note].filter((note) => note !== '').join('; ') }
}

export function unnamed(at: number, name: string): Sample {
  return { at, canary: null, stable: null, note: `No metrics source is named for ${name} in the operator's file.` }
}
