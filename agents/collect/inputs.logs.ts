/** Input about logs: the form of each line and the names of its fields. What a line says is never kept: it may name people. */
import { z } from 'zod'
import { CommitSha, Sha256, Timestamp } from '../../evidence/model/primitives.ts'

const Line = z.strictObject({
  /** 1-based, within its sample. */
  line: z.number().int().positive(),
  /** `stack`: a line of a stack trace outside JSON. */
  form: z.enum(['json', 'text', 'stack']),
  /** Fields of a JSON line that hold something. Sorted. */
  has: z.array(z.string().max(100)).max(100),
})

const Sample = z.strictObject({
  /** A path, or `loki:<host>`. */
  source: z.string().min(1).max(500),
  /** Of all of its text. */
  sha256: Sha256.nullable(),
  lines: z.array(Line).max(2000),
  /** There are more than were looked at. */
  cut: z.boolean(),
  problem: z.string().max(500).nullable(),
})
export type LogSample = z.infer<typeof Sample>

export const Logs = z.strictObject({ at: Timestamp, head: CommitSha, samples: z.array(Sample).max(30) })
