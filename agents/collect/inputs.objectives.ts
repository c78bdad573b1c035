/** Input about service levels: the OpenSLO files of both commits, and what the metrics source answered to each question. */
import { z } from 'zod'
import { CommitSha, Finite, Timestamp } from '../../evidence/model/primitives.ts'
import { ReadFile } from './inputs.supply-chain.ts'

const Id = z.string().min(1).max(100)

/** Why there is no number: a code of `metrics/metrics-error.ts`, or `needs-prometheus` for what a scrape cannot tell. */
const Problem = z.strictObject({
  code: z.enum([
    'address',
    'unreachable',
    'slow',
    'too-large',
    'refused',
    'malformed',
    'absent',
    'not-a-number',
    'inconsistent',
    'partial',
    'several',
    'stale',
    'needs-prometheus',
  ]),
  message: z.string().min(1).max(600),
})
export type Problem = z.infer<typeof Problem>

/** One number, or why there is none; never both. */
export const Reading = z.strictObject({
  slo: Id,
  /** `budget`: the objective's own window. `scrape`: the time it was watched. Else a window of the policy, `1h`. */
  window: z.string().min(1).max(20),
  /** `fresh`: seconds since what the objective is measured by was last scraped. */
  part: z.enum(['good', 'bad', 'total', 'fresh']),
  query: z.string().min(1).max(20_000),
  value: Finite.nullable(),
  problem: Problem.nullable(),
})
export type Reading = z.infer<typeof Reading>

const Milliseconds = z.number().int().nonnegative()

export const Point = z.strictObject({ from: Milliseconds, to: Milliseconds, bad: Finite, total: Finite })
export type Point = z.infer<typeof Point>

/** Neighbouring times and what was counted in each; where nothing was counted there is no point. */
export const Course = z.strictObject({ slo: Id, points: z.array(Point).max(400) })
export type Course = z.infer<typeof Course>

export const Objectives = z.strictObject({
  /** When the questions were asked: windows end here. */
  at: Timestamp,
  base: CommitSha,
  head: CommitSha,
  /** `slos` of the config. */
  patterns: z.array(z.string().max(300)).max(50),
  /** Of the head, sorted by path. */
  files: z.array(ReadFile).max(100),
  /** Of the base: by these it is measured, so that no release changes what it is held to. */
  before: z.array(ReadFile).max(100),
  source: z.strictObject({
    kind: z.enum(['prometheus', 'openmetrics']),
    /** Hosts that were asked. */
    hosts: z.array(z.string().max(300)).max(20),
    /** Of a scrape: how long it was watched, milliseconds. */
    watched_ms: Milliseconds.nullable(),
  }),
  readings: z.array(Reading).max(10_000),
  courses: z.array(Course).max(1000),
})
export type Objectives = z.infer<typeof Objectives>
