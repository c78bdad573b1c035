import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { exchange, HANDED_MS, type Hearing, type Saying } from '../../../app/github/together.ts'

const NOW = 1_000_000
const MINUTE = 60_000
const quiet = (process: string): Saying => ({ process, sent: [], waitUntil: 0, turn: 'nothing' })

/** Processes that tell each other in one text. */
class Table {
  told: string | null = null
  say(process: string, at: number, of: Partial<Saying> = {}): Hearing {
    const { told, answer } = exchange(this.told, { ...quiet(process), ...of }, at)
    this.told = told
    return answer
  }
}

test('each hears what the others sent in the last minute, and never itself', () => {
  const table = new Table()
  expect(table.say('a', NOW, { sent: [{ at: NOW - 5, content: 1, points: 5 }] })).toEqual({ sent: [], waitUntil: 0, hasTurn: false })
  table.say('b', NOW + 1, { sent: [{ at: NOW - MINUTE + 100, content: 0, points: 7 }] })
  expect(table.say('c', NOW + 2).sent).toEqual([
    { at: NOW - 5, content: 1, points: 5 },
    { at: NOW - MINUTE + 100, content: 0, points: 7 },
  ])
  expect(table.say('a', NOW + 100, { sent: [{ at: NOW + 100, content: 2, points: 10 }] }).sent).toEqual([])
  expect(table.say('b', NOW + 101).sent).toEqual([{ at: NOW + 100, content: 2, points: 10 }])
})

test('the longest that GitHub asked anybody to wait is what all hear', () => {
  const table = new Table()
  table.say('a', NOW, { waitUntil: NOW + 30_000 })
  expect(table.say('b', NOW + 1, { waitUntil: NOW + 10_000 }).waitUntil).toBe(NOW + 30_000)
  expect(table.say('c', NOW + 2).waitUntil).toBe(NOW + 30_000)
})

test.each([null, '', '{', '{"sent":{}}', '[]', '{"sent":{"a":[[1,-1,2]]},"waitUntil":0,"turn":null,"waiting":[]}'])(
  'what a process of another version may have told counts as nothing: %j',
  (told) => {
    expect(exchange(told, { ...quiet('a'), turn: 10 }, NOW).answer).toEqual({ sent: [], waitUntil: 0, hasTurn: true })
  },
)

test('one has the turn until it leaves, or says nothing for as long as it asked', () => {
  const table = new Table()
  expect(table.say('a', NOW, { turn: 500 }).hasTurn).toBe(true)
  expect(table.say('b', NOW, { turn: 500 }).hasTurn).toBe(false)
  expect(table.say('b', NOW + 499, { turn: 500 }).hasTurn).toBe(false)
  expect(table.say('a', NOW + 499).hasTurn).toBe(true)
  expect(table.say('b', NOW + 500, { turn: 500 }).hasTurn).toBe(true)
  expect(table.say('a', NOW + 501, { turn: 'leave' }).hasTurn).toBe(false)
  expect(table.say('a', NOW + 502, { turn: 500 }).hasTurn).toBe(false)
  table.say('b', NOW + 503, { turn: 'leave' })
  expect(table.say('c', NOW + 503 + HANDED_MS, { turn: 500 }).hasTurn).toBe(true)
})

test('whoever asked first in vain gets the next turn, and only for as long as it may still ask', () => {
  const table = new Table()
  table.say('a', NOW, { turn: 500 })
  table.say('b', NOW + 1, { turn: 500 })
  table.say('c', NOW + 2, { turn: 500 })
  table.say('a', NOW + 10, { turn: 'leave' })
  expect(table.say('a', NOW + 11, { turn: 500 }).hasTurn).toBe(false)
  expect(table.say('c', NOW + 12, { turn: 500 }).hasTurn).toBe(false)
  expect(table.say('b', NOW + 13, { turn: 500 }).hasTurn).toBe(true)
  table.say('b', NOW + 14, { turn: 'leave' })
  expect(table.say('a', NOW + 15, { turn: 500 }).hasTurn).toBe(false)
  expect(table.say('c', NOW + 16).hasTurn).toBe(true)
  expect(table.say('b', NOW + 14 + HANDED_MS, { turn: 500 }).hasTurn).toBe(true)
})

test('whatever is said, one at a time has the turn, and a wish that is repeated is granted', () => {
  const process = fc.constantFrom('a', 'b', 'c')
  const turn = fc.constantFrom<Saying['turn']>(500, 'leave', 'nothing')
  fc.assert(
    fc.property(fc.array(fc.record({ process, turn, after: fc.integer({ min: 0, max: 200 }) }), { maxLength: 60 }), (said) => {
      const table = new Table()
      let at = NOW
      for (const one of said) {
        at += one.after
        table.say(one.process, at, { turn: one.turn })
        const having = ['a', 'b', 'c'].filter((each) => table.say(each, at).hasTurn)
        expect(having.length).toBeLessThanOrEqual(1)
      }
      let asked = 0
      while (!table.say('a', (at += 50), { turn: 500 }).hasTurn) expect(++asked).toBeLessThan(20)
    }),
  )
})
