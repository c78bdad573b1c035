import { expect, test } from 'vitest'
import { edgesOf, encode, hex, inventoryOf, refusal, remarksOf } from './locks.ts'

const [ONE, TWO] = [hex('one', 'sha256'), hex('two', 'sha256')]
const COMMIT = 'c'.repeat(40)
const LOCK = `\uFEFFGIT\r
  remote: https://u:p@example.com/forked.git
  revision: ${COMMIT}
  branch: main
  specs:
    forked (0.1.0)
      rack (>= 2, < 4)

PATH
  remote: lib
  specs:
    lib (1.0.0)

GEM
  remote: https://gems.example/
  specs:
    private (1.0.0)

GEM
  remote: https://rubygems.org/
  specs:
    nokogiri (1.16.0-java)
      racc (~> 1.4)
    nokogiri (1.16.0-x86_64-linux)
      racc (~> 1.4)
    racc (1.7.3)
    rack (3.0.0)
      bundler (>= 1)
    wide (2.0.0-java)

PLATFORMS
  ruby

DEPENDENCIES
  forked!
  gone (~> 1)
  lib!
  nokogiri
  private (= 1.0.0)!
  wide

CHECKSUMS
  nokogiri (1.16.0-java) sha256=${ONE}
  nokogiri (1.16.0-x86_64-linux) sha256=${TWO}
  racc (1.7.3) sha256=${ONE}
  lib (1.0.0)

RUBY VERSION
   ruby 3.3.0p0

BUNDLED WITH
   2.5.0
`
const refused = (text: string) => refusal(encode(text), 'Gemfile.lock')

test('gems of all sources, who asks for them, and what pins them', () => {
  const inventory = inventoryOf(encode(LOCK), 'Gemfile.lock')
  expect(inventory.components.map(({ purl, hashes, pins, local }) => [purl, hashes.length, pins?.length, local])).toEqual([
    [`pkg:gem/forked@0.1.0?vcs_url=git%2Bhttps:%2F%2Fexample.com%2Fforked.git%23${COMMIT}`, 0, 1, false],
    ['pkg:gem/lib@1.0.0', 0, undefined, true],
    ['pkg:gem/nokogiri@1.16.0', 0, 2, false],
    ['pkg:gem/private@1.0.0?repository_url=https:%2F%2Fgems.example%2F', 0, undefined, false],
    ['pkg:gem/racc@1.7.3', 1, undefined, false],
    ['pkg:gem/rack@3.0.0', 0, undefined, false],
    ['pkg:gem/wide@2.0.0?platform=java', 0, undefined, false],
  ])
  expect(edgesOf(inventory)).toContain('nokogiri@1.16.0 -required-> racc@1.7.3')
  expect(inventory.unresolved).toEqual([{ from: 'pkg:generic/unnamed', name: 'gone', range: '~> 1' }])
  expect(remarksOf(inventory).map((remark) => remark.split('?')[0])).toEqual([
    'no-integrity pkg:gem/private@1.0.0',
    'no-integrity pkg:gem/rack@3.0.0',
    'no-integrity pkg:gem/wide@2.0.0',
  ])
})

test.each([
  ['x\n', 'malformed'],
  ['GEM\n  specs:\n    a (1.0)\n    a (1.0)\n', 'malformed'],
  ['GEM\n  specs:\n    ../a (1.0)\n', 'malformed'],
  ['GEM\n  specs:\n      a (1.0)\n', 'malformed'],
  ['GEM\n<<<<<<< ours\n', 'malformed'],
  ['DEPENDENCIES\n  a b\n', 'malformed'],
  ['CHECKSUMS\n  a (1.0) md5=00\n', 'malformed'],
  ['CHECKSUMS\n  a (1.0) sha256=00\n', 'integrity'],
])('%j is refused', (text, code) => {
  expect(refused(text)).toBe(code)
})

test('bytes that are no text, and too many, are refused', () => {
  expect(refusal(new Uint8Array([0xff]), 'Gemfile.lock')).toBe('malformed')
  expect(refusal(new Uint8Array((8 << 20) + 1), 'Gemfile.lock')).toBe('too-large')
})
