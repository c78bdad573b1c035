import { expect, test } from 'vitest'
import { nearest } from '../../../evidence/config/nearest.ts'

test.each([
  ['relase', 'release'],
  ['Release', 'release'],
  ['golden-paths', 'golden_paths'],
  ['flag', 'flags'],
])('%s was meant to be %s', (word, meant) => {
  expect(nearest(word, ['release', 'flags', 'golden_paths'])).toBe(meant)
})

test('a word like no other has no neighbour', () => {
  expect(nearest('zzzz', ['release', 'flags'])).toBeUndefined()
  expect(nearest('', [])).toBeUndefined()
  expect(nearest('x'.repeat(100_000), ['release'])).toBeUndefined()
})
