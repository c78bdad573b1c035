import * as fc from 'fast-check'
import satisfies from 'semver/functions/satisfies.js'
import validRange from 'semver/ranges/valid.js'
import { expect, test } from 'vitest'
import { isWithin } from '../../../evidence/sbom/range.ts'

const OPTIONS = { loose: true, includePrerelease: true } as const

/** As semver says it. */
function slowly(version: string, range: string): boolean {
  return validRange(range, OPTIONS) === null || satisfies(version, range, OPTIONS)
}

test('the short way says what semver says', () => {
  const number = fc.constantFrom(0, 1, 2, 3, 10)
  const plain = fc.tuple(number, number, number).map((parts) => parts.join('.'))
  const version = fc.tuple(plain, fc.constantFrom('', '', '-rc.1', '+build')).map((parts) => parts.join(''))
  const range = fc
    .tuple(fc.constantFrom('^', '~', '', '>=', '=', 'v'), version, fc.constantFrom('', '', ' || ^1.0.0', ' x'))
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(version, range, (found, wanted) => {
      expect(isWithin(found, wanted, new Map())).toBe(slowly(found, wanted))
    }),
    { numRuns: 5000 },
  )
})

test.each([
  ['1.2.3', 'latest'],
  ['1.2.3', 'https://example.com/a.tgz'],
  ['1.2.3', '*'],
  ['1.2.3', ''],
  ['1.2', '^1.2.0'],
  ['01.2.3', '^1.2.3'],
  ['1.2.3', '^01.2.3'],
  ['99999999999999999999.0.0', '^1.0.0'],
])('%s in %j', (version, range) => {
  const ranges = new Map()
  expect(isWithin(version, range, ranges)).toBe(slowly(version, range))
  expect(isWithin(version, range, ranges)).toBe(slowly(version, range))
})
