import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openJournal, readChanges } from '../../../agents/collect/change-folder.ts'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { CHANGES_FILE, changeSetId, type ChangeSet } from '../../../evidence/model/action-plan.ts'
import type { JournalEntry } from '../../../agents/apply/journal.ts'

const SET: ChangeSet = { schema_version: 1, repository: 'acme/shop', sha: 'a'.repeat(40), base: 'main', pull: null, plans: [] }
const ID = changeSetId(SET)
const ENTRY: JournalEntry = {
  schema_version: 1,
  id: ID,
  at: '2026-11-22T12:00:00.000Z',
  step: 'begun',
  change: 'files',
  before: { onto: 'main' },
  says: 'It begins.',
}

function folder(text?: string): string {
  const path = mkdtempSync(join(tmpdir(), 'plan-'))
  if (text === undefined) return path
  mkdirSync(join(path, 'plan'))
  writeFileSync(join(path, CHANGES_FILE), text)
  return path
}

test('the set as it was written, and its id', async () => {
  expect(await readChanges(folder(canonicalize(SET)))).toEqual({ set: SET, id: ID })
})

test.each([
  ['none', undefined, 'There is no plan'],
  ['no JSON', '{', 'The plan is no JSON'],
  ['another shape', '{"schema_version":2}', 'The plan cannot be read'],
])('%s is refused, and says what to do', async (_, text, message) => {
  await expect(readChanges(folder(text))).rejects.toMatchObject({
    code: 'unreadable',
    message: expect.stringContaining(message) as string,
    next: expect.stringContaining('run --plan') as string,
  })
})

test('entries are there again, and a line that a crash cut off is gone', async () => {
  const place = folder(canonicalize(SET))
  const first = await openJournal(place, ID)
  await first.append(ENTRY)
  const path = join(place, 'plan', `journal-${ID}.jsonl`)
  appendFileSync(path, '{"schema_version":1,"id')
  const again = await openJournal(place, ID)
  expect(again.entries).toEqual([ENTRY])
  await again.append({ ...ENTRY, step: 'done' })
  expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(2)
  expect((await openJournal(place, ID)).entries.map(({ step }) => step)).toEqual(['begun', 'done'])
})
