/** The contract of a benchmark: one file, one line in `index.ts`. */
import type { Row } from './row.ts'

export interface Bench {
  /** Each runs ours and every peer once. */
  readonly rounds: number
  /** An empty folder, removed afterwards. */
  readonly dir: string
  /** One line about what is going on. */
  readonly say: (line: string) => void
}

export interface Benchmark {
  readonly name: string
  /** One line. */
  readonly what: string
  /** Programs of others: name -> what to install. */
  readonly tools: Readonly<Record<string, string>>
  readonly rounds: number
  run(bench: Bench): Promise<readonly Row[]>
}

/** What a benchmark needs of others is not to be had; it says nothing about ours. */
export class Unavailable extends Error {}
