import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SbomError } from '../../../evidence/sbom/error.ts'
import { readLockFile } from '../../../evidence/sbom/lock.ts'
import { edgesOf, encode, hex, inventoryOf, npmLock, place, refusal, remarksOf, scopesOf, sri } from './locks.ts'

describe('what it reads', () => {
  test('the project, its packages, their digests and licences', () => {
    const bytes = npmLock(
      { license: 'MIT', dependencies: { a: '^1.0.0' } },
      { 'node_modules/a': place('1.2.3', { license: 'ISC', resolved: 'https://packages.example/a/-/a-1.2.3.tgz' }) },
    )
    const { source, root, components, unresolved, remarks } = inventoryOf(bytes, 'shop/package-lock.json')
    expect(source).toMatchObject({ kind: 'npm', path: 'shop/package-lock.json' })
    expect(root).toEqual({ ref: 'pkg:npm/app@1.0.0', purl: 'pkg:npm/app@1.0.0', name: 'app', version: '1.0.0', licence: 'MIT', hashes: [] })
    expect(components).toEqual([
      {
        ref: 'pkg:npm/a@1.2.3?repository_url=https:%2F%2Fpackages.example',
        purl: 'pkg:npm/a@1.2.3?repository_url=https:%2F%2Fpackages.example',
        name: 'a',
        version: '1.2.3',
        licence: 'ISC',
        hashes: [{ alg: 'SHA-512', hex: hex('1.2.3') }],
        scope: 'required',
        origin: 'https://packages.example/a/-/a-1.2.3.tgz',
        bundled: false,
        local: false,
      },
    ])
    expect([unresolved, remarks]).toEqual([[], []])
  })

  test('a dependency is the nearest one above, so two versions of one package keep their askers', () => {
    const bytes = npmLock(
      { dependencies: { a: '1', b: '1' } },
      {
        'node_modules/a': place('1.0.0'),
        'node_modules/b': place('1.0.0', { dependencies: { a: '2', c: '1' } }),
        'node_modules/b/node_modules/a': place('2.0.0'),
        'node_modules/c': place('1.0.0', { dependencies: { a: '1' } }),
      },
    )
    expect(edgesOf(inventoryOf(bytes))).toEqual([
      'app@1.0.0 -required-> a@1.0.0',
      'app@1.0.0 -required-> b@1.0.0',
      'b@1.0.0 -required-> a@2.0.0',
      'b@1.0.0 -required-> c@1.0.0',
      'c@1.0.0 -required-> a@1.0.0',
    ])
  })

  test('an alias is the package behind it', () => {
    const bytes = npmLock({ dependencies: { short: 'npm:@scope/long@^2' } }, { 'node_modules/short': place('2.0.0', { name: '@scope/long' }) })
    const inventory = inventoryOf(bytes)
    expect(inventory.components[0]).toMatchObject({ name: '@scope/long', purl: 'pkg:npm/%40scope/long@2.0.0' })
    expect(inventory.edges[0]).toMatchObject({ name: 'short', range: 'npm:@scope/long@^2' })
  })

  test('workspaces are folders of the project, with their own development dependencies', () => {
    const bytes = npmLock(
      { workspaces: ['packages/*', '!packages/old'] },
      {
        'node_modules/@app/one': { resolved: 'packages/one', link: true },
        'node_modules/old': { resolved: 'packages/old', link: true },
        'packages/one': { name: '@app/one', version: '0.1.0', devDependencies: { d: '1' }, dependencies: { old: '*', e: '2' } },
        'packages/old': { version: '0.0.1' },
        'node_modules/d': place('1.0.0'),
        'node_modules/e': place('1.0.0'),
        'packages/one/node_modules/e': place('2.0.0'),
      },
    )
    const inventory = inventoryOf(bytes)
    expect(edgesOf(inventory)).toEqual([
      '@app/one@0.1.0 -dev-> d@1.0.0',
      '@app/one@0.1.0 -required-> e@2.0.0',
      '@app/one@0.1.0 -required-> old@0.0.1',
      'app@1.0.0 -optional-> e@1.0.0',
      'app@1.0.0 -required-> @app/one@0.1.0',
    ])
    expect(inventory.components.filter(({ local }) => local).map(({ name }) => name)).toEqual(['@app/one', 'old'])
    expect(remarksOf(inventory)).toEqual(['extraneous pkg:npm/e@1.0.0'])
  })

  test('what is linked from outside the project resolves nothing inside it', () => {
    const bytes = npmLock(
      { dependencies: { out: 'file:../out', a: '1' } },
      {
        'node_modules/out': { resolved: '../out', link: true },
        '../out': { version: '1.0.0', dependencies: { a: '1' } },
        'node_modules/a': place('1.0.0'),
      },
    )
    expect(inventoryOf(bytes).unresolved).toEqual([{ from: 'pkg:npm/out@1.0.0', name: 'a', range: '1' }])
  })

  test('where a name stands in several sections the last of peer, required, optional, development counts', () => {
    const sections = {
      peerDependencies: { a: '1', p: '1', q: '1' },
      peerDependenciesMeta: { q: { optional: true } },
      dependencies: { a: '1', o: '1' },
      optionalDependencies: { o: '1' },
      devDependencies: { d: '1' },
    }
    const places = Object.fromEntries(['a', 'p', 'q', 'o', 'd'].map((name) => [`node_modules/${name}`, place('1.0.0')]))
    const inventory = inventoryOf(npmLock(sections, places))
    expect(inventory.edges.map(({ name, kind }) => [name, kind])).toEqual([
      ['a', 'required'],
      ['d', 'dev'],
      ['o', 'optional'],
      ['p', 'peer'],
      ['q', 'peer-optional'],
    ])
    expect(scopesOf(inventory)).toEqual({
      'a@1.0.0': 'required',
      'd@1.0.0': 'dev',
      'o@1.0.0': 'optional',
      'p@1.0.0': 'required',
      'q@1.0.0': 'optional',
    })
  })

  test('development dependencies of an installed package are not there', () => {
    const bytes = npmLock({ dependencies: { a: '1' } }, { 'node_modules/a': place('1.0.0', { devDependencies: { gone: '1' } }) })
    expect(inventoryOf(bytes).unresolved).toEqual([])
  })
})

describe('scope comes from the graph, whatever the flags say', () => {
  test('a package flagged as development that production asks for is required', () => {
    const bytes = npmLock({ dependencies: { a: '1' } }, { 'node_modules/a': place('1.0.0', { dev: true, optional: true }) })
    expect(scopesOf(inventoryOf(bytes))).toEqual({ 'a@1.0.0': 'required' })
  })

  test('the strongest way counts', () => {
    const bytes = npmLock(
      { dependencies: { a: '1' }, optionalDependencies: { o: '1' }, devDependencies: { d: '1' } },
      {
        'node_modules/a': place('1.0.0', { dependencies: { x: '1' } }),
        'node_modules/o': place('1.0.0', { dependencies: { y: '1', x: '1' } }),
        'node_modules/d': place('1.0.0', { dependencies: { x: '1', y: '1', z: '1' } }),
        'node_modules/x': place('1.0.0'),
        'node_modules/y': place('1.0.0'),
        'node_modules/z': place('1.0.0'),
      },
    )
    expect(scopesOf(inventoryOf(bytes))).toMatchObject({ 'x@1.0.0': 'required', 'y@1.0.0': 'optional', 'z@1.0.0': 'dev' })
  })
})

describe('what pins the bytes', () => {
  test('several algorithms stand side by side, the strongest last', () => {
    const { components } = inventoryOf(
      npmLock({ dependencies: { a: '1' } }, { 'node_modules/a': { version: '1.0.0', integrity: `${sri('x', 'sha512')} ${sri('x', 'sha1')}?opt` } }),
    )
    expect(components[0]?.hashes).toEqual([
      { alg: 'SHA-1', hex: hex('x', 'sha1') },
      { alg: 'SHA-512', hex: hex('x') },
    ])
  })

  test('a digest that is not there is not made up, and a weak one is named', () => {
    const bytes = npmLock(
      { dependencies: { a: '1', b: '1', c: '1' } },
      {
        'node_modules/a': { version: '1.0.0' },
        'node_modules/b': { version: '1.0.0', integrity: sri('b', 'sha1') },
        'node_modules/c': place('1.0.0'),
      },
    )
    const inventory = inventoryOf(bytes)
    expect(inventory.components[0]?.hashes).toEqual([])
    expect(remarksOf(inventory)).toEqual(['no-integrity pkg:npm/a@1.0.0', 'weak-integrity pkg:npm/b@1.0.0'])
  })

  test('copies that agree are one component; a bundled copy without a digest is remarked on', () => {
    const bytes = npmLock(
      { dependencies: { a: '1', b: '1' } },
      {
        'node_modules/a': place('1.0.0'),
        'node_modules/b': place('1.0.0', { dependencies: { a: '1' } }),
        'node_modules/b/node_modules/a': { version: '1.0.0', inBundle: true },
      },
    )
    const inventory = inventoryOf(bytes)
    expect(inventory.components).toHaveLength(2)
    expect(inventory.components[0]).toMatchObject({ bundled: false, hashes: [{ alg: 'SHA-512' }] })
    expect(remarksOf(inventory)).toEqual(['bundled pkg:npm/a@1.0.0'])
  })

  test('copies that contradict each other stay apart, and both are named', () => {
    const bytes = npmLock(
      { dependencies: { a: '1', b: '1' } },
      {
        'node_modules/a': place('1.0.0'),
        'node_modules/b': place('1.0.0', { dependencies: { a: '1' } }),
        'node_modules/b/node_modules/a': { version: '1.0.0', integrity: sri('evil') },
      },
    )
    const inventory = inventoryOf(bytes)
    expect(inventory.components.map(({ purl }) => purl)).toEqual(['pkg:npm/a@1.0.0', 'pkg:npm/a@1.0.0', 'pkg:npm/b@1.0.0'])
    expect(new Set(inventory.components.map(({ ref }) => ref)).size).toBe(3)
    expect(inventory.remarks.map(({ code }) => code)).toEqual(['contradiction', 'contradiction'])
  })

  test('a package of the project’s own name and version is not the project', () => {
    const inventory = inventoryOf(npmLock({ devDependencies: { app: '1' } }, { 'node_modules/app': place('1.0.0') }))
    expect(inventory.components[0]?.ref).not.toBe(inventory.root.ref)
    expect(edgesOf(inventory)).toEqual(['app@1.0.0 -dev-> app@1.0.0'])
  })
})

describe('where the bytes come from', () => {
  test.each([
    [
      'git+ssh://git@github.com/o/a.git#0123',
      'pkg:npm/a@1.0.0?vcs_url=git%2Bssh:%2F%2Fgit%40github.com%2Fo%2Fa.git%230123',
      'git+ssh://git@github.com/o/a.git#0123',
    ],
    [
      'https://user:secret@npm.example.com/a/-/a-1.0.0.tgz',
      'pkg:npm/a@1.0.0?repository_url=https:%2F%2Fnpm.example.com',
      'https://npm.example.com/a/-/a-1.0.0.tgz',
    ],
    ['https://example.com/a.tgz', 'pkg:npm/a@1.0.0?download_url=https:%2F%2Fexample.com%2Fa.tgz', 'https://example.com/a.tgz'],
    ['file:../a-1.0.0.tgz', 'pkg:npm/a@1.0.0', null],
    ['https://registry.yarnpkg.com/a/-/a-1.0.0.tgz', 'pkg:npm/a@1.0.0', 'https://registry.yarnpkg.com/a/-/a-1.0.0.tgz'],
  ])('%s', (resolved, purl, origin) => {
    const { components } = inventoryOf(npmLock({ dependencies: { a: '*' } }, { 'node_modules/a': place('1.0.0', { resolved }) }))
    expect(components[0]).toMatchObject({ purl, origin })
    expect(JSON.stringify(components)).not.toContain('secret')
  })
})

describe('version 1', () => {
  const lock = encode({
    name: 'app',
    version: '1.0.0',
    lockfileVersion: 1,
    requires: true,
    dependencies: {
      a: { version: '1.0.0', integrity: sri('a'), requires: { b: '^1', c: '^1' } },
      b: { version: 'npm:real@2.0.0', integrity: sri('b'), dev: true },
      c: {
        version: '1.0.0',
        integrity: sri('c'),
        optional: true,
        dependencies: { b: { version: '3.0.0', integrity: sri('b3'), bundled: true } },
        requires: { b: '3' },
      },
      g: { version: 'git+https://example.com/g.git#abc', from: 'git+https://example.com/g.git' },
    },
  })

  test('takes what the project asks for from package.json', () => {
    const inventory = inventoryOf(lock, 'package-lock.json', {
      name: 'app',
      version: '1.0.0',
      dependencies: { a: '^1', g: 'git+https://example.com/g.git' },
    })
    expect(edgesOf(inventory)).toEqual([
      'a@1.0.0 -required-> c@1.0.0',
      'a@1.0.0 -required-> real@2.0.0',
      'app@1.0.0 -required-> a@1.0.0',
      'app@1.0.0 -required-> g@',
      'c@1.0.0 -optional-> b@3.0.0',
    ])
  })

  test('without package.json it is refused, not guessed', () => {
    expect(refusal(lock)).toBe('needs-manifest')
  })
})

describe('what it refuses', () => {
  const root = { dependencies: { a: '1' } }
  test.each([
    ['unknown-file', encode('{}'), 'pom.xml'],
    ['malformed', encode('[]'), 'package-lock.json'],
    ['malformed', encode('{"lockfileVersion":3,"lockfileVersion":3}'), 'package-lock.json'],
    ['malformed', encode('{'), 'package-lock.json'],
    ['malformed', encode(`${'['.repeat(300)}${']'.repeat(300)}`), 'package-lock.json'],
    ['unsupported', npmLock(root, {}, { lockfileVersion: 4 }), 'package-lock.json'],
    ['unsupported', npmLock(root, {}, { lockfileVersion: '3' }), 'npm-shrinkwrap.json'],
    ['malformed', npmLock(root, {}, { packages: [] }), 'package-lock.json'],
    ['malformed', npmLock(root, { 'node_modules/a': { integrity: sri('a') } }), 'package-lock.json'],
    ['malformed', npmLock(root, { 'node_modules/a': place('1.0.0\n') }), 'package-lock.json'],
    ['malformed', npmLock(root, { 'node_modules/a b': place('1.0.0') }), 'package-lock.json'],
    ['malformed', npmLock(root, { 'node_modules/a': place('1.0.0', { dependencies: { b: 1 } }) }), 'package-lock.json'],
    ['malformed', npmLock(root, { 'node_modules/../../a': place('1.0.0') }), 'package-lock.json'],
    ['malformed', npmLock(root, { 'node_modules/a': { resolved: 'nowhere', link: true } }), 'package-lock.json'],
    ['malformed', npmLock(root, { 'node_modules/a': { link: true } }), 'package-lock.json'],
    ['integrity', npmLock(root, { 'node_modules/a': place('1.0.0', { integrity: 'sha512-AAAA' }) }), 'package-lock.json'],
    ['integrity', npmLock(root, { 'node_modules/a': place('1.0.0', { integrity: 'crc32-AAAA' }) }), 'package-lock.json'],
    ['integrity', npmLock(root, { 'node_modules/a': place('1.0.0', { integrity: '' }) }), 'package-lock.json'],
    ['limit', npmLock(root, { ['node_modules/a/'.repeat(41) + 'x']: place('1.0.0') }), 'package-lock.json'],
    ['too-large', new Uint8Array((32 << 20) + 1), 'package-lock.json'],
  ])('%s %#', (code, bytes, path) => {
    expect(refusal(bytes, path)).toBe(code)
  })

  test('too many entries', () => {
    const places = Object.fromEntries(Array.from({ length: 100_001 }, (_, at) => [`node_modules/p${at}`, {}]))
    expect(refusal(npmLock(root, places))).toBe('limit')
  })

  test('whatever stands in the file, the answer is an inventory or an SbomError', () => {
    const json = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.double({ noNaN: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 3 }),
        tie('object'),
      ),
      object: fc.dictionary(
        fc.constantFrom(
          '',
          'node_modules/a',
          'version',
          'dependencies',
          'link',
          'resolved',
          'license',
          'integrity',
          'workspaces',
          'peerDependenciesMeta',
          'a',
        ),
        tie('any'),
      ),
    })).any
    fc.assert(
      fc.property(json, fc.constantFrom(1, 2, 3), (packages, lockfileVersion) => {
        const answer = readLockFile({
          path: 'package-lock.json',
          bytes: encode({ lockfileVersion, packages, dependencies: packages }),
          manifest: encode('{}'),
        })
        expect(answer instanceof SbomError || Array.isArray(answer.components)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
