/**
 * What the unprivileged job hands to the job that signs: `handover.json` at the root of the unsigned artifact, with every file it names beside it.
 * The signing job re-hashes the files, adds the origin, and makes one statement of each entry.
 */
import { z } from 'zod'
import { Artifact } from './response.ts'
import { Phase } from './phases.ts'
import { AgentResponsePredicate, RolloutEventPredicate, SelfTestPredicate } from './statement.ts'
import { Sha256 } from './primitives.ts'

export const Handover = z.strictObject({
  schema_version: z.literal(1),
  phase: Phase,
  responses: z.array(AgentResponsePredicate.omit({ origin: true })).max(100),
  self_tests: z.array(SelfTestPredicate.omit({ origin: true })).max(100),
  deployments: z.array(RolloutEventPredicate.omit({ origin: true })).max(20),
  /** Reports at their roster paths, and `inputs/<sha256>` for replay. */
  files: z.array(z.strictObject({ path: Artifact.shape.path, sha256: Sha256, size: z.number().int().nonnegative() })).max(5000),
})
export type Handover = z.infer<typeof Handover>

export const HANDOVER_FILE = 'handover.json'
