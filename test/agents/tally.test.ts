import { expect, test } from 'vitest'
import { capped, count } from '../../agents/tally.ts'

const finding = { rule: 'a.b', severity: 'warning', message: 'm', next: 'n' } as const

test('a list that fits is left alone; one that does not says so as an error', () => {
  const fits = Array.from({ length: 2000 }, () => finding)
  expect(capped(fits)).toEqual(fits)
  const cut = capped([...fits, finding])
  expect([cut.length, count(cut, 'warning'), count(cut, 'error')]).toEqual([2000, 1999, 1])
  expect(cut.at(-1)?.message).toContain('2 more')
})
