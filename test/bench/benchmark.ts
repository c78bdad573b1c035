/** The contract of a benchmark: one file, one line in `index.ts`. */
import type { Row, Told } from './row.ts'

export interface Bench {
  /** Each runs ours and every peer once. */
  readonly rounds: number
  /** An empty folder, removed afterwards. */
  readonly dir: string
  /** One line about what is going on. */
  readonly say: (line: string) => void
  /** Something to be seen beside the rows, and held to nothing. */
  readonly tell: (table: Told) => void
  /** A part that could not be measured, and why; the rest goes on. */
  readonly absent: (what: string, why: string) => void
}

export interface Benchmark {
  readonly name: string
  /** One line. */
  readonly what: string
  /** Programs of others: name -> what to install. */
  readonly tools: Readonly<Record<string, string>>
  readonly rounds: number
  /** `runs`: simulated, so that a round costs little and many are needed; `--runs` sets them. */
  readonly counted: 'rounds' | 'runs'
  run(bench: Bench): Promise<readonly Row[]>
}

/** What a benchmark needs of others is not to be had; it says nothing about ours. */
export class Unavailable extends Error {}
