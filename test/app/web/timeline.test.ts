import { expect, test } from 'vitest'
import { isDoing, said } from '../../../app/web/timeline.ts'
import { ledgerOf } from '../../support/shown.ts'

test('entries are told in words', () => {
  expect(ledgerOf().map(said)).toEqual([
    'The release was opened',
    'proving became ready: every gate holds',
    'Wanted: check.create',
    'approver promoted prod up to 100 %',
    '10 % of prod moved to the new version',
    'Judge at 10 %: Advance: 0 of 800 canary requests failed.',
  ])
})

test('what it has no words for is named, and data it does not expect is no word', () => {
  expect(said({ type: 'something.new', data: {} })).toBe('something.new')
  expect(said({ type: 'head', data: { to: 'a'.repeat(40) } })).toBe('The head commit is now aaaaaaaaaaaa')
  expect(said({ type: 'head', data: { to: { toString: () => 'x' } } })).toBe('The head commit is now ')
})

test('the waiver of a hotfix is told as one, with what became of it', () => {
  const data = { gate: 'hotfix', covers: ['slo'], expires_at: '2026-11-25', reason: 'the checkout is down' }
  expect(said({ type: 'waiver', data })).toBe('The hotfix was waived until 2026-11-25: the checkout is down')
  expect(said({ type: 'waiver', data: { ...data, gate: 'slo' } })).toBe('Gate slo was waived until 2026-11-25: the checkout is down')
  expect(said({ type: 'hotfix', data: { says: 'covers again' } })).toBe('The waiver of the hotfix covers again')
  expect(said({ type: 'hotfix.settled', data: { why: 'v2.4.2 contains it' } })).toBe('What the hotfix owed is closed: v2.4.2 contains it')
})

test('doings of the App are told apart', () => {
  expect(ledgerOf().filter(({ type }) => isDoing(type))).toHaveLength(1)
})
