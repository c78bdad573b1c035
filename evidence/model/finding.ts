/** One thing an agent saw that somebody should know, with the place and the next action. */
import { z } from 'zod'

export const Severity = z.enum(['error', 'warning', 'info'])

export const Finding = z.strictObject({
  /** Stable, `<area>.<what>`, e.g. `image.user-root`; exceptions of the config name it. */
  rule: z.string().regex(/^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/),
  severity: Severity,
  /** Repository-relative file, when the finding has one. */
  path: z.string().max(500).optional(),
  line: z.number().int().positive().optional(),
  /** What it is about, when that is no place in a file: an exception of the config names it. */
  subject: z.string().min(1).max(500).optional(),
  message: z.string().min(1).max(1000),
  /** What to do, as an instruction. */
  next: z.string().min(1).max(1000),
})
export type Finding = z.infer<typeof Finding>
