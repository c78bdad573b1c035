import { describe, expect, test } from 'vitest'
import { checkCyclonedx } from '../../../../evidence/sbom/check-cyclonedx.ts'
import { checkSpdx } from '../../../../evidence/sbom/check-spdx.ts'
import { cyclonedxOf } from '../../../../evidence/sbom/cyclonedx.ts'
import { layoutOfArchive } from '../../../../evidence/sbom/image/archive.ts'
import { spdxOf } from '../../../../evidence/sbom/spdx.ts'
import { edgesOf, encode, remarksOf } from '../locks.ts'
import { ALPINE, DEBIAN, digest, imageRefusal, indexOf, INSTALLED, inventoriesOf, layoutOf, STATUS, tar } from './images.ts'
import type { Member } from './images.ts'

const DEB: readonly Member[] = [
  { path: './etc/os-release', content: DEBIAN },
  { path: 'var/lib/dpkg/status', content: STATUS },
]
const NPM: readonly Member[] = [
  {
    path: 'app/node_modules/a/package.json',
    content: JSON.stringify({ name: 'a', version: '1.0.0', license: 'MIT', dependencies: { b: '1' }, devDependencies: { gone: '1' } }),
  },
  { path: 'app/node_modules/@s/b/package.json', content: JSON.stringify({ name: '@s/b', version: '2.0.0' }) },
  { path: 'app/node_modules/a/node_modules/b/package.json', content: JSON.stringify({ name: 'b', version: '1.5.0' }) },
  { path: 'app/node_modules/broken/package.json', content: '{' },
  { path: 'app/package.json', content: '{"name":"app","version":"1.0.0"}' },
  { path: 'app/node_modules/a/lib/package.json', content: '{"type":"module"}' },
]
const one = async (layers: readonly (readonly Member[] | Uint8Array)[]) => (await inventoriesOf(layoutOf([{ layers }])))[0] ?? expect.unreachable()
const purls = (inventory: { readonly components: readonly { readonly purl: string }[] }) => inventory.components.map(({ purl }) => purl)

describe('what is installed', () => {
  test('Debian: name, version with epoch, architecture, release and source', async () => {
    const inventory = await one([DEB])
    expect(purls(inventory)).toEqual([
      'pkg:deb/debian/curl@1:7.88.1-10?arch=amd64&distro=debian-12',
      'pkg:deb/debian/libc6@2.36-9%2Bdeb12u9?arch=amd64&distro=debian-12&upstream=glibc',
      'pkg:deb/debian/libcurl-gnutls@7.88.1-10?arch=amd64&distro=debian-12',
    ])
    expect(edgesOf(inventory).filter((edge) => !edge.includes('-contains->'))).toEqual([
      'curl@1:7.88.1-10 -required-> libc6@2.36-9+deb12u9',
      'curl@1:7.88.1-10 -required-> libcurl-gnutls@7.88.1-10',
    ])
  })

  test('an image without a package manager has one file for each package', async () => {
    const inventory = await one([
      [
        { path: 'usr/lib/os-release', content: DEBIAN },
        { path: 'var/lib/dpkg/status.d/base', content: 'Package: base-files\nVersion: 12.4\nArchitecture: amd64\n' },
        { path: 'var/lib/dpkg/status.d/base.md5sums', content: 'x' },
      ],
    ])
    expect(purls(inventory)).toEqual(['pkg:deb/debian/base-files@12.4?arch=amd64&distro=debian-12'])
  })

  test('Alpine: licences, and libraries by what provides them', async () => {
    const inventory = await one([
      [
        { path: 'etc/os-release', content: ALPINE },
        { path: 'lib/apk/db/installed', content: INSTALLED },
      ],
    ])
    expect(purls(inventory)).toEqual([
      'pkg:apk/alpine/busybox-binsh@1.36.1-r15?arch=x86_64&distro=alpine-3.19.1&upstream=busybox',
      'pkg:apk/alpine/musl@1.2.4_git20230717-r4?arch=x86_64&distro=alpine-3.19.1',
    ])
    expect(inventory.components.map(({ licence }) => licence)).toEqual(['GPL-2.0-only', 'MIT'])
    expect(edgesOf(inventory)).toContain('busybox-binsh@1.36.1-r15 -required-> musl@1.2.4_git20230717-r4')
  })

  test('npm packages in node_modules, resolved as Node does; what cannot be read is told', async () => {
    const inventory = await one([DEB, NPM])
    expect(purls(inventory).filter((purl) => purl.startsWith('pkg:npm'))).toEqual(['pkg:npm/%40s/b@2.0.0', 'pkg:npm/a@1.0.0', 'pkg:npm/b@1.5.0'])
    expect(edgesOf(inventory)).toContain('a@1.0.0 -required-> b@1.5.0')
    expect(remarksOf(inventory)).toEqual(['unread app/node_modules/broken/package.json'])
  })

  test('the image is named by its reference and pinned by its digest', async () => {
    const files = layoutOf([{ layers: [DEB] }])
    const [inventory] = await inventoriesOf(files)
    const manifest = JSON.parse(new TextDecoder().decode(files.get('index.json'))).manifests[0].digest
    expect(inventory?.root).toMatchObject({
      name: 'shop',
      version: manifest,
      purl: `pkg:oci/shop@${manifest}?arch=amd64`,
      hashes: [{ alg: 'SHA-256', hex: manifest.slice(7) }],
    })
    expect(inventory?.source).toEqual({ kind: 'oci', path: 'image', sha256: manifest.slice(7) })
  })

  test('both documents hold', async () => {
    const inventory = await one([DEB, NPM])
    const at = { createdAt: '2026-01-02T03:04:05Z' }
    const spdx = JSON.parse(new TextDecoder().decode(spdxOf(inventory, at)))
    expect([...checkSpdx(spdx), ...checkCyclonedx(JSON.parse(new TextDecoder().decode(cyclonedxOf(inventory, at))))]).toEqual([])
    expect(spdx.relationships.filter(({ relationshipType }: { relationshipType: string }) => relationshipType === 'CONTAINS')).toHaveLength(6)
  })

  test('an image in which nothing can be read says so', async () => {
    expect(remarksOf(await one([[{ path: 'bin/app', content: 'x' }]]))).toEqual(['unread no package database was found'])
    expect(remarksOf(await one([[{ path: 'var/lib/rpm/rpmdb.sqlite', content: 'x' }]]))).toEqual([
      'unread no package database was found',
      'unread var/lib/rpm/rpmdb.sqlite',
    ])
    expect(remarksOf(await one([[{ path: 'var/lib/dpkg/status', content: STATUS }]]))).toEqual(['unread os-release'])
  })
})

describe('platforms', () => {
  const files = layoutOf([{ layers: [DEB] }, { layers: [DEB], architecture: 'arm64' }])
  test('each one, or the one that is named', async () => {
    expect(await inventoriesOf(files)).toHaveLength(2)
    expect((await inventoriesOf(files, { platform: 'linux/arm64' })).map(({ root }) => root.purl)).toEqual([expect.stringContaining('arch=arm64')])
    expect(await imageRefusal(files, { platform: 'linux/s390x' })).toBe('image-platform')
  })

  test('an index inside the index, and attestations beside the images', async () => {
    const inner = files.get('index.json') ?? new Uint8Array()
    const nested = new Map(files).set(`blobs/sha256/${digest(inner).slice(7)}`, inner)
    const attestation = {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: `sha256:${'0'.repeat(64)}`,
      size: 1,
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    }
    nested.set(
      'index.json',
      encode({ manifests: [{ mediaType: 'application/vnd.oci.image.index.v1+json', digest: digest(inner), size: inner.length }, attestation] }),
    )
    expect(await inventoriesOf(nested)).toHaveLength(2)
  })

  test('an index that holds itself is not followed for ever', async () => {
    const deep = new Map(files)
    let bytes = files.get('index.json') ?? new Uint8Array()
    for (let depth = 0; depth < 5; depth += 1) {
      deep.set(`blobs/sha256/${digest(bytes).slice(7)}`, bytes)
      bytes = encode({ manifests: [{ mediaType: 'application/vnd.oci.image.index.v1+json', digest: digest(bytes), size: bytes.length }] })
    }
    expect(await imageRefusal(deep.set('index.json', bytes))).toBe('limit')
  })
})

test('a layout in one tar is read the same', async () => {
  const files = layoutOf([{ layers: [DEB, NPM] }])
  const archive = tar([...files].map(([path, content]) => ({ path, content })))
  expect(await inventoriesOf(files, { layout: layoutOfArchive(archive) })).toEqual(await inventoriesOf(files))
})

describe('what it refuses', () => {
  test.each<[string, string, (files: Map<string, Uint8Array>) => void]>([
    ['image-structure', 'no marker', (files) => files.delete('oci-layout')],
    ['image-structure', 'no index', (files) => files.delete('index.json')],
    ['unsupported', 'another version of the layout', (files) => files.set('oci-layout', encode({ imageLayoutVersion: '2.0.0' }))],
    ['malformed', 'an index that is no JSON', (files) => files.set('index.json', encode('{'))],
    ['image-structure', 'an index without manifests', (files) => files.set('index.json', encode({}))],
    ['image-platform', 'an index of nothing', (files) => files.set('index.json', encode({ manifests: [] }))],
    ['image-structure', 'a blob that is not there', (files) => files.delete(`blobs/sha256/${indexOf(files).manifests[0].digest.slice(7)}`)],
    ['image-digest', 'a blob of other bytes', (files) => files.set(`blobs/sha256/${indexOf(files).manifests[0].digest.slice(7)}`, encode('{}'))],
    [
      'image-digest',
      'a descriptor of another size',
      (files) => files.set('index.json', encode({ manifests: [{ ...indexOf(files).manifests[0], size: 1 }] })),
    ],
    [
      'unsupported',
      'a digest of another algorithm',
      (files) => files.set('index.json', encode({ manifests: [{ ...indexOf(files).manifests[0], digest: 'md5:0' }] })),
    ],
    [
      'unsupported',
      'a digest that is a path',
      (files) => files.set('index.json', encode({ manifests: [{ ...indexOf(files).manifests[0], digest: 'sha256:../../x' }] })),
    ],
  ])('%s: %s', async (code, _, change) => {
    const files = layoutOf([{ layers: [DEB] }])
    change(files)
    expect(await imageRefusal(files)).toBe(code)
  })
})
