/** Agent RPC v2, response (SPEC part 3). `result` is ok when the agent could look, whatever it saw. */
import { z } from 'zod'
import { Phase } from './phases.ts'
import { Sha256, TraceId } from './primitives.ts'
import { Verdict } from './verdict.ts'

export const Artifact = z.strictObject({
  path: z.string().regex(/^(?!\/)(?!.*(^|\/)\.\.?(\/|$))[A-Za-z0-9._/-]{1,300}$/, 'a relative path without .. or odd characters'),
  sha256: Sha256,
  /** Digest of the Sigstore bundle that covers the artifact; null until it is signed. */
  sig: Sha256.nullable(),
  type: z.enum(['sbom', 'slsa', 'report', 'dash', 'schema', 'evidence']),
})
export type Artifact = z.infer<typeof Artifact>

export const Result = z.enum(['ok', 'fail', 'needs_approval', 'blocked'])
export type Result = z.infer<typeof Result>

const Links = z.array(z.string().max(500)).max(100)

export const AgentResponse = z.strictObject({
  phase: Phase,
  /** Stable id of the roster, e.g. A52. */
  agent: z.string().min(1).max(100),
  result: Result,
  artifacts: z.array(Artifact).max(500),
  links: z.strictObject({ prs: Links, runs: Links, dashboards: Links, releases: Links }),
  /** The agent's measurements and its own opinion. The opinion can lower a gate's decision, never raise it. */
  verdicts: z.array(Verdict).max(50),
  notes: z.string().max(4000),
  next: z.string().max(1000),
  trace_id: TraceId,
})
export type AgentResponse = z.infer<typeof AgentResponse>
