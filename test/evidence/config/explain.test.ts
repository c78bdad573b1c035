import { expect, test } from 'vitest'
import { explainKey } from '../../../evidence/config/explain.ts'
import { allPaths } from '../../../evidence/config/tree.ts'

test('a key is told with its meaning, default, example and whether it is built', () => {
  expect(explainKey('environments.prod.guard.errors')).toEqual({
    key: 'environments.prod.guard.errors',
    description: 'Highest share of failed requests: 0.01 is one percent.',
    type: 'number',
    required: false,
    default: 0.01,
    example: 'errors: 0.01',
    built: true,
    keys: [],
  })
  expect(explainKey('release.base')?.required).toBe(true)
  expect(explainKey('vendors')?.built).toBe(false)
  expect(explainKey('trust.keys[0]')?.keys).toEqual(['id', 'public_key'])
  expect(explainKey('nothing.like.it')).toBeUndefined()
})

test('every key has a meaning', () => {
  const silent = allPaths()
    .filter((path) => path.at(-1) !== '*')
    .map((path) => path.join('.'))
    .filter((key) => !explainKey(key)?.description)
  expect(silent).toEqual([])
})
