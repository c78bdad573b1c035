/** What a verdict was decided from beside the statements and the config: with it, a gate can be asked again years later and must answer the same. */
import { z } from 'zod'
import { Topic } from './kinds.ts'
import { CommitSha, Sha256 } from './primitives.ts'
import { ReasonCode } from './reasons.ts'

export const VerdictContext = z.strictObject({
  gate_version: z.number().int().positive(),
  /** Base branch. */
  base: z.string().min(1).max(300),
  /** SHA-256 of the config's bytes, and the base commit it was read at; null when it could not be read. */
  policy_digest: Sha256.nullable(),
  policy_commit: CommitSha.nullable(),
  /** Why the config could not be used: then no gate was asked, and each said no. */
  unreadable: z.strictObject({ code: ReasonCode, message: z.string().min(1).max(2000) }).nullable(),
  /** As the config declares it; null when the gate applies. */
  not_applicable: z.strictObject({ reason: z.string().max(2000), by: z.string().max(200) }).nullable(),
  /** Topics of this gate that the config declares absent; sorted by topic. */
  absent_topics: z
    .array(z.strictObject({ topic: Topic, reason: z.string().max(2000), by: z.string().max(200) }))
    .max(50)
    .default([]),
  /** Topics of the adopter's own agents that the config lets feed this gate; sorted. */
  own_topics: z.array(Topic).max(50).default([]),
  /** Digests, at that moment, of the inputs this gate depends on; sorted by kind. */
  inputs: z.array(z.strictObject({ kind: z.string().min(1).max(60), sha256: Sha256 })).max(100),
  /** How many statements had arrived and were not believed. */
  rejections: z.number().int().nonnegative(),
  /** Epoch milliseconds after which absent evidence was late; null: never. */
  deadline: z.number().int().nonnegative().nullable(),
})
export type VerdictContext = z.infer<typeof VerdictContext>
