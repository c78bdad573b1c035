import { expect, test } from 'vitest'
import { isListed } from '../../../evidence/sbom/glob.ts'

test.each([
  ['packages/a', ['packages/*'], true],
  ['packages/a/b', ['packages/*'], false],
  ['packages/a/b', ['packages/**'], true],
  ['packages', ['packages/**'], true],
  ['a', ['./a/'], true],
  ['x/lib-a', ['x/lib-?'], true],
  ['x/lib-ab', ['x/lib-?'], false],
  ['x/libs', ['x/*b*'], true],
  ['packages/old', ['packages/*', '!packages/old'], false],
  ['packages/old', ['!packages/old', 'packages/*'], true],
  ['a/b/c', ['**/c'], true],
  ['anything', [], false],
])('%s in %j: %s', (folder, patterns, listed) => {
  expect(isListed(folder, patterns)).toBe(listed)
})

test('a pattern made to be slow is not', () => {
  const before = performance.now()
  expect(isListed('a'.repeat(214), [`${'*a'.repeat(107)}b`])).toBe(false)
  expect(isListed(Array(40).fill('a').join('/'), [Array(40).fill('**').join('/') + '/b'])).toBe(false)
  expect(performance.now() - before).toBeLessThan(500)
})
