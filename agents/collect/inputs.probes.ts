/** Input about golden paths: the catalogue of the base branch, the routes of the release, and what each step of each journey answered. */
import { z } from 'zod'
import { CommitSha, Finite, Timestamp, TraceId } from '../../evidence/model/primitives.ts'
import { ReadFile } from './inputs.supply-chain.ts'

const Answered = z.strictObject({
  journey: z.string().max(60),
  /** From 0. */
  step: z.number().int().nonnegative(),
  /** Null: no whole answer, and `why` says so; or it was not asked because the step before failed. */
  status: z.number().int().nullable(),
  why: z.string().max(300).nullable(),
  ms: Finite.nonnegative(),
  /** Of a redirect: the host it leads to; null: the same, or none. It is never followed. */
  elsewhere: z.string().max(300).nullable(),
  /** Which of the step's `contains` do not stand in the body. */
  missing: z.array(z.string().max(500)).max(20),
})

export const Probes = z.strictObject({
  at: Timestamp,
  base: CommitSha,
  head: CommitSha,
  host: z.string().min(1).max(300),
  catalogue: ReadFile,
  /** Of the head; null: the config names none. */
  openapi: ReadFile.nullable(),
  /** Journey -> the trace its requests belong to. */
  traces: z.record(z.string().max(60), TraceId),
  answers: z.array(Answered).max(5000),
})
export type Probes = z.infer<typeof Probes>
