import { describe, expect, test } from 'vitest'
import { disagreements } from '../../../evidence/sbom/disagreements.ts'
import { encode, inventoryOf, npmLock, place } from './locks.ts'

const ROOT = { dependencies: { a: '^1.0.0' }, devDependencies: { d: '1.x' }, optionalDependencies: { o: '*' } }
const PLACES = {
  'node_modules/a': place('1.2.0', { dependencies: { b: '^2.0.0' } }),
  'node_modules/b': place('2.0.0'),
  'node_modules/d': place('1.0.0'),
  'node_modules/o': place('1.0.0'),
}
const MANIFEST = { name: 'app', version: '1.0.0', ...ROOT }

function found(
  manifest: object,
  root: object = ROOT,
  places: Readonly<Record<string, Readonly<Record<string, unknown>>>> = PLACES,
): readonly string[] {
  return disagreements(inventoryOf(npmLock({ ...root }, places)), encode(manifest))
}

test('a pair that agrees', () => {
  expect(found(MANIFEST)).toEqual([])
})

describe('each disagreement is named', () => {
  test.each<[string, object, object, Readonly<Record<string, Readonly<Record<string, unknown>>>>]>([
    ['package.json asks for n@^1; the lock file does not hold it', { ...MANIFEST, dependencies: { a: '^1.0.0', n: '^1' } }, ROOT, PLACES],
    ['package.json asks for a@^2.0.0; the lock file was made for ^1.0.0', { ...MANIFEST, dependencies: { a: '^2.0.0' } }, ROOT, PLACES],
    [
      'the project asks for a@^1.0.0; the lock file holds 2.0.0',
      MANIFEST,
      ROOT,
      { ...PLACES, 'node_modules/a': place('2.0.0', { dependencies: { b: '^2.0.0' } }) },
    ],
    ['a asks for b@^2.0.0; the lock file holds 3.0.0', MANIFEST, ROOT, { ...PLACES, 'node_modules/b': place('3.0.0') }],
    [
      'a@1.2.0 asks for c@1; the lock file does not hold it',
      MANIFEST,
      ROOT,
      { ...PLACES, 'node_modules/a': place('1.2.0', { dependencies: { b: '^2.0.0', c: '1' } }) },
    ],
    ['the lock file holds d@1.x for the project; package.json does not ask for it', { ...MANIFEST, devDependencies: {} }, ROOT, PLACES],
    [
      'package.json names d as required, the lock file as dev',
      { ...MANIFEST, devDependencies: {}, dependencies: { a: '^1.0.0', d: '1.x' } },
      ROOT,
      PLACES,
    ],
    ['the lock file is for version 1.0.0, package.json says 1.0.1', { ...MANIFEST, version: '1.0.1' }, ROOT, PLACES],
    ['the lock file is for name app, package.json says other', { ...MANIFEST, name: 'other' }, ROOT, PLACES],
  ])('%s', (sentence, manifest, root, places) => {
    expect(found(manifest, root, places)).toEqual([sentence])
  })

  test('what both files ask for and the lock file does not hold', () => {
    const { 'node_modules/a': _, ...rest } = PLACES
    expect(found(MANIFEST, ROOT, rest)).toContain('package.json asks for a@^1.0.0; the lock file does not hold it')
  })

  test('a package.json that is none', () => {
    expect(disagreements(inventoryOf(npmLock(ROOT, PLACES)), encode('{"a":1,"a":2}'))).toEqual([expect.stringContaining('no strict JSON')])
  })
})

describe('what is allowed', () => {
  test('an optional dependency that is not there', () => {
    const { 'node_modules/o': _, ...rest } = PLACES
    expect(found(MANIFEST, ROOT, rest)).toEqual([])
  })

  test('what overrides bend', () => {
    const places = { ...PLACES, 'node_modules/b': place('9.0.0') }
    expect(found({ ...MANIFEST, overrides: { a: { b: '9.0.0' } } }, ROOT, places)).toEqual([])
    expect(found({ ...MANIFEST, resolutions: { 'a/b': '9.0.0' } }, ROOT, places)).toEqual([])
    expect(found({ ...MANIFEST, pnpm: { overrides: { 'a@1>b@^2': '9.0.0' } } }, ROOT, places)).toEqual([])
    expect(found({ ...MANIFEST, overrides: { c: '9.0.0' } }, ROOT, places)).toHaveLength(1)
  })

  test('a peer outside its range, an alias inside, a git dependency', () => {
    const root = { dependencies: { a: '^1.0.0', short: 'npm:long@^3', g: 'github:o/g' } }
    const places = {
      'node_modules/a': place('1.0.0', { peerDependencies: { long: '^9' } }),
      'node_modules/long': place('1.0.0'),
      'node_modules/short': place('3.1.0', { name: 'long' }),
      'node_modules/g': { version: '0.0.1', resolved: 'git+ssh://git@github.com/o/g.git#1' },
    }
    expect(found({ name: 'app', version: '1.0.0', ...root }, root, places)).toEqual([])
  })

  test('a workspace that the project holds without asking', () => {
    const root = { workspaces: ['w/*'] }
    expect(
      found({ name: 'app', version: '1.0.0', ...root }, root, { 'node_modules/x': { resolved: 'w/x', link: true }, 'w/x': { version: '1.0.0' } }),
    ).toEqual([])
  })
})
