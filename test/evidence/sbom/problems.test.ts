import * as fc from 'fast-check'
import { PackageURL } from 'packageurl-js'
import { expect, test } from 'vitest'
import { isMisnamed, parsePurl, Problems } from '../../../evidence/sbom/problems.ts'

/** As the library reads it. */
function slowly(text: string): unknown {
  try {
    const { type, namespace, name, version } = PackageURL.fromString(text)
    if (type === undefined || name === undefined || name === '') return null
    return { type, name: namespace === undefined || namespace === null || namespace === '' ? name : `${namespace}/${name}`, version: version ?? null }
  } catch {
    return null
  }
}

test.each([
  'pkg:npm/a@1.0.0',
  'pkg:npm/%40b/a.c_d-e@1.0.0-rc.1',
  'pkg:npm/a@1.0.0%2Bbuild',
  'pkg:npm/@b/a@1.0.0',
  'pkg:npm/a@1.0.0?vcs_url=x',
  'pkg:npm/A@1',
  'pkg:npm/..@1',
  'pkg:npm/a..@1..',
  'pkg:pypi/a@1',
  'pkg:npm/a',
  'pkg:npm/',
  'npm/a@1',
])('%s is read as the library reads it', (text) => {
  expect(parsePurl(text)).toEqual(slowly(text))
})

test('the short way says what the long way says', () => {
  const word = fc.string({ unit: fc.constantFrom(...'aZ0._-@/%4?#~'.split('')), maxLength: 8 })
  const purl = fc.tuple(fc.constantFrom('', '%40', '@'), word, fc.constantFrom('', '/'), word, fc.constantFrom('@', ''), word)
  fc.assert(
    fc.property(purl, (parts) => {
      const text = `pkg:npm/${parts.join('')}`
      expect(parsePurl(text)).toEqual(slowly(text))
    }),
    { numRuns: 3000 },
  )
})

test('a purl of another package or version than is said', () => {
  const purl = { type: 'npm', name: 'a', version: '1.0.0' }
  expect(isMisnamed(purl, { name: 'a', version: '1.0.0' })).toBe(false)
  expect(isMisnamed(purl, { name: 'a', version: '2.0.0' })).toBe(true)
  expect(isMisnamed({ ...purl, type: 'deb' }, { name: 'b', version: '1' })).toBe(false)
})

test('what does not hold is told, what holds costs no words', () => {
  const problems = new Problems()
  expect(problems.must(true, 'a', () => expect.fail('nobody asks'))).toBe(true)
  expect(problems.must(false, 'a', () => 'b')).toBe(false)
  expect(problems.list).toEqual(['a: b'])
})
