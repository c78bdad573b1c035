import { expect, test } from 'vitest'
import { objectivesFor, objectivesWords } from '../../../app/rollout/objectives.ts'

test('a config that names none is held to none; a name that every object has is no source', () => {
  expect(objectivesFor({}, 'scrape', {})).toEqual({ objectives: [], others: [] })
  expect(objectivesFor({ slos: { ok: true, slos: [] } }, 'constructor', { sources: {} })).toEqual({ objectives: [], others: [] })
  expect(objectivesFor({ slos: { ok: false, message: 'why' } }, 'scrape', {})).toBe('why')
})

test('what is watched and what is not, in words', () => {
  expect(objectivesWords({ objectives: [], others: [] })).toBe('')
  expect(objectivesWords({ objectives: [], others: [{ name: 'lag', why: 'it is about the value of a query' }] })).toBe(
    'Not watched during the rollout: lag (it is about the value of a query).',
  )
})
