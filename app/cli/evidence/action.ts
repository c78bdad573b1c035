/** The contract of `evidence <action>`: one file here for each, one line in `index.ts`. Two actions may share an option's name. */
import type { ParseArgsOptionsConfig } from 'node:util'
import type { Answer, Call } from '../verb.ts'

export interface Action {
  readonly name: string
  /** What follows the action's name. */
  readonly usage: string
  /** Whole commands with what they do. */
  readonly examples: readonly (readonly [command: string, what: string])[]
  /** node:util options; one that another action declares too must be of the same form. */
  readonly options: ParseArgsOptionsConfig
  /** What each option is for. */
  readonly meaning: Readonly<Record<string, string>>
  /** How many words may follow the action's name. */
  readonly words: { readonly least: number; readonly most: number }
  /** `call.words` begins with the action's name. */
  run(call: Call): Promise<Answer>
}
