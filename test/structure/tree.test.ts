import { expect, test } from 'vitest'
import { closure, codeOf, importsOf, SOURCES, TESTS } from './tree.ts'

test('the tree is really read', () => {
  expect(SOURCES).toContain('evidence/model/verdict.ts')
  expect(SOURCES.length).toBeGreaterThan(50)
  expect(TESTS).toContain('test/structure/tree.test.ts')
})

test('imports are read from every form', () => {
  const of = importsOf('app/cli/commands/serve.ts')
  expect(of).toContainEqual(expect.objectContaining({ to: 'app/index.ts', relative: true, typeOnly: false }))
  expect(of).toContainEqual(expect.objectContaining({ to: 'app/cli/verb.ts', typeOnly: true }))
  expect(closure(['gates/policy-ci.ts'])).toContain('evidence/model/verdict.ts')
})

test('comments and strings are not code', () => {
  expect(codeOf('test/structure/tree.test.ts')).not.toContain('a word of a string')
})
