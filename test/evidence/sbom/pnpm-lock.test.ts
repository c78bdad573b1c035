import { describe, expect, test } from 'vitest'
import { disagreements } from '../../../evidence/sbom/disagreements.ts'
import { edgesOf, encode, hex, inventoryOf, refusal, remarksOf, scopesOf, sri } from './locks.ts'

const MANIFEST = {
  name: 'app',
  version: '1.0.0',
  license: 'MIT',
  dependencies: { a: '^1.0.0', short: 'npm:@s/long@^2' },
  devDependencies: { d: '1' },
  optionalDependencies: { o: '*' },
}
const LOCK = `lockfileVersion: '9.0'

settings:
  autoInstallPeers: true

importers:

  .:
    dependencies:
      a:
        specifier: ^1.0.0
        version: 1.2.0(p@3.0.0)
      short:
        specifier: npm:@s/long@^2
        version: '@s/long@2.0.0'
    devDependencies:
      d:
        specifier: '1'
        version: 1.0.0
    optionalDependencies:
      o:
        specifier: '*'
        version: https://codeload.github.com/x/o/tar.gz/0123

  packages/one:
    dependencies:
      two:
        specifier: workspace:*
        version: link:../two

  packages/two: {}

packages:

  '@s/long@2.0.0':
    resolution: {integrity: ${sri('long')}}

  a@1.2.0:
    resolution: {integrity: ${sri('a')}, tarball: https://npm.example.com/a/-/a-1.2.0.tgz}
    peerDependencies:
      p: '*'
      q: '*'
    peerDependenciesMeta:
      q:
        optional: true

  d@1.0.0:
    resolution: {integrity: ${sri('d')}}
    deprecated: |-
      *Do not* use [this].

      Not at all.

  g@https://git.example.com/x/g.git#0123:
    resolution: {commit: 0123e45, repo: git@git.example.com:x/g.git, type: git}
    version: 0.1.0

  o@https://codeload.github.com/x/o/tar.gz/0123:
    resolution: {tarball: https://codeload.github.com/x/o/tar.gz/0123}
    version: 0.0.9

  p@3.0.0:
    resolution: {integrity: ${sri('p')}}

snapshots:

  '@s/long@2.0.0': {}

  a@1.2.0(p@3.0.0):
    dependencies:
      p: 3.0.0
    optionalDependencies:
      g: https://git.example.com/x/g.git#0123

  d@1.0.0: {}

  g@https://git.example.com/x/g.git#0123: {}

  o@https://codeload.github.com/x/o/tar.gz/0123:
    optional: true

  p@3.0.0: {}
`
const read = (lock = LOCK, manifest: unknown = MANIFEST) => inventoryOf(encode(lock), 'pnpm-lock.yaml', manifest)

describe('version 9', () => {
  test('packages, peers, aliases, folders and what each asks for', () => {
    const inventory = read()
    expect(inventory.root).toMatchObject({ name: 'app', version: '1.0.0', licence: 'MIT' })
    expect(edgesOf(inventory)).toEqual([
      'a@1.2.0 -optional-> g@0.1.0',
      'a@1.2.0 -peer-> p@3.0.0',
      'app@1.0.0 -dev-> d@1.0.0',
      'app@1.0.0 -optional-> o@0.0.9',
      'app@1.0.0 -required-> @s/long@2.0.0',
      'app@1.0.0 -required-> a@1.2.0',
      'app@1.0.0 -required-> packages/one@',
      'app@1.0.0 -required-> two@',
      'packages/one@ -required-> two@',
    ])
    expect(scopesOf(inventory)).toMatchObject({ 'g@0.1.0': 'optional', 'p@3.0.0': 'required', 'd@1.0.0': 'dev', 'two@': 'required' })
    expect(inventory.unresolved).toEqual([])
  })

  test('digests, origins and what has none', () => {
    const inventory = read()
    const named = (name: string) => inventory.components.find((each) => each.name === name)
    expect(named('a')).toMatchObject({
      hashes: [{ alg: 'SHA-512', hex: hex('a') }],
      purl: 'pkg:npm/a@1.2.0?repository_url=https:%2F%2Fnpm.example.com',
    })
    expect(named('g')).toMatchObject({ hashes: [], origin: 'git+ssh://git@git.example.com/x/g.git#0123e45' })
    expect(named('o')?.purl).toBe('pkg:npm/o@0.0.9?download_url=https:%2F%2Fcodeload.github.com%2Fx%2Fo%2Ftar.gz%2F0123')
    expect(named('packages/one')).toMatchObject({ local: true, purl: 'pkg:generic/packages/one' })
    expect(remarksOf(inventory)).toEqual([`no-integrity ${named('g')?.ref}`, `no-integrity ${named('o')?.ref}`])
  })

  test('it agrees with its package.json, and tells where it does not', () => {
    expect(disagreements(read(), encode(MANIFEST))).toEqual([])
    expect(disagreements(read(), encode({ ...MANIFEST, dependencies: { ...MANIFEST.dependencies, a: '^2' } }))).toEqual([
      'package.json asks for a@^2; the lock file was made for ^1.0.0',
    ])
  })

  test('without package.json the project has no name, and the rest is the same', () => {
    const inventory = inventoryOf(encode(LOCK), 'pnpm-lock.yaml')
    expect(inventory.root).toMatchObject({ name: 'unnamed', version: '' })
    expect(inventory.components).toEqual(read().components)
  })

  test('the document that pins pnpm itself is not of the project', () => {
    const inventory = read(`---\nlockfileVersion: '9.0'\nimporters:\n  .:\n    configDependencies: {}\n---\n${LOCK}`)
    expect(inventory.components).toEqual(read().components)
    expect(remarksOf(inventory)).toContain('unread the first document')
  })

  test('what is asked for and not there', () => {
    expect(read(LOCK.replace("\n  '@s/long@2.0.0': {}\n", '')).unresolved).toEqual([
      { from: 'pkg:npm/app@1.0.0', name: 'short', range: 'npm:@s/long@^2' },
    ])
  })
})

test('version 6, of one project and without importers', () => {
  const lock = `lockfileVersion: '6.0'
dependencies:
  a:
    specifier: ^1.0.0
    version: 1.2.0(p@3.0.0)
packages:
  /a@1.2.0(p@3.0.0):
    resolution: {integrity: ${sri('a')}}
    peerDependencies:
      p: '*'
    dependencies:
      p: 3.0.0
    dev: false
  /p@3.0.0:
    resolution: {integrity: ${sri('p')}}
    dev: false
  github.com/x/g/0123:
    resolution: {tarball: https://codeload.github.com/x/g/tar.gz/0123}
    name: g
    version: 0.1.0
`
  const inventory = read(lock, { name: 'app', version: '1.0.0' })
  expect(edgesOf(inventory)).toEqual(['a@1.2.0 -peer-> p@3.0.0', 'app@1.0.0 -optional-> g@0.1.0', 'app@1.0.0 -required-> a@1.2.0'])
  expect(inventory.remarks.map(({ code }) => code)).toEqual(['extraneous', 'no-integrity'])
})

describe('what it refuses', () => {
  test.each([
    ['unsupported', 'lockfileVersion: 5.4\n'],
    ['unsupported', "lockfileVersion: '10.0'\n"],
    ['unsupported', 'importers: {}\n'],
    ['malformed', LOCK.replace('a@1.2.0:', 'a@1.2.0: &x')],
    ['malformed', LOCK.replace('  p@3.0.0: {}', '  p@3.0.0: *x')],
    ['malformed', LOCK.replace('  p@3.0.0: {}', '  p@3.0.0: !!map {}')],
    ['malformed', `${LOCK}snapshots: {}\n`],
    ['malformed', LOCK.replace('snapshots:', 'snapshots: x')],
    ['malformed', LOCK.replace('  d@1.0.0: {}', '  <<<<<<< HEAD\n  d@1.0.0: {}')],
    ['malformed', LOCK.replaceAll('p@3.0.0', '__proto__')],
    ['malformed', `${LOCK}---\n---\n---\n`],
    ['malformed', '[]\n'.repeat(1000)],
    ['malformed', `a:\n${' '.repeat(70)}b: c\n`],
    ['malformed', `a: ${'['.repeat(200)}\n`],
    ['integrity', LOCK.replace(sri('p'), 'sha512-x')],
    ['too-large', `${LOCK}${'#\n'.repeat(2 << 20)}`],
  ])('%s %#', (code, text) => {
    expect(refusal(encode(text), 'pnpm-lock.yaml')).toBe(code)
  })

  test('bytes that are no text', () => {
    expect(refusal(new Uint8Array([0xff, 0xfe]), 'pnpm-lock.yaml')).toBe('malformed')
  })
})
