import { expect, test } from 'vitest'
import type { Finding } from '../../evidence/model/finding.ts'
import { shownOf } from '../../agents/shown.ts'

function finding(rule: string, severity: Finding['severity'] = 'error', path = 'a'): Finding {
  return { rule, severity, path, message: 'm', next: 'n' }
}

const told = (findings: readonly Finding[], most: number) => shownOf(findings, most).map(({ path, rule }) => `${rule} ${path}`)

test('one rule that is broken often hides no other', () => {
  const often = Array.from({ length: 100 }, (_, at) => finding('a.often', 'error', `${at}`))
  expect(told([...often, finding('b.once'), finding('c.twice', 'error', 'x'), finding('c.twice', 'error', 'y')], 5)).toEqual([
    'a.often 0',
    'a.often 1',
    'b.once a',
    'c.twice x',
    'c.twice y',
  ])
})

test('errors come before warnings, and warnings before what is only said', () => {
  const mixed = [finding('a.a', 'info'), finding('b.b', 'warning'), finding('c.c'), finding('d.d', 'warning')]
  expect(told(mixed, 3)).toEqual(['c.c a', 'b.b a', 'd.d a'])
  expect(told(mixed, 10)).toEqual(['c.c a', 'b.b a', 'd.d a', 'a.a a'])
})

test('with more rules than places the first ones are shown; with none there is nothing', () => {
  const rules = ['a.a', 'b.b', 'c.c'].map((rule) => finding(rule))
  expect(told(rules, 2)).toEqual(['a.a a', 'b.b a'])
  expect(told([], 2)).toEqual([])
})
