import { expect, test } from 'vitest'
import { Config } from '../../../evidence/model/config.ts'
import { readDocument } from '../../../evidence/config/document.ts'
import { exampleOf, problemsOf } from '../../../evidence/config/issues.ts'

test('an example is one short line where one line can say it', () => {
  expect(exampleOf(['environments', 'staging', 'steps'])).toBe('steps: [ 10, 50, 100 ]')
  expect(exampleOf(['release'])).toBe('release: { base: [ main ], branch: release/v* }')
  expect(exampleOf(['people', 'approvers', 'promote', 'users', 3])).toBe('users: "@octo-cat"')
  expect(exampleOf([])).toContain('version: 1')
})

test('each issue keeps its place, and a value that is nearly right gets the right one told', () => {
  const document = readDocument('version: 1\nrelease: { base: [main] }\nobserve: { log_level: inf0 }\n')
  if (!document.ok) throw new Error('refused')
  const parsed = Config.safeParse(document.value)
  const problems = problemsOf(parsed.error?.issues ?? [], document.value, document.places)
  expect(problems).toEqual([
    {
      line: 3,
      column: 23,
      key: 'observe.log_level',
      message: 'found the text "inf0"',
      expected: 'one of debug, info, warn, error',
      example: 'log_level: info',
      suggestion: 'info',
    },
  ])
})
