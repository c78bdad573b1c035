/** `evidence sign`: not built. */
import { CliError } from '../error.ts'
import type { Action } from './action.ts'

export const sign: Action = {
  name: 'sign',
  usage: '(not built yet)',
  examples: [],
  options: {},
  meaning: {},
  words: { least: 0, most: 1 },
  run: () =>
    Promise.reject(
      new CliError(
        'not-built',
        '`evidence sign` is not built yet: the App seals and signs the pack of a release by itself.',
        'Take evidence.zip from the GitHub release.',
      ),
    ),
}
