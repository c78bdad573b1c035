import { expect, test } from 'vitest'
import { readJourneys } from '../../../evidence/probes/journeys.ts'

const ONE = 'version: 1\njourneys: [{ name: look, steps: [{ path: / }] }]\n'

test('what is not said has its default', () => {
  expect(readJourneys(ONE)).toEqual({
    journeys: [{ name: 'look', within: '10s', steps: [{ method: 'GET', path: '/', status: 200, contains: [], within: '2s' }] }],
  })
})

test.each([
  ['', 1, 'empty'],
  ['version: 2\njourneys: []\n', 1, 'version'],
  ['version: 1\njourneys: []\n', 2, 'journeys'],
  [ONE.replace('path: /', 'path: https://evil.example/'), 2, 'a path such as'],
  [ONE.replace('path: /', 'path: //evil.example/'), 2, 'a path such as'],
  [ONE.replace('path: /', 'path: /, body: { a: 1 }'), 2, 'no body for GET'],
  [ONE.replace('look', 'Look at it'), 2, 'a name such as'],
  ['version: 1\njourneys:\n  - { name: a, steps: [{ path: / }] }\n  - { name: a, steps: [{ path: / }] }\n', 3, 'different names'],
  ['version: 1\njourneys: &a []\n', 2, 'anchor'],
])('%j is none', (text, line, words) => {
  expect(readJourneys(text)).toMatchObject({ problem: { line, message: expect.stringContaining(words) } })
})
