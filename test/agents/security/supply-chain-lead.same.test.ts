import { expect, test } from 'vitest'
import { holds, isSame } from '../../../agents/security/supply-chain-lead.same.ts'
import { readLockFile } from '../../../evidence/sbom/lock.ts'
import { SbomError } from '../../../evidence/sbom/error.ts'

function inventoryOf(path: string, text: string, manifest = '') {
  const read = readLockFile({ path, bytes: Buffer.from(text), manifest: Buffer.from(manifest) })
  if (read instanceof SbomError) throw read
  return read
}
const GO = inventoryOf('go.mod', 'module a.b/c\ngo 1.22\nrequire a.b/d v1.0.0\n')
const PYTHON = inventoryOf('requirements.txt', 'Zope.Interface==6.0\n')

test('Go with and without the v, and its own library', () => {
  const told = [
    { name: 'a.b/d', version: '1.0.0' },
    { name: 'a.b/d', version: 'v1.0.0' },
    { name: 'stdlib', version: '1.22.1' },
    { name: 'a.b/d', version: '1.0.1' },
    { name: 'a.b/e', version: null },
  ]
  expect(told.map((one) => holds(GO, one))).toEqual([true, true, true, false, false])
  expect(holds(PYTHON, { name: 'stdlib', version: '1' })).toBe(false)
})

test('a gem of a platform, and a package of Composer without the v', () => {
  const gems = inventoryOf('Gemfile.lock', 'GEM\n  remote: https://rubygems.org/\n  specs:\n    a (1.0-java)\n')
  expect(['1.0', '1.0-java', '1.0.1'].map((version) => holds(gems, { name: 'a', version }))).toEqual([true, true, false])
  const php = inventoryOf('composer.lock', '{"packages":[{"name":"a/b","version":"v1.0.0"}]}')
  expect(['v1.0.0', '1.0.0', '2.0.0'].map((version) => holds(php, { name: 'a/b', version }))).toEqual([true, true, false])
})

test('Python in any spelling', () => {
  const [part] = PYTHON.components
  if (part === undefined) throw new Error('no part')
  expect(['zope-interface', 'zope_interface', 'zope'].map((name) => isSame(part, { name, version: '6.0' }))).toEqual([true, true, false])
  expect(isSame(part, { name: 'Zope.Interface', version: 'v6.0' })).toBe(false)
})
