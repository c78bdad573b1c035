import { expect, test } from 'vitest'
import { journalOf, stageOf, type JournalEntry } from '../../../agents/apply/journal.ts'

const ID = '0'.repeat(32)
const entry = (step: JournalEntry['step'], change: string, before = {}): JournalEntry => ({
  schema_version: 1,
  id: ID,
  at: '2026-11-22T12:00:00.000Z',
  step,
  change,
  before,
  says: step,
})
const lines = (...entries: readonly unknown[]): string => entries.map((one) => `${JSON.stringify(one)}\n`).join('')

test('what was begun first knows what stood before, however often it was begun', () => {
  const entries = [entry('begun', 'a', { state: 'first' }), entry('begun', 'b'), entry('done', 'a', { state: 'second' })]
  expect(stageOf(entries, 'a')).toMatchObject({ step: 'done', before: { state: 'first' } })
  expect(stageOf(entries, 'b').step).toBe('begun')
  expect(stageOf(entries, 'c')).toEqual({ step: 'none' })
  const undone = [...entries, entry('undone', 'a')]
  expect(stageOf(undone, 'a')).toEqual({ step: 'none' })
  expect(stageOf([...undone, entry('begun', 'a', { state: 'third' })], 'a')).toMatchObject({ step: 'begun', before: { state: 'third' } })
})

test('a journal of another set, and a line that is none, are refused by their number', () => {
  expect(journalOf(lines(entry('begun', 'a')), ID)).toHaveLength(1)
  expect(() => journalOf(lines(entry('begun', 'a')), '1'.repeat(32))).toThrow('Line 1 of the journal is of the set')
  expect(() => journalOf(lines(entry('begun', 'a'), { step: 'begun' }), ID)).toThrow('Line 2 of the journal cannot be read')
  expect(() => journalOf('{\n', ID)).toThrow('Line 1')
})
