/** Input about a service under load: what was asked, when it was due, and how long each answer took, counted from then. */
import { z } from 'zod'
import { CommitSha, Finite, Sha256, Timestamp } from '../../evidence/model/primitives.ts'
import { ReadFile } from './inputs.supply-chain.ts'

const Count = z.number().int().nonnegative()
const Milliseconds = Finite.nonnegative()

/** How long requests took: `count[i]` of them at most `le[i]` and more than `le[i - 1]`. Bounds rise, each a hundredth above the one before at most. */
export const Distribution = z
  .strictObject({ le: z.array(Milliseconds).max(5000), count: z.array(Count).max(5000) })
  .refine(
    ({ le, count }) => le.length === count.length && le.every((bound, at) => at === 0 || bound > (le[at - 1] ?? 0)),
    'a count for each rising bound',
  )
export type Distribution = z.infer<typeof Distribution>

/** Requests that left when they were due, whatever came back (an open model: arrivals do not wait for answers). */
export const OpenRun = z.strictObject({
  kind: z.enum(['load', 'spike']),
  /** Requests a second that were due. */
  rate: Finite.positive(),
  ms: Milliseconds,
  due: Count,
  /** Due, and not sent because too many were waiting. */
  dropped: Count,
  /** Sent, and no answer: broken or refused connections, and timeouts. */
  failed: Count,
  /** Answered with another status than the request should get. */
  bad: Count,
  /** Status -> answers; at most a few. */
  statuses: z.record(z.string().regex(/^\d{3}$/), Count),
  /** Of all that were answered, from when they were due. */
  latency: Distribution,
  /** Of the same, from when they really left: what whoever waits with the next request would have seen. */
  service: Distribution,
  /** How much later than due the slowest hundredth left, milliseconds: how far whoever sent them could keep up. Null: k6 does not tell it. */
  lag: Milliseconds.nullable(),
})
export type OpenRun = z.infer<typeof OpenRun>

/** So many users, each asking again as soon as it was answered (a closed model): what capacity is fitted to. */
export const Step = z.strictObject({
  users: z.number().int().positive(),
  /** Neighbouring spans of equal length, and what was answered as it should be in each. */
  slices: z.array(z.strictObject({ ms: Milliseconds, answered: Count })).max(100),
  /** Answered otherwise, or not at all. */
  bad: Count,
})
export type Step = z.infer<typeof Step>

/** What a script of k6 is made of, and how its run ended. */
export const ScriptRun = z.strictObject({
  version: z.string().min(1).max(50),
  path: z.string().min(1).max(300),
  /** Of every file that the run could read. */
  sha256: Sha256,
  /** As `k6 inspect` derives them from the options of the script, before anything is sent. */
  scenarios: z
    .array(
      z.strictObject({
        name: z.string().max(200),
        executor: z.string().max(100),
        /** Its iterations come when they are due. */
        open: z.boolean(),
        part: z.enum(['load', 'spike', 'warm-up']),
      }),
    )
    .max(100),
  /** 99: thresholds of the script were crossed. Null: it did not end by itself, or was not run. */
  exit: z.number().int().min(0).max(255).nullable(),
  /** Hosts other than that of the service that it asked by their name. */
  elsewhere: z.array(z.string().max(300)).max(20),
  /** The last words of k6. */
  said: z.string().max(1000),
})
export type ScriptRun = z.infer<typeof ScriptRun>

export const Load = z.strictObject({
  at: Timestamp,
  base: CommitSha,
  head: CommitSha,
  host: z.string().min(1).max(300),
  /** Of address, requests, rate and times, or of the files of the script and the version of k6: what must be the same to compare two releases. */
  plan: Sha256,
  /** What the service said of the commit it runs, before and after; null: nothing that can be read. */
  commits: z.strictObject({ before: z.string().max(100).nullable(), after: z.string().max(100).nullable() }),
  /** Absent where nothing answered at all: `failure` says why. */
  runs: z.array(OpenRun).max(2),
  steps: z.array(Step).max(20),
  failure: z.string().max(600).nullable(),
  /** Null: the load is our own. */
  script: ScriptRun.nullable(),
  /** Of the base branch. */
  baseline: ReadFile.nullable(),
})
export type Load = z.infer<typeof Load>
