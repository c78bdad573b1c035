/** The small documents of a pack that the release writes itself: their schemas, and the one byte form of each. */
import { z } from 'zod'
import { canonicalize } from '../core/canonical.ts'
import { Environment, GateId } from '../model/phases.ts'
import { Finite, Sha256, Version } from '../model/primitives.ts'
import { Outcome } from '../model/verdict.ts'

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

const Reading = z.strictObject({ requests: Finite, errors: Finite }).nullable()

/** `slo/<environment>-<step>.json`: the very series a step was judged by. `at` in epoch milliseconds; null for what could not be read. */
export const RolloutSeries = z.strictObject({
  schema_version: z.literal(1),
  version: Version,
  environment: Environment,
  step: z.number().int().min(1).max(100),
  samples: z.array(z.strictObject({ at: z.number().int().nonnegative(), canary: Reading, stable: Reading, note: z.string().max(2000) })).max(200_000),
})
export type RolloutSeries = z.infer<typeof RolloutSeries>

/** Value -> the file of a pack: canonical JSON, UTF-8, no line end. So the file of a verdict has the digest of the verdict. */
export function documentBytes(value: GoNoGo | SelfTests | RolloutSeries | object): Uint8Array {
  return Buffer.from(canonicalize(value))
}
