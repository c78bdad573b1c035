import * as Cdx from '@cyclonedx/cyclonedx-library'
import { PackageURL } from 'packageurl-js'
import { describe, expect, test } from 'vitest'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { checkCyclonedx } from '../../../evidence/sbom/check-cyclonedx.ts'
import { checkSpdx } from '../../../evidence/sbom/check-spdx.ts'
import { cyclonedxOf } from '../../../evidence/sbom/cyclonedx.ts'
import { SbomError } from '../../../evidence/sbom/error.ts'
import type { Inventory } from '../../../evidence/sbom/inventory.ts'
import { spdxOf } from '../../../evidence/sbom/spdx.ts'
import { hex, inventoryOf, npmLock, place, sri } from './locks.ts'

const AT = { createdAt: '2026-01-02T03:04:05.678Z' }
/** Everything that a lock file can hold. */
const RICH = inventoryOf(
  npmLock(
    {
      license: 'MIT',
      workspaces: ['w/*'],
      dependencies: { a: '1', '@s/b': '1', git: '*' },
      optionalDependencies: { o: '1' },
      devDependencies: { d: '1' },
      peerDependencies: { p: '1' },
    },
    {
      'node_modules/a': place('1.0.0+build.1', {
        license: '(MIT OR Apache-2.0)',
        resolved: 'https://npm.example.com/a/-/a-1.0.0.tgz',
        integrity: `${sri('a', 'sha1')} ${sri('a')}`,
      }),
      'node_modules/@s/b': place('1.0.0', { license: 'SEE LICENSE IN x', dependencies: { a: '1', c: '1' } }),
      'node_modules/@s/b/node_modules/c': { version: '1.0.0', inBundle: true },
      'node_modules/s.b': place('1.0.0', { license: 'GPL-2.0' }),
      'node_modules/git': { version: '1.0.0', resolved: 'git+ssh://git@github.com/o/git.git#0123456789' },
      'node_modules/o': place('1.0.0', { license: { type: 'ISC' } }),
      'node_modules/d': place('1.0.0', { license: 'MIT and ISC' }),
      'node_modules/p': place('1.0.0'),
      'node_modules/w': { resolved: 'w/w', link: true },
      'w/w': { version: '1.0.0', dependencies: { 's.b': '1' } },
    },
  ),
)
const parsed = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes))
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe.each([
  ['spdx', spdxOf, checkSpdx],
  ['cyclonedx', cyclonedxOf, checkCyclonedx],
] as const)('%s', (_, write, check) => {
  test('the same inventory at the same time gives the same bytes, and they are canonical', () => {
    const bytes = write(RICH, AT)
    expect(text(write(structuredClone(RICH), AT))).toBe(text(bytes))
    expect(text(bytes)).toBe(canonicalize(parsed(bytes)))
  })

  test('another moment or other content is another document', () => {
    const names = [RICH, { ...RICH, root: { ...RICH.root, version: '1.0.1' } }].flatMap((inventory: Inventory) =>
      [AT, { createdAt: '2026-01-02T03:04:06.000Z' }].map((at) => parsed(write(inventory, at))),
    )
    expect(new Set(names.map(({ documentNamespace, serialNumber }) => documentNamespace ?? serialNumber)).size).toBe(4)
  })

  test('it passes its own check', () => {
    expect(check(parsed(write(RICH, AT)))).toEqual([])
    expect(check(parsed(write(inventoryOf(npmLock({})), AT)))).toEqual([])
  })

  test('a time that is none is refused', () => {
    expect(() => write(RICH, { createdAt: '2026-02-30T00:00:00Z' })).toThrow(SbomError)
    expect(() => write(RICH, { createdAt: 'yesterday' })).toThrow(expect.objectContaining({ code: 'time' }))
  })
})

test('every purl says to the reference library what the component says', () => {
  expect(RICH.components).toHaveLength(9)
  for (const component of RICH.components) {
    const { type, namespace, name, version } = PackageURL.fromString(component.purl)
    expect([type, namespace ? `${namespace}/${name}` : name, version]).toEqual(['npm', component.name, component.version])
  }
})

describe('SPDX', () => {
  const document = parsed(spdxOf(RICH, AT))
  const named = (name: string) => document.packages.find((each: { name: string }) => each.name === name)

  test('a package names its place, digests, purl and licence', () => {
    expect(named('a')).toEqual({
      SPDXID: expect.stringMatching(/^SPDXRef-Package-a-1\.0\.0-build\.1-[0-9a-f]{12}$/),
      name: 'a',
      versionInfo: '1.0.0+build.1',
      downloadLocation: 'https://npm.example.com/a/-/a-1.0.0.tgz',
      filesAnalyzed: false,
      licenseConcluded: 'NOASSERTION',
      licenseDeclared: '(MIT OR Apache-2.0)',
      copyrightText: 'NOASSERTION',
      checksums: [
        { algorithm: 'SHA1', checksumValue: hex('a', 'sha1') },
        { algorithm: 'SHA512', checksumValue: hex('a') },
      ],
      externalRefs: [
        {
          referenceCategory: 'PACKAGE-MANAGER',
          referenceType: 'purl',
          referenceLocator: 'pkg:npm/a@1.0.0%2Bbuild.1?repository_url=https:%2F%2Fnpm.example.com',
        },
      ],
    })
    expect(named('git').downloadLocation).toBe('git+ssh://git@github.com/o/git.git@0123456789')
    expect(named('c')).not.toHaveProperty('checksums')
  })

  test('what is no licence expression is no licence, and is told', () => {
    expect(named('@s/b')).toMatchObject({ licenseDeclared: 'NOASSERTION', licenseComments: 'The package says: SEE LICENSE IN x' })
    expect(named('d')).toMatchObject({ licenseDeclared: 'NOASSERTION', licenseComments: 'The package says: MIT and ISC' })
    expect(named('o').licenseDeclared).toBe('ISC')
    expect(named('p')).not.toHaveProperty('licenseComments')
  })

  test('ids stay apart where npm’s would meet', () => {
    expect(named('@s/b').SPDXID).not.toBe(named('s.b').SPDXID)
    expect(named('s.b').SPDXID).toMatch(/^SPDXRef-Package-s\.b-1\.0\.0-[0-9a-f]{12}$/)
  })

  test('each kind of edge has its relationship', () => {
    const root = 'SPDXRef-Package-app-1.0.0'
    const to = (name: string) =>
      document.relationships.find(
        (each: { spdxElementId: string; relatedSpdxElement: string }) =>
          each.spdxElementId === named(name).SPDXID && each.relatedSpdxElement === root,
      )?.relationshipType
    expect([to('a'), to('o'), to('d'), to('p'), to('w')]).toEqual([
      'DEPENDENCY_OF',
      'OPTIONAL_DEPENDENCY_OF',
      'DEV_DEPENDENCY_OF',
      'PREREQUISITE_FOR',
      'DEPENDENCY_OF',
    ])
    expect(document.relationships.filter((each: { relationshipType: string }) => each.relationshipType === 'DESCRIBES')).toEqual([
      { spdxElementId: 'SPDXRef-DOCUMENT', relatedSpdxElement: root, relationshipType: 'DESCRIBES' },
    ])
  })

  test('the caller may name the document', () => {
    expect(parsed(spdxOf(RICH, { ...AT, namespace: 'https://example.com/1' })).documentNamespace).toBe('https://example.com/1')
  })
})

describe('CycloneDX', () => {
  const text16 = text(cyclonedxOf(RICH, AT))
  const document = JSON.parse(text16)

  test('the reference library’s strict validator finds nothing', async () => {
    const validator = new Cdx.Validation.JsonStrictValidator(Cdx.Spec.Version.v1dot6)
    expect(await validator.validate(text16)).toBeNull()
    expect(await validator.validate(text16.replace('"type":"library"', '"type":"librarian"'))).not.toBeNull()
  })

  test('a component names its purl, digests, licence, scope and what it depends on', () => {
    const b = document.components.find((each: { name: string; group?: string }) => each.group === '@s' && each.name === 'b')
    expect(b).toMatchObject({
      purl: 'pkg:npm/%40s/b@1.0.0',
      scope: 'required',
      hashes: [{ alg: 'SHA-512', content: hex('1.0.0') }],
      licenses: [{ license: { name: 'SEE LICENSE IN x' } }],
    })
    expect(document.dependencies.find((each: { ref: string }) => each.ref === b['bom-ref']).dependsOn).toHaveLength(2)
    const d = document.components.find((each: { name: string }) => each.name === 'd')
    expect(d).toMatchObject({ scope: 'optional', properties: [{ name: 'cdx:npm:package:development', value: 'true' }] })
  })
})
