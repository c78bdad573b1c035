/** An error of asking -> the words that are recorded in its place. */
import type { Problem } from '../inputs.objectives.ts'
import { MetricsError } from './metrics-error.ts'

export function problemOf(error: unknown): Problem {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, 600)
  return { code: error instanceof MetricsError ? error.code : 'malformed', message: message === '' ? 'It failed without a word.' : message }
}
