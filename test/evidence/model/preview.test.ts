import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAsleep, isOfPull, PreviewName } from '../../../evidence/model/preview.ts'

describe('a name', () => {
  test.each(['pr-3', 'preview/shop-42', 'P', '7', 'a.b_c-d/e', 'x'.repeat(255)])('%s may stand in a command', (name) => {
    expect(PreviewName.safeParse(name).success).toBe(true)
  })

  test.each([
    '',
    '-rf',
    '/etc',
    '.hidden',
    'preview/../prod',
    'pr-3 ',
    'pr 3',
    'pr-3\n',
    'pr-3\nprod',
    'pr-🚀',
    'pr-ö',
    'pr-3;reboot',
    'pr-$(id)',
    'pr-`id`',
    'pr-3|cat',
    'pr-3&',
    '${{secrets.TOKEN}}',
    "pr-'",
    'pr-"',
    'pr-<b>',
    'pr-*',
    'x'.repeat(256),
  ])('%j may not', (name) => {
    expect(PreviewName.safeParse(name).success).toBe(false)
  })

  test('never holds what a shell or an expression of a workflow could read', () => {
    const names = fc.sample(fc.string({ unit: fc.constantFrom(...Array.from('aZ9._-/$`{}"\'\\ ;&|<>*?\n\u200Bö🚀')), maxLength: 12 }), 5_000)
    const taken = names.filter((name) => PreviewName.safeParse(name).success)
    expect(taken.filter((name) => !/^[A-Za-z0-9._/-]+$/.test(name))).toEqual([])
    expect(taken.length).toBeGreaterThan(50)
  })
})

test.each([
  ['inactive', 'asleep', true],
  ['inactive', 'Asleep: nobody needed it since Monday', true],
  ['inactive', 'asleep-1 costs 9.00 USD a day', false],
  ['inactive', 'was asleep', false],
  ['inactive', '', false],
  ['inactive', null, false],
  ['success', 'asleep', false],
  ['queued', 'asleep', false],
])('%s, %j: asleep is %s', (state, description, asleep) => {
  expect(isAsleep({ state, description })).toBe(asleep)
})

test('a deployment is of the pull request whose branch or head it is of', () => {
  const pull = { ref: 'release/v2.0.0', head: '1'.repeat(40) }
  expect(isOfPull({ ref: 'release/v2.0.0', sha: '2'.repeat(40) }, pull)).toBe(true)
  expect(isOfPull({ ref: 'main', sha: '1'.repeat(40) }, pull)).toBe(true)
  expect(isOfPull({ ref: 'main', sha: '2'.repeat(40) }, pull)).toBe(false)
})
