/** What an agent would change (Agent RPC v2, PLAN and APPLY): data that a person can read, and nobody carries out without one. */
import { z } from 'zod'
import { RepositoryPath } from './config/names.ts'
import { Sha256 } from './primitives.ts'

export const PlannedAction = z.strictObject({
  kind: z.literal('file.write'),
  /** In the repository under release. Written when it is not there or says something else; so twice is once. */
  path: RepositoryPath,
  text: z.string().max(2_000_000),
  /** Of the text. */
  sha256: Sha256,
  why: z.string().min(1).max(500),
})
export type PlannedAction = z.infer<typeof PlannedAction>

export const ActionPlan = z.strictObject({
  schema_version: z.literal(1),
  agent: z.string().min(1).max(100),
  actions: z.array(PlannedAction).max(100),
})
export type ActionPlan = z.infer<typeof ActionPlan>
