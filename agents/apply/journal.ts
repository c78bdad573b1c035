/** What was begun, done and undone of a set, written down before and after each change, so that a process that was killed is gone on with and nothing is forgotten. */
import { z } from 'zod'
import { Timestamp } from '../../evidence/model/primitives.ts'
import { Before } from './change.ts'
import { ApplyError } from './error.ts'

export const JournalEntry = z.strictObject({
  schema_version: z.literal(1),
  /** Of the set. */
  id: z.string().regex(/^[0-9a-f]{32}$/),
  at: Timestamp,
  step: z.enum(['begun', 'done', 'undone']),
  change: z.string().min(1).max(600),
  before: Before,
  says: z.string().max(2000),
})
export type JournalEntry = z.infer<typeof JournalEntry>

/** Entries in the order they were written. */
export interface Journal {
  readonly entries: readonly JournalEntry[]
  /** On the disk when it returns. */
  append(entry: JournalEntry): Promise<void>
}

/** One JSON object a line; a last line that was cut off by a crash is none. @throws ApplyError `unreadable` */
export function journalOf(text: string, id: string): readonly JournalEntry[] {
  const lines = text.split('\n')
  const whole = lines.slice(0, -1)
  return whole.map((line, at) => {
    const entry = JournalEntry.safeParse(jsonOf(line))
    if (entry.success && entry.data.id === id) return entry.data
    const why = entry.success ? `is of the set ${entry.data.id}` : 'cannot be read'
    throw new ApplyError('unreadable', `Line ${at + 1} of the journal ${why}`, 'Keep each set in a folder of its own.')
  })
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

export type Stage = { readonly step: 'none' } | JournalEntry

/** How far a change is. The first `begun` since it was last undone knows what stood before. */
export function stageOf(entries: readonly JournalEntry[], change: string): Stage {
  const own = entries.filter((entry) => entry.change === change)
  const last = own.at(-1)
  if (last === undefined || last.step === 'undone') return { step: 'none' }
  const since = own.slice(own.findLastIndex(({ step }) => step === 'undone') + 1)
  const begun = since.find(({ step }) => step === 'begun') ?? last
  return { ...last, before: begun.before }
}
