/**
 * The contract of a collector: it gathers one kind of input, and is the only code under `agents/` that touches the world. It answers with the value, or
 * says what is missing, why, and what would give it; it never guesses and never answers with half of an input.
 */
import type { Inputs, InputKind } from './inputs.ts'

export interface CollectContext {
  /** Directory of the adopter's checkout, with full history. Only Git objects of it are read, never its working files. */
  readonly workspace: string
  /** e.g. `https://api.github.com`, without a slash at the end. */
  readonly apiUrl: string
  /** The job's token; null: nothing can be asked from the API. */
  readonly token: string | null
  /** For the Grafana that the config of the base branch names, and for nobody else. */
  readonly grafanaToken?: string | null
  readonly repository: { readonly owner: string; readonly name: string; readonly id: number }
  /** The commit the evidence speaks for. */
  readonly sha: string
  /** Base branch, e.g. `main`. */
  readonly base: string
  readonly pull: number | null
  /** Epoch milliseconds. */
  readonly now: number
  /** A config in place of that of the base branch: for previews on a desk, never in a job. */
  readonly config?: string
}

export interface Blocked {
  /** The input, in words. */
  readonly what: string
  readonly why: string
  /** What to do; names the key or file that gives it. */
  readonly next: string
}

export type Collected<Kind extends InputKind> = { readonly value: Inputs[Kind] } | { readonly blocked: Blocked }

export type Collector<Kind extends InputKind> = (context: CollectContext) => Promise<Collected<Kind>>
