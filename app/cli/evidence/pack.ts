/** `evidence pack`: not built. */
import { CliError } from '../error.ts'
import type { Action } from './action.ts'

export const pack: Action = {
  name: 'pack',
  usage: '(not built yet)',
  examples: [],
  options: {},
  meaning: {},
  words: { least: 0, most: 1 },
  run: () =>
    Promise.reject(
      new CliError(
        'not-built',
        '`evidence pack` is not built yet: the App seals and signs the pack of a release by itself.',
        'Take evidence.zip from the GitHub release.',
      ),
    ),
}
