/** A folder with a plan: the set as it was written, and the journal of what became of it. */
import { open, readFile, stat, truncate } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { CHANGES_FILE, ChangeSet, changeSetId } from '../../evidence/model/action-plan.ts'
import { ApplyError } from '../apply/error.ts'
import { journalOf, type Journal } from '../apply/journal.ts'

const MOST_BYTES = 32 << 20

/** @throws ApplyError `unreadable` */
export async function readChanges(folder: string): Promise<{ readonly set: ChangeSet; readonly id: string }> {
  const path = join(folder, CHANGES_FILE)
  const found = await stat(path).catch(() => null)
  if (found === null) throw new ApplyError('unreadable', `There is no plan in ${folder} (${CHANGES_FILE})`, 'Write one with run --plan.')
  if (!found.isFile() || found.size > MOST_BYTES)
    throw new ApplyError('unreadable', `${path} is no file of at most ${MOST_BYTES} bytes`, 'Write it again with run --plan.')
  const set = parsed(await readFile(path, 'utf8'))
  return { set, id: changeSetId(set) }
}

function parsed(text: string): ChangeSet {
  const next = 'Write it again with run --plan.'
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new ApplyError('unreadable', 'The plan is no JSON', next, { cause: error })
  }
  const set = ChangeSet.safeParse(json)
  if (set.success) return set.data
  throw new ApplyError('unreadable', `The plan cannot be read: ${z.prettifyError(set.error)}`.slice(0, 500), next)
}

/** Beside the plan; each entry is on the disk before its change is made. @throws ApplyError `unreadable` */
export async function openJournal(folder: string, id: string): Promise<Journal> {
  const path = join(dirname(join(folder, CHANGES_FILE)), `journal-${id}.jsonl`)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  // A line that a crash cut off was never acted on.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  if (whole.length < text.length) await truncate(path, Buffer.byteLength(whole))
  const entries = [...journalOf(whole, id)]
  return {
    entries,
    async append(entry) {
      const file = await open(path, 'a')
      try {
        await file.appendFile(`${JSON.stringify(entry)}\n`)
        await file.sync()
      } finally {
        await file.close()
      }
      entries.push(entry)
    },
  }
}
