import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { known } from '../../../agents/security/supply-chain-lead.difference.ts'
import { readReport, type Vulnerability } from '../../../agents/security/supply-chain-lead.reports.ts'
import { holds, isSame, spelling } from '../../../agents/security/supply-chain-lead.same.ts'
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

test('Composer in large letters and small ones; of no other kind', () => {
  const php = inventoryOf('composer.lock', '{"packages":[{"name":"Monolog/Monolog","version":"3.8.1"}]}')
  expect(['monolog/monolog', 'Monolog/Monolog', 'monolog/other'].map((name) => holds(php, { name, version: '3.8.1' }))).toEqual([true, true, false])
  expect(holds(GO, { name: 'A.b/d', version: '1.0.0' })).toBe(false)
})

/** test/fixtures/grype/report.json says how it was made. */
const { files }: { readonly files: Readonly<Record<string, { readonly lock: string; readonly report: object }>> } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/grype/report.json'), 'utf8'),
)

function recorded(path: string) {
  const of = files[path]
  if (of === undefined) throw new Error(`nothing was recorded of ${path}`)
  const read = readReport(JSON.stringify(of.report))
  if ('unreadable' in read) throw new Error(read.unreadable)
  return { inventory: inventoryOf(path, of.lock), told: read.vulnerabilities }
}

const named = (told: readonly Vulnerability[]) => told.map(({ name, version }) => `${name}@${version}`)

test.each(Object.keys(files))('whatever grype calls the packages of %s, they are known, and have one spelling that is known too', (path) => {
  const { inventory, told } = recorded(path)
  const spelled = told.map(spelling([inventory]))
  expect(told.length).toBeGreaterThan(0)
  expect([...told, ...spelled].filter((one) => !holds(inventory, one))).toEqual([])
  expect(spelled.map(spelling([inventory]))).toEqual(spelled)
})

test('a gem of two platforms, and a package that two scanners spell in two ways, are one vulnerability', () => {
  const gems = recorded('Gemfile.lock')
  expect(named(gems.told)).toContain('nokogiri@1.18.3-x86_64-linux-gnu')
  expect(named(gems.told.map(spelling([gems.inventory])))).toEqual(['bigdecimal@3.1.9', 'bigdecimal@3.1.9', 'nokogiri@1.18.3', 'nokogiri@1.18.3'])
  expect([known(gems.told).length, known(gems.told.map(spelling([gems.inventory]))).length]).toEqual([4, 2])
  const both = ['PyYAML', 'pyyaml'].map((name): Vulnerability => ({ ids: ['CVE-1'], name, version: '6.0.1', severity: 'high' }))
  expect(known(both.map(spelling([recorded('requirements.txt').inventory])))).toMatchObject([{ name: 'pyyaml' }])
  const go = ['v1.0.0', '1.0.0', '2.0.0'].map((version) => spelling([GO])({ name: 'a.b/d', version }).version)
  expect(go).toEqual(['v1.0.0', 'v1.0.0', '2.0.0'])
})
