/** Agent RPC v2, request (SPEC part 3). */
import { z } from 'zod'
import { Phase } from './phases.ts'
import { Finite, TraceId } from './primitives.ts'

export const Op = z.enum(['PLAN', 'APPLY', 'VERIFY', 'ROLLBACK', 'EVIDENCE'])
export type Op = z.infer<typeof Op>

export const Scope = z.strictObject({
  env: z.enum(['dev', 'stage', 'prod', 'all']),
  services: z.array(z.string().max(100)).max(500),
  tenants: z.array(z.string().max(100)).max(500),
})

export const AgentRequest = z.strictObject({
  phase: Phase,
  op: Op,
  scope: Scope,
  inputs: z.strictObject({
    params: z.record(z.string(), z.unknown()),
    feature_flags: z.record(z.string(), z.union([z.boolean(), z.string(), Finite])),
    budgets: z.record(z.string(), Finite),
    risk_ids: z.array(z.string().max(100)).max(500),
  }),
  /** Tools this job really has: opa, k6, cosign, chromium, ... */
  capabilities: z.array(z.string().max(50)).max(100),
  trace_id: TraceId,
})
export type AgentRequest = z.infer<typeof AgentRequest>
