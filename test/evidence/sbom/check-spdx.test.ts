import { describe, expect, test } from 'vitest'
import { checkSpdx } from '../../../evidence/sbom/check-spdx.ts'
import { spdxOf } from '../../../evidence/sbom/spdx.ts'
import { inventoryOf, npmLock, place } from './locks.ts'

// A mutant may reach anywhere into a document of any shape, wrong ones included.
// oxlint-disable-next-line typescript/no-explicit-any
type Document = any

const BYTES = spdxOf(inventoryOf(npmLock({ license: 'MIT', dependencies: { a: '1' } }, { 'node_modules/a': place('1.0.0', { license: 'ISC' }) })), {
  createdAt: '2026-01-02T03:04:05Z',
})
const healthy = (): Document => JSON.parse(new TextDecoder().decode(BYTES))

/** Codes found after one change. */
function found(change: (document: Document) => void): readonly string[] {
  const document = healthy()
  change(document)
  return [...new Set(checkSpdx(document).map((problem) => problem.split(':')[0] ?? ''))]
}

test('the healthy twin passes', () => {
  expect(checkSpdx(healthy())).toEqual([])
})

describe('each mutant is refused by name, and for nothing else', () => {
  test.each<[string, string, (document: Document) => void]>([
    ['version', 'another version', (d) => (d.spdxVersion = 'SPDX-9')],
    ['version', 'no version', (d) => delete d.spdxVersion],
    ['data-license', 'another licence of the data', (d) => (d.dataLicense = 'MIT')],
    ['name', 'no name', (d) => (d.name = '')],
    ['namespace', 'a namespace with a fragment', (d) => (d.documentNamespace += '#x')],
    ['namespace', 'a relative namespace', (d) => (d.documentNamespace = 'x')],
    ['created', 'a word for a time', (d) => (d.creationInfo.created = 'yesterday')],
    ['created', 'the 30th of February', (d) => (d.creationInfo.created = '2026-02-30T00:00:00Z')],
    ['created', 'a local time', (d) => (d.creationInfo.created = '2026-01-02T03:04:05+01:00')],
    ['creators', 'no creator', (d) => (d.creationInfo.creators = [])],
    ['creators', 'a creator of no kind', (d) => (d.creationInfo.creators = ['me'])],
    ['duplicate-id', 'two packages of one id', (d) => d.packages.push({ ...d.packages[1] })],
    ['duplicate-id', 'a file with the id of a package', (d) => (d.files = [{ SPDXID: d.packages[1].SPDXID }])],
    ['id', 'an underscore in an id', (d) => d.packages.push({ ...d.packages[1], SPDXID: 'SPDXRef-a_b' })],
    ['dangling', 'a relationship to nothing', (d) => (d.relationships[1].spdxElementId = 'SPDXRef-gone')],
    ['dangling', 'a relationship of nothing', (d) => (d.relationships[1].relatedSpdxElement = 'SPDXRef-gone')],
    ['dangling', 'a document that is not referred to', (d) => (d.relationships[1].relatedSpdxElement = 'DocumentRef-x:SPDXRef-y')],
    ['relationship', 'an unknown relationship', (d) => (d.relationships[1].relationshipType = 'LIKES')],
    ['describes', 'nothing is described', (d) => d.relationships.shift()],
    ['describes', 'two things are described', (d) => d.relationships.push({ ...d.relationships[0], relatedSpdxElement: d.packages[1].SPDXID })],
    ['describes', 'the second in the old form', (d) => (d.documentDescribes = [d.packages[1].SPDXID])],
    ['describes', 'the document describes itself', (d) => (d.relationships[0].relatedSpdxElement = 'SPDXRef-DOCUMENT')],
    ['checksum', 'a digest that is too short', (d) => (d.packages[1].checksums[0].checksumValue = 'ab')],
    ['checksum', 'a digest of another algorithm', (d) => (d.packages[1].checksums[0].algorithm = 'SHA256')],
    ['checksum', 'an unknown algorithm', (d) => (d.packages[1].checksums[0].algorithm = 'CRC')],
    ['checksum', 'two digests of one algorithm', (d) => d.packages[1].checksums.push(d.packages[1].checksums[0])],
    ['licence', 'no expression', (d) => (d.packages[1].licenseDeclared = 'Foo')],
    ['licence', 'half an expression', (d) => (d.packages[1].licenseConcluded = 'MIT OR')],
    ['licence', 'operators in small letters', (d) => (d.packages[1].licenseDeclared = 'MIT or ISC')],
    ['licence', 'a text that is nowhere', (d) => (d.packages[1].licenseDeclared = 'LicenseRef-mine')],
    ['purl', 'no purl', (d) => (d.packages[1].externalRefs[0].referenceLocator = 'npm:a')],
    ['purl-mismatch', 'the purl of another version', (d) => (d.packages[1].externalRefs[0].referenceLocator = 'pkg:npm/a@2.0.0')],
    ['purl-mismatch', 'the purl of another package', (d) => (d.packages[1].externalRefs[0].referenceLocator = 'pkg:npm/b@1.0.0')],
    ['download-location', 'no place', (d) => (d.packages[1].downloadLocation = 'somewhere')],
    ['download-location', 'a place left out', (d) => delete d.packages[1].downloadLocation],
  ])('%s: %s', (code, _, change) => {
    expect(found(change)).toEqual([code])
  })

  test('a document without packages is hollow', () => {
    expect(found((d) => (d.packages = []))).toEqual(['hollow', 'dangling', 'describes'])
  })
})

test('what is right in another way passes', () => {
  const document = healthy()
  document.hasExtractedLicensingInfos = [{ licenseId: 'LicenseRef-mine', extractedText: 'x' }]
  document.packages[1].licenseDeclared = 'LicenseRef-mine OR GPL-2.0-only WITH Classpath-exception-2.0'
  document.packages[0].licenseConcluded = 'NONE'
  document.creationInfo.created = '2024-02-29T23:59:59.123Z'
  document.externalDocumentRefs = [{ externalDocumentId: 'DocumentRef-x' }]
  document.relationships.push({
    spdxElementId: document.packages[1].SPDXID,
    relatedSpdxElement: 'DocumentRef-x:SPDXRef-y',
    relationshipType: 'CONTAINS',
  })
  document.relationships.push({ spdxElementId: document.packages[1].SPDXID, relatedSpdxElement: 'NONE', relationshipType: 'DEPENDS_ON' })
  expect(checkSpdx(document)).toEqual([])
})

test.each([null, [], 'x', 3, {}, { packages: 'x' }, { packages: [null, 3], relationships: [[]], creationInfo: [] }])(
  '%j is refused without a crash',
  (value) => {
    expect(checkSpdx(value).length).toBeGreaterThan(0)
  },
)

test('problems are bounded', () => {
  const document = healthy()
  document.packages = Array.from({ length: 5000 }, () => ({}))
  expect(checkSpdx(document)).toHaveLength(100)
})
