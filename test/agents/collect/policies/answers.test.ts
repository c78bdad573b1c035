import { expect, test } from 'vitest'
import { answerOf, isAsked, unanswered } from '../../../../agents/collect/policies/answers.ts'

const answered = (values: Readonly<Record<string, unknown>>) => answerOf(0, 'main', new Map(Object.entries(values)))

test.each(['deny', 'violation', 'warn', 'deny_root', 'warn_a_1', 'violation_X'])('%s is asked', (rule) => expect(isAsked(rule)).toBe(true))
test.each(['denied', 'deny_', 'deny-x', 'allow', 'test_deny', 'exception'])('%s is not', (rule) => expect(isAsked(rule)).toBe(false))

test.each<[string, unknown, readonly string[]]>([
  ['a set of texts', ['b', 'a'], ['b', 'a']],
  ['objects with msg', [{ msg: 'no root', severity: 'high' }], ['no root']],
  ['an object that is the rule', { msg: 'no' }, ['no']],
  ['nothing', [], []],
  ['undefined', undefined, []],
  ['false', false, []],
  ['an empty object', {}, []],
  ['true: Conftest lets it pass', true, ['deny holds']],
  ['a text: Conftest lets it pass', 'no', ['no']],
  [
    'what has no msg',
    [{ message: 'no' }, 7, ['x'], null],
    ['no message, but {"message":"no"}', 'no message, but 7', 'no message, but ["x"]', 'no message, but null'],
  ],
  ['a msg that is no text', [{ msg: 7 }], ['no message, but {"msg":7}']],
  ['an empty text', [''], ['no message']],
])('%s', (_name, value, messages) => {
  expect(answered({ deny: value }).results.map(({ message }) => message)).toEqual(messages)
})

test('an exception switches off what it names, and no more', () => {
  const values = { deny: ['a'], deny_latest: ['b'], warn_latest: ['c'], violation_root: ['d'], exception: [['latest'], ['unknown']] }
  const { excepted, results } = answered(values)
  expect(excepted).toEqual(['deny_latest', 'warn_latest'])
  expect(results.map(({ rule }) => rule)).toEqual(['deny', 'violation_root'])
  expect(answered({ deny: ['a'], exception: [['']] })).toMatchObject({ results: [], excepted: ['deny'] })
  expect(answered({ deny: [], exception: [['']] }).excepted).toEqual([])
})

test('what is too much is counted', () => {
  const { more, results } = answered({ deny: Array.from({ length: 130 }, (_, at) => `${at}`) })
  expect([results.length, more]).toEqual([100, 30])
  expect(answered({ deny: ['x'.repeat(5000)] }).results[0]?.message).toHaveLength(1000)
  expect(unanswered(3, 'main', '').problem).toBe('it gave no answer')
})
