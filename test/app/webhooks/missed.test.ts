import { expect, test } from 'vitest'
import type { Attempt } from '../../../app/github/deliveries.ts'
import { missed, MOST_ASKED } from '../../../app/webhooks/missed.ts'

const MINUTE = 60_000
const NOW = 1_000 * MINUTE
let next = 0

/** @param minutes how long ago */
function attempt(guid: string, minutes: number, over: Partial<Attempt> = {}): Attempt {
  return { id: String((next += 1)), guid, event: 'push', at: NOW - minutes * MINUTE, ok: false, redelivery: false, ...over }
}

const again = (log: readonly Attempt[], known: readonly string[] = []): readonly string[] => missed(log, new Set(known), NOW).again

test('what failed a minute ago and never came is asked for again', () => {
  const one = attempt('a', 1)
  expect(missed([one], new Set(), NOW)).toEqual({ again: [one.id], lost: [], missing: 1 })
})

test.each([
  ['it came at a later attempt', [attempt('a', 2, { ok: true, redelivery: true }), attempt('a', 9)], []],
  ['it came at first and was sent once more in vain', [attempt('a', 2, { redelivery: true }), attempt('a', 9, { ok: true })], []],
  ['it is in the inbox, and only the answer was lost', [attempt('a', 9)], ['a']],
])('whole: %s', (_, log, known) => {
  expect(missed(log, new Set(known), NOW)).toEqual({ again: [], lost: [], missing: 0 })
})

test('longer is waited after each attempt, and the newest is the one that is repeated', () => {
  expect(again([attempt('a', 0.9)])).toEqual([])
  const first = attempt('a', 20)
  expect(again([attempt('a', 4.9, { redelivery: true }), first])).toEqual([])
  const second = attempt('a', 5, { redelivery: true })
  expect(again([second, first])).toEqual([second.id])
  expect(again([attempt('a', 24.9, { redelivery: true }), attempt('a', 26, { redelivery: true }), attempt('a', 30)])).toEqual([])
})

test('after three in vain it is lost, and still missing', () => {
  const log = [...Array.from({ length: MOST_ASKED }, (_, at) => attempt('a', 100 + at, { redelivery: true })), attempt('a', 200)]
  expect(missed(log, new Set(), NOW)).toEqual({ again: [], lost: [log[0]], missing: 1 })
})

test('deliveries do not stand for each other', () => {
  const [a, b] = [attempt('a', 3), attempt('b', 3, { ok: true })]
  expect(again([a, b])).toEqual([a.id])
})
