import { describe, expect, test } from 'vitest'
import { checkCyclonedx } from '../../../evidence/sbom/check-cyclonedx.ts'
import { cyclonedxOf } from '../../../evidence/sbom/cyclonedx.ts'
import { inventoryOf, npmLock, place } from './locks.ts'

// A mutant may reach anywhere into a document of any shape, wrong ones included.
// oxlint-disable-next-line typescript/no-explicit-any
type Document = any

const LOCK = npmLock(
  { license: 'MIT', dependencies: { a: '1' } },
  { 'node_modules/a': place('1.0.0', { license: 'ISC', dependencies: { b: '1' } }), 'node_modules/b': place('1.0.0') },
)
const BYTES = cyclonedxOf(inventoryOf(LOCK), { createdAt: '2026-01-02T03:04:05Z' })
const healthy = (): Document => JSON.parse(new TextDecoder().decode(BYTES))

function found(change: (document: Document) => void): readonly string[] {
  const document = healthy()
  change(document)
  return [...new Set(checkCyclonedx(document).map((problem) => problem.split(':')[0] ?? ''))]
}

test('the healthy twin passes', () => {
  expect(checkCyclonedx(healthy())).toEqual([])
})

describe('each mutant is refused by name, and for nothing else', () => {
  test.each<[string, string, (document: Document) => void]>([
    ['format', 'another format', (d) => (d.bomFormat = 'SPDX')],
    ['version', 'another version of the format', (d) => (d.specVersion = '9.0')],
    ['version', 'a version of the document below 1', (d) => (d.version = 0)],
    ['serial-number', 'no uuid', (d) => (d.serialNumber = 'urn:uuid:1')],
    ['timestamp', 'a word for a time', (d) => (d.metadata.timestamp = 'yesterday')],
    ['timestamp', 'no time', (d) => delete d.metadata.timestamp],
    ['duplicate-ref', 'two components of one ref', (d) => d.components.push({ ...d.components[0] })],
    ['duplicate-ref', 'a component with the ref of the project', (d) => d.components.push({ name: 'x', 'bom-ref': d.metadata.component['bom-ref'] })],
    ['duplicate-ref', 'a ref that is used again inside', (d) => (d.components[0].components = [{ ...d.components[1] }])],
    ['duplicate-ref', 'two lists of dependencies', (d) => d.dependencies.push(d.dependencies[0])],
    ['ref', 'an empty ref', (d) => d.components.push({ name: 'x', 'bom-ref': '' })],
    ['dangling', 'a list for nothing', (d) => d.dependencies.push({ ref: 'gone' })],
    ['dangling', 'a dependency on nothing', (d) => d.dependencies[1].dependsOn.push('gone')],
    ['dependencies', 'one dependency twice', (d) => d.dependencies[1].dependsOn.push(d.dependencies[1].dependsOn[0])],
    ['hash', 'a digest that is too short', (d) => (d.components[0].hashes[0].content = 'ab')],
    ['hash', 'a digest of another algorithm', (d) => (d.components[0].hashes[0].alg = 'SHA-256')],
    ['licence', 'an unknown licence', (d) => (d.components[0].licenses = [{ license: { id: 'Foo' } }])],
    ['licence', 'half an expression', (d) => (d.components[0].licenses = [{ expression: 'MIT OR' }])],
    ['licence', 'a licence without a name', (d) => (d.components[0].licenses = [{ license: {} }])],
    ['purl', 'no purl', (d) => (d.components[0].purl = 'a')],
    ['purl-mismatch', 'the purl of another version', (d) => (d.components[0].purl = 'pkg:npm/a@2.0.0')],
    ['scope', 'an unknown scope', (d) => (d.components[0].scope = 'maybe')],
    ['name', 'no name', (d) => d.components.push({ 'bom-ref': 'x' })],
  ])('%s: %s', (code, _, change) => {
    expect(found(change)).toEqual([code])
  })

  test('without what it is of, and without components', () => {
    expect(found((d) => delete d.metadata.component)).toEqual(['describes', 'dangling'])
    expect(found((d) => (d.components = []))).toEqual(['hollow', 'dangling'])
  })
})

test('a licence by name, a time with an offset and an older version pass', () => {
  const document = healthy()
  document.specVersion = '1.5'
  document.metadata.timestamp = '2026-01-02T03:04:05+00:00'
  document.components[0].licenses = [{ license: { name: 'ours' } }]
  expect(checkCyclonedx(document)).toEqual([])
})

test.each([null, [], 'x', {}, { components: [null], dependencies: [3], metadata: [] }])('%j is refused without a crash', (value) => {
  expect(checkCyclonedx(value).length).toBeGreaterThan(0)
})

test('components inside components without end are refused', () => {
  let inner: Document = { name: 'x' }
  for (let depth = 0; depth < 5000; depth += 1) inner = { name: 'x', components: [inner] }
  expect(found((d) => (d.components[0].components = [inner]))).toEqual(['depth'])
})
