/** `gates.<gate>.exceptions`: findings that may stand until the end of a day (UTC), because somebody answers for them. */
import { z } from 'zod'

const Rule = z.string().regex(/^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/, 'a rule such as image.user-root')

const Fields = {
  /** The file of the finding. */
  path: z.string().min(1).max(500).optional(),
  /** Or what it is about, as it names it, when that is no place in a file. */
  subject: z.string().min(1).max(500).optional(),
  owner: z.string().regex(/^@[A-Za-z0-9][A-Za-z0-9_./-]{0,99}$/, 'an owner such as @acme/platform'),
  reason: z.string().trim().min(3).max(500),
  until: z.iso.date(),
}
const placed = ({ path, subject }: { readonly path?: string | undefined; readonly subject?: string | undefined }): boolean =>
  path !== undefined || subject !== undefined
const UNPLACED = { path: ['path'], error: 'the path or the subject of the finding' }

const Exception = z.strictObject({ rule: Rule, ...Fields }).refine(placed, UNPLACED)
export type Exception = z.infer<typeof Exception>

/** For every rule of a gate. */
export const Exceptions = z.array(Exception).max(200).default([]).describe('Findings that may stand until a day, each with its owner and a reason.')

/** For some rules only: what a limit of the config decides is changed there, and what was not measured is excepted by nobody. */
export function exceptionsFor(rules: readonly [string, ...string[]]) {
  const one = z.strictObject({ rule: z.enum(rules), ...Fields }).refine(placed, UNPLACED)
  return z
    .array(one)
    .max(200)
    .default([])
    .describe(`Findings that may stand until a day: ${rules.join(', ')}.`)
}
