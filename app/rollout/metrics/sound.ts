/** The last door before a sample counts: what is no count, NaN above all, is nothing measured, whichever source it came from. */
import type { Reading, Sample } from '../../release/ports.ts'

export function sound(sample: Sample): Sample {
  const notes = [sample.note].filter((note) => note !== '')
  const arm = (name: 'canary' | 'stable'): Reading | null => {
    const reading = sample[name]
    if (reading === null || (isCount(reading.requests) && isCount(reading.errors))) return reading
    notes.push(`what ${name} told is no count: ${reading.requests} requests, ${reading.errors} errors`)
    return null
  }
  const [canary, stable] = [arm('canary'), arm('stable')]
  return canary === sample.canary && stable === sample.stable ? sample : { ...sample, canary, stable, note: notes.join('; ').slice(0, 2000) }
}

function isCount(value: number): boolean {
  return Number.isFinite(value) && value >= 0
}
