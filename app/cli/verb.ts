/**
 * The contract of a verb: one file in `commands/`, one line in `verbs.ts`. A verb parses nothing itself: it declares its options, and is
 * called with what was given. It answers with an exit code, a text for people and the same as data for programs (`--json`).
 */
import type { ParseArgsOptionsConfig } from 'node:util'

/** Exit codes of every verb (SPEC part 6). */
export const EXIT = { ok: 0, no: 1, usage: 2, indeterminate: 3, unauthorised: 4, unavailable: 5 } as const
export type Exit = (typeof EXIT)[keyof typeof EXIT]

export interface Answer {
  readonly exit: Exit
  /** For people. */
  readonly text: string
  /** The same for programs. */
  readonly data: unknown
}

/** The outside of one call, given at the edge so that tests give their own. */
export interface Io {
  out(text: string): void
  err(text: string): void
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  now(): number
  /** Standard input, as it comes. */
  input(): AsyncIterable<Uint8Array>
  /** Resolves when the process is asked to end. */
  readonly ended: Promise<string>
}

export interface Call {
  readonly io: Io
  /** Words after the verb. */
  readonly words: readonly string[]
  /** Text of an option that was given once. */
  text(option: string): string | undefined
  /** All texts of an option that may repeat. */
  texts(option: string): readonly string[]
  flag(option: string): boolean
}

export interface Verb {
  readonly name: string
  /** One line for the overview. */
  readonly summary: string
  /** What follows the verb, e.g. `<pack> --key <pem> [--key <pem>]`. */
  readonly usage: string
  /** Whole commands with what they do. */
  readonly examples: readonly (readonly [command: string, what: string])[]
  /** node:util options; `--json` and `--help` are there always. */
  readonly options: ParseArgsOptionsConfig
  /** What each option is for. */
  readonly meaning: Readonly<Record<string, string>>
  /** How many words may follow. */
  readonly words: { readonly least: number; readonly most: number }
  run(call: Call): Promise<Answer>
}
