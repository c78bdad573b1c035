import { expect, test } from 'vitest'
import { BUILT, idleKeys, isBuilt, notBuilt } from '../../../evidence/config/built.ts'
import { nodeAt } from '../../../evidence/config/tree.ts'

test('each listed key exists', () => {
  expect(BUILT.filter((path) => nodeAt(path.split('.')) === undefined)).toEqual([])
})

test('what is not listed does nothing yet, and says so', () => {
  expect(notBuilt()).toEqual(
    expect.arrayContaining(['slos', 'golden_paths', 'flags', 'budgets', 'models', 'people.step_up', 'environments.*.judge', 'release.hotfix']),
  )
  expect(notBuilt()).not.toContain('environments.*.steps')
  expect(isBuilt(['environments', 'prod', 'steps'])).toBe(true)
  expect(isBuilt(['environments', 'prod', 'hooks'])).toBe(false)
  expect(isBuilt(['a-key-of-tomorrow'])).toBe(false)
})

test('keys of a document that nothing acts on are named', () => {
  expect(idleKeys({ version: 1, slos: ['a'], environments: { prod: { steps: [100], judge: { miss: 0.1 } } } })).toEqual([
    'slos',
    'environments.prod.judge',
  ])
  expect(idleKeys(null)).toEqual([])
})
