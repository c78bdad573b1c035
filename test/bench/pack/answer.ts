/** What the processes of this folder say when they end. */
import { z } from 'zod'

/** `rss`: bytes at the most. `sha256`: of the pack. */
export const ANSWER = z.object({
  rss: z.number(),
  sha256: z.string().optional(),
  ok: z.boolean().optional(),
  errors: z.array(z.unknown()).optional(),
})
