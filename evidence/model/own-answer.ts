/**
 * What an adopter's own agent writes on standard output, or answers over HTTPS: Agent RPC v2, where what the asker knows may be left out. The runner fills
 * it in: who was asked, the phase, the commit, the trace, the time, and the digest of the answer as what was measured.
 */
import { z } from 'zod'
import { Finding } from './finding.ts'
import { GateId, Phase } from './phases.ts'
import { Sha256, TraceId } from './primitives.ts'
import { Artifact, Result } from './response.ts'
import { Measured, Reason, Threshold } from './verdict.ts'

/** Largest answer that is read, in bytes. */
export const OWN_ANSWER_BYTES = 1 << 20

const Links = z.array(z.string().max(500)).max(100).default([])

/** Its opinion about one gate, with the numbers behind it. */
export const OwnVerdict = z.object({
  gate: GateId,
  metrics: z.record(z.string().max(100), z.number()),
  /** What must hold, such as `{"open": "=0"}`. */
  thresholds: z.record(z.string().max(100), Threshold),
  measured: Measured.extend({ data_digest: Sha256.optional() }),
  /** Why not, when a threshold does not hold. */
  reasons: z
    .array(Reason.pick({ message: true, next: true }))
    .max(50)
    .default([]),
})

export const OwnAnswer = z.object({
  phase: Phase.optional(),
  agent: z.string().min(1).max(100).optional(),
  result: Result,
  /** Files below `RELEASE_CONDUCTOR_OUT`. */
  artifacts: z
    .array(Artifact.pick({ path: true, type: true }).extend({ type: Artifact.shape.type.default('report') }))
    .max(50)
    .default([]),
  links: z.object({ prs: Links, runs: Links, dashboards: Links, releases: Links }).prefault({}),
  verdicts: z.array(OwnVerdict).max(20).default([]),
  findings: z.array(Finding).max(500).default([]),
  notes: z.string().max(4000).default(''),
  next: z.string().max(1000).default(''),
  trace_id: TraceId.optional(),
})
export type OwnAnswer = z.infer<typeof OwnAnswer>
