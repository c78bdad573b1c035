/** What was measured of load and capacity, as files of the pack: what the next release is compared with, and what the picture is drawn from. */
import { z } from 'zod'
import { CommitSha, Finite, Sha256, Timestamp } from '../model/primitives.ts'

const Count = z.number().int().nonnegative()
const Amount = Finite.nonnegative()

/** `perf/baseline.json`; the next release finds it on the base branch. */
export const Baseline = z.strictObject({
  schema_version: z.literal(1),
  head: CommitSha,
  at: Timestamp,
  host: z.string().min(1).max(300),
  /** Only a load of the same plan is compared with it. */
  plan: Sha256,
  rate: Finite.positive(),
  due: Count,
  unanswered: Count,
  /** Milliseconds from when a request was due: `count[i]` of them at most `le[i]`, more than `le[i - 1]`. */
  latency: z.strictObject({ le: z.array(Amount).max(5000), count: z.array(Count).max(5000) }),
})
export type Baseline = z.infer<typeof Baseline>

const Band = { value: Amount, low: Amount, high: Amount }

/** `perf/headroom.json`; `perf/capacity.png` is drawn from it alone. Throughput is answers a second. */
export const CapacitySeries = z.strictObject({
  schema_version: z.literal(1),
  head: CommitSha,
  at: Timestamp,
  host: z.string().min(1).max(300),
  /** Measured: mean and interval of its spans. */
  steps: z.array(z.strictObject({ users: z.number().int().positive(), ...Band, bad: Count })).max(20),
  /** Universal Scalability Law: one user's throughput, contention, crosstalk. Null: too few points. */
  fit: z.strictObject({ lambda: Amount, alpha: Amount, beta: Amount }).nullable(),
  /** The law with its interval, over the users that were measured. */
  curve: z.array(z.strictObject({ users: Amount, ...Band })).max(200),
  /** Of the replicas under load, at this many users. */
  capacity: z.strictObject({ ...Band, users: Amount }).nullable(),
  replicas: z.strictObject({ target: z.number().int().positive(), production: z.number().int().positive() }),
  /** Answers a second that production has to give at its peak. */
  peak: Amount.nullable(),
  /** Share that is left at the peak, by the low end of the interval; below 0: it does not reach. */
  headroom: Finite.nullable(),
  target: z.number().min(0).max(1),
  replicas_needed: Count.nullable(),
})
export type CapacitySeries = z.infer<typeof CapacitySeries>
