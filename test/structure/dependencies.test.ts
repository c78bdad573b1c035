import { expect, test } from 'vitest'
import { importsOf, SOURCES, TESTS, text } from './tree.ts'

const MANIFEST: { scripts: Record<string, string>; dependencies: Record<string, string>; devDependencies: Record<string, string> } = JSON.parse(
  text('package.json'),
)
/** It makes the bundles and is in none of them. */
const BUILDER = 'actions/build.ts'
/** Used without an import, each by what. */
const BY_NAME: Readonly<Record<string, string>> = {
  '@sigstore/tuf': 'its seeds.json: the public trusted root, for test/evidence/verify/conformance.test.ts',
  'axe-core': 'its axe.min.js, put into pages by test/interop/pages.test.ts',
  'ajv-formats-draft2019': 'the validator of @cyclonedx/cyclonedx-library',
  oxfmt: 'a command of package.json',
  oxlint: 'a command of package.json',
  'oxlint-tsgolint': 'the types of oxlint --type-aware',
  typescript: 'the command tsc of test/main.ts',
}

/** Shipped, and read as files instead of imported, each by what. */
const READ: Readonly<Record<string, string>> = { '@expo-google-fonts/inter': 'the font of evidence/chart/png.ts' }

/** `@octokit/rest/x` -> `@octokit/rest` */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function packages(paths: readonly string[]): readonly { readonly name: string; readonly from: string; readonly typeOnly: boolean }[] {
  return paths
    .flatMap(importsOf)
    .filter((each) => !each.relative && !each.to.startsWith('node:'))
    .map((each) => ({ name: packageOf(each.to), from: each.from, typeOnly: each.typeOnly }))
}

const SHIPPED = packages(SOURCES.filter((path) => path !== BUILDER))
const ELSEWHERE = packages([BUILDER, ...TESTS, 'vitest.config.ts'])

test('what is shipped needs nothing that is installed for development only', () => {
  const wrong = SHIPPED.filter((each) => !each.typeOnly && MANIFEST.dependencies[each.name] === undefined)
  expect(wrong.map((each) => `${each.from} needs ${each.name}`)).toEqual([])
})

test('nothing is imported that package.json does not name', () => {
  const named = { ...MANIFEST.dependencies, ...MANIFEST.devDependencies }
  const typed = (name: string) => named[`@types/${name}`] !== undefined
  const wrong = [...SHIPPED, ...ELSEWHERE].filter((each) => named[each.name] === undefined && !(each.typeOnly && typed(each.name)))
  expect(wrong.map((each) => `${each.from} imports ${each.name}`)).toEqual([])
})

test('no dependency is there for nothing', () => {
  const shipped = new Set(SHIPPED.map((each) => each.name))
  const used = new Set([...shipped, ...ELSEWHERE.map((each) => each.name), ...Object.keys(BY_NAME)])
  const types = (name: string) => name.startsWith('@types/') && (name === '@types/node' || used.has(name.slice('@types/'.length)))
  expect(Object.keys(MANIFEST.dependencies).filter((name) => !shipped.has(name) && READ[name] === undefined)).toEqual([])
  expect(Object.keys(MANIFEST.devDependencies).filter((name) => !used.has(name) && !types(name))).toEqual([])
  expect(Object.keys(BY_NAME).filter((name) => MANIFEST.devDependencies[name] === undefined)).toEqual([])
})

test('every version is exact', () => {
  const loose = Object.entries({ ...MANIFEST.dependencies, ...MANIFEST.devDependencies }).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
  expect(loose).toEqual([])
})
