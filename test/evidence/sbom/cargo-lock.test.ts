import { expect, test } from 'vitest'
import { edgesOf, encode, hex, inventoryOf, refusal, remarksOf } from './locks.ts'

const INDEX = 'registry+https://github.com/rust-lang/crates.io-index'
const SUM = hex('crate', 'sha256')
const crate = (name: string, version: string, more = '') => `[[package]]\nname = "${name}"\nversion = "${version}"\n${more}\n`
const from = (source: string, more = '') => `source = "${source}"\n${more}`
const read = (text: string) => inventoryOf(encode(text), 'Cargo.lock')
const refused = (text: string) => refusal(encode(text), 'Cargo.lock')

const LOCK = `\uFEFFversion = 4\r
${crate('shop', '1.0.0', 'dependencies = ["Serde", "rand 0.7.3", "rand 0.8.5", "forked", "private"]')}
${crate('Serde', '1.0.0+x', from(INDEX, `checksum = "${SUM}"`))}
${crate('rand', '0.7.3', from(INDEX, `checksum = "${SUM}"`))}
${crate('rand', '0.8.5', from('sparse+https://index.crates.io/', `dependencies = ["Serde 1.0.0+x (${INDEX})"]`))}
${crate('forked', '0.1.0', from(`git+https://u:p@example.com/f.git?branch=x#${'a'.repeat(40)}`))}
${crate('private', '0.2.0', from('registry+https://crates.example/index', `checksum = "${SUM}"`))}
`

test('the one folder is the project; a private registry and a repository make another package', () => {
  const inventory = read(LOCK)
  expect(inventory.root).toMatchObject({ name: 'shop', purl: 'pkg:cargo/shop@1.0.0' })
  expect(inventory.components.map(({ purl, hashes, pins }) => [purl, hashes.length, pins?.length])).toEqual([
    ['pkg:cargo/Serde@1.0.0%2Bx', 1, undefined],
    [`pkg:cargo/forked@0.1.0?vcs_url=git%2Bhttps:%2F%2Fexample.com%2Ff.git%3Fbranch%3Dx%23${'a'.repeat(40)}`, 0, 1],
    ['pkg:cargo/private@0.2.0?repository_url=https:%2F%2Fcrates.example%2Findex', 1, undefined],
    ['pkg:cargo/rand@0.7.3', 1, undefined],
    ['pkg:cargo/rand@0.8.5', 0, undefined],
  ])
  expect(edgesOf(inventory)).toContain('rand@0.8.5 -required-> Serde@1.0.0+x')
  expect(remarksOf(inventory)).toEqual(['no-integrity pkg:cargo/rand@0.8.5'])
})

test('several folders are a workspace without a name of its own', () => {
  const inventory = read(crate('a', '1.0.0', 'dependencies = ["b", "gone"]') + crate('b', '1.0.0'))
  expect(inventory.root.name).toBe('unnamed')
  expect(inventory.components.map(({ name, local, scope }) => [name, local, scope])).toEqual([
    ['a', true, 'required'],
    ['b', true, 'required'],
  ])
  expect(inventory.unresolved).toEqual([{ from: 'pkg:cargo/a@1.0.0', name: 'gone', range: null }])
})

test('versions 1 and 2 keep the checksums in a table of their own', () => {
  const text = `${crate('x', '1.0.0')}${crate('a', '1.0.0', from(INDEX))}[metadata]\n"checksum a 1.0.0 (${INDEX})" = "${SUM}"\n`
  expect(read(text).components[0]?.hashes).toEqual([{ alg: 'SHA-256', hex: SUM }])
})

test.each([
  ['version = 5\n', 'unsupported'],
  ['version = "4"\n', 'unsupported'],
  ['[[package]]\nname = "../x"\nversion = "1.0.0"\n', 'malformed'],
  ['[[package]]\nname = "x"\n', 'malformed'],
  [crate('a', '1.0.0') + crate('a', '1.0.0'), 'malformed'],
  [crate('a', '1.0.0', 'dependencies = ["b"]') + crate('b', '1.0.0') + crate('b', '2.0.0'), 'malformed'],
  [crate('a', '1.0.0', 'dependencies = [1]'), 'malformed'],
  [crate('a', '1.0.0', from(INDEX, 'checksum = "00"')), 'integrity'],
  ['package = 1\n', 'malformed'],
  ['a = 1\na = 2\n', 'malformed'],
  ['__proto__ = 1\n', 'malformed'],
  ['a = '.padEnd(100, '['), 'malformed'],
  ['not toml', 'malformed'],
])('%j is refused', (text, code) => {
  expect(refused(text)).toBe(code)
})

test('bytes that are no text, and too many, are refused', () => {
  expect(refusal(new Uint8Array([0xff]), 'Cargo.lock')).toBe('malformed')
  expect(refusal(new Uint8Array((8 << 20) + 1), 'Cargo.lock')).toBe('too-large')
})
