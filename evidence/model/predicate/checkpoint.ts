/** A position of a release's ledger, signed: what a pack's manifest stands on. */
import { z } from 'zod'
import { Tree } from '../manifest.ts'
import { Sha256, Timestamp, Version } from '../primitives.ts'

export const CheckpointPredicate = z.strictObject({
  schema_version: z.literal(1),
  version: Version,
  seal: z.number().int().positive(),
  ledger: z.strictObject({ root: Sha256, entries: z.number().int().positive() }),
  tree: Tree,
  evidence_root: Sha256,
  previous: Sha256.nullable(),
  at: Timestamp,
})
export type CheckpointPredicate = z.infer<typeof CheckpointPredicate>
