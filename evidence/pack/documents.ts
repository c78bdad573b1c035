/** The small documents of a pack that the release writes itself: their schemas, and the one byte form of each. */
import { z } from 'zod'
import { canonicalize } from '../core/canonical.ts'
import { Environment, GateId } from '../model/phases.ts'
import { Finite, Sha256, Version } from '../model/primitives.ts'
import { Outcome } from '../model/verdict.ts'
import { HeldObjective } from '../slo/held.ts'

/** `go_no_go.json` (SPEC part 7, Go/no-go). */
export const GoNoGo = z.strictObject({
  version: Version,
  /** Each required gate with its verdict. */
  gates: z.record(z.string(), Outcome),
  /** Service -> share of spare capacity; empty when it was not measured. */
  headroom: z.record(z.string(), Finite),
  exceptions: z.array(z.record(z.string(), z.unknown())).max(1000),
  risk_open: z.array(z.string().max(200)).max(1000),
  /** null: nobody measured it. */
  drill_recent: z.boolean().nullable(),
  evidence_signed: z.boolean(),
  decision: z.enum(['go', 'no_go']),
  reasons: z.array(z.string().max(2000)).max(200),
})
export type GoNoGo = z.infer<typeof GoNoGo>

/** `self_test.json`: the receipts that each gate can fail. */
export const SelfTests = z.strictObject({
  schema_version: z.literal(1),
  receipts: z
    .array(z.strictObject({ gate: GateId, gate_version: z.number().int().positive(), cases: z.number().int().min(2), statement: Sha256 }))
    .max(100),
})
export type SelfTests = z.infer<typeof SelfTests>

/** Note of a sample that nobody took: a server of metrics remembered it. */
export const READ_BACK = 'read back from the metrics server'

const Latency = z.strictObject({ le: z.array(Finite).min(1).max(200).readonly(), count: z.array(Finite).min(1).max(200).readonly(), total: Finite })
const Reading = z.strictObject({ requests: Finite, errors: Finite, latency: Latency.nullable().exactOptional() }).nullable()
const Ratios = z.strictObject({ errors: Finite, latency: Finite })
const Absence = z.enum(['indeterminate', 'zero', 'fail'])

const Milliseconds = z.number().int().nonnegative()

/**
 * `slo/<environment>-<step>.json`: the very series a step was judged by, what the judge was told, and what it said; the picture beside it is drawn from
 * this file alone. Times in epoch milliseconds; null for what could not be read.
 */
export const RolloutSeries = z.strictObject({
  schema_version: z.literal(1),
  version: Version,
  environment: Environment,
  step: z.number().int().min(1).max(100),
  /** `gates/judge/guard.ts`, GuardPolicy. */
  guard: z.strictObject({ limit: Finite, false_alarm: Finite, miss: Finite, certify: Finite, minimum: Finite }),
  /** How it was compared with the stable version, and by which version of the rules; absent: errors alone were. */
  compare: z
    .strictObject({
      judge_version: z.number().int().positive(),
      minimum: Ratios,
      certify: Ratios,
      absence: z.strictObject({ errors: Absence, latency: Absence }),
      objectives: z.array(HeldObjective).max(100),
      warm_up_s: Finite,
    })
    .optional(),
  /** Time between two looks. */
  sample_ms: z.number().int().positive(),
  /** When traffic had moved to each step so far. */
  moved: z.array(z.strictObject({ step: z.number().int().min(1).max(100), at: Milliseconds })).max(100),
  /** null: the judge did not end this step. */
  judged: z
    .strictObject({
      at: Milliseconds,
      decision: z.enum(['advance', 'roll_back']),
      code: z.string().max(50),
      sentence: z.string().max(2000),
      metrics: z.record(z.string().max(50), Finite),
      started_at: Milliseconds,
      shifted_at: Milliseconds,
      bake_until: Milliseconds,
      deadline: Milliseconds,
    })
    .nullable(),
  samples: z
    .array(
      z.strictObject({
        at: Milliseconds,
        canary: Reading,
        stable: Reading,
        note: z.string().max(2000),
        /** Traces of requests of the canary that failed or were slow. */
        traces: z.array(z.string().max(64)).max(5).readonly().exactOptional(),
      }),
    )
    .max(200_000),
})
export type RolloutSeries = z.infer<typeof RolloutSeries>

/** Value -> the file of a pack: canonical JSON, UTF-8, no line end. So the file of a verdict has the digest of the verdict. */
export function documentBytes(value: GoNoGo | SelfTests | RolloutSeries | object): Uint8Array {
  return Buffer.from(canonicalize(value))
}
