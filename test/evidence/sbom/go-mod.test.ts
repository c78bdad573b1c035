import { describe, expect, test } from 'vitest'
import { checkCyclonedx } from '../../../evidence/sbom/check-cyclonedx.ts'
import { checkSpdx } from '../../../evidence/sbom/check-spdx.ts'
import { cyclonedxOf } from '../../../evidence/sbom/cyclonedx.ts'
import { spdxOf } from '../../../evidence/sbom/spdx.ts'
import { encode, inventoryOf, refusal, remarksOf } from './locks.ts'

const h1 = (seed: string) => `h1:${Buffer.alloc(32, seed).toString('base64')}`
const MOD = `\uFEFFmodule example.com/Shop/v2 // ours\r
\r
go 1.22.1\r
toolchain go1.23.0
require github.com/Masterminds/semver/v3 v3.2.1
require (
	github.com/old/name v1.0.0
	"gopkg.in/yaml.v3" v3.0.1 // indirect
	example.com/here v0.0.0-00010101000000-000000000000
	github.com/docker/docker v24.0.7+incompatible
)
replace github.com/old/name => github.com/new/name v1.1.0
replace (
	example.com/here v0.0.0-00010101000000-000000000000 => ../here
)
exclude github.com/x/y v1.0.0
retract [v2.0.0, v2.0.1] // broken
`
const SUM = `github.com/Masterminds/semver/v3 v3.2.1 ${h1('a')}\r
github.com/Masterminds/semver/v3 v3.2.1/go.mod ${h1('b')}
github.com/new/name v1.1.0 ${h1('c')}
github.com/docker/docker v24.0.7+incompatible ${h1('d')}
github.com/docker/docker v24.0.7+incompatible ${h1('d')}
github.com/never/built v1.0.0 ${h1('e')}
`

const read = (mod: string, sum: string | null = SUM) => inventoryOf(encode(mod), 'api/go.mod', ...(sum === null ? [] : [sum]))
const refused = (mod: string, sum?: string) => refusal(encode(mod), 'go.mod', sum === undefined ? undefined : encode(sum))

describe('what go.mod requires', () => {
  const inventory = read(MOD)

  test('each module once, as what replaces it; a folder has no version', () => {
    expect(inventory.root).toMatchObject({ name: 'example.com/Shop/v2', purl: 'pkg:golang/example.com/shop/v2' })
    expect(inventory.components.map(({ name, purl, local, scope }) => [name, purl, local, scope])).toEqual([
      ['example.com/here', 'pkg:golang/example.com/here', true, 'required'],
      ['github.com/docker/docker', 'pkg:golang/github.com/docker/docker@v24.0.7%2Bincompatible', false, 'required'],
      ['github.com/Masterminds/semver/v3', 'pkg:golang/github.com/masterminds/semver/v3@v3.2.1', false, 'required'],
      ['github.com/new/name', 'pkg:golang/github.com/new/name@v1.1.0', false, 'required'],
      ['gopkg.in/yaml.v3', 'pkg:golang/gopkg.in/yaml.v3@v3.0.1', false, 'required'],
    ])
  })

  test('h1 is a pin and no digest of an archive; a module without one is told', () => {
    expect(inventory.components.map(({ hashes, pins }) => [hashes, pins])).toEqual([
      [[], undefined],
      [[], [h1('d')]],
      [[], [h1('a')]],
      [[], [h1('c')]],
      [[], undefined],
    ])
    expect(remarksOf(inventory)).toEqual(['no-integrity pkg:golang/gopkg.in/yaml.v3@v3.0.1'])
  })

  test('both bills hold, and name the pin without calling it a checksum', () => {
    const at = { createdAt: '2026-01-02T03:04:05.678Z' }
    const [spdx, cyclonedx] = [spdxOf(inventory, at), cyclonedxOf(inventory, at)].map((bytes) => new TextDecoder().decode(bytes))
    expect([...checkSpdx(JSON.parse(spdx ?? '')), ...checkCyclonedx(JSON.parse(cyclonedx ?? ''))]).toEqual([])
    expect(JSON.parse(spdx ?? '').packages[3]).toMatchObject({ comment: `Pinned by ${h1('a')}.` })
    expect(JSON.parse(spdx ?? '').packages[3].checksums).toBeUndefined()
    expect(JSON.parse(cyclonedx ?? '').components[2].properties).toEqual([{ name: 'release-conductor:pin', value: h1('a') }])
  })
})

test('without requirements it stands alone, and lists nothing', () => {
  expect(read('module example.com/a\n', null).components).toEqual([])
})

test('a list that is not whole, or pins nothing, is refused', () => {
  expect(refused('module a.b/c\ngo 1.16\nrequire a.b/d v1.0.0\n', '')).toBe('unsupported')
  expect(refused('module a.b/c\nrequire a.b/d v1.0.0\n', '')).toBe('unsupported')
  expect(refused('module a.b/c\ngo 1.17\nrequire a.b/d v1.0.0\n')).toBe('needs-manifest')
})

test.each([
  ['', 'malformed'],
  ['module a.b/c\nmodules x\n', 'malformed'],
  ['module a.b/c\nrequire (\n', 'malformed'],
  ['module a.b/c\nrequire a.b/../d v1.0.0\n', 'malformed'],
  ['module a.b/c\nrequire a.b/d 1.0.0\n', 'malformed'],
  ['module a.b/c\nrequire (\na.b/d v1.0.0\na.b/d v1.1.0\n)\n', 'malformed'],
  ['module a.b/c\nreplace a.b/d => \n', 'malformed'],
  ['module a.b/c\nreplace a.b/d => ./x\nreplace a.b/d => ./y\n', 'malformed'],
  [`module a.b/c\n// ${'x'.repeat(9000)}\n`, 'malformed'],
  ['module <script>\n', 'malformed'],
])('%j is refused', (text, code) => {
  expect(refused(text, '')).toBe(code)
})

test('bytes that are no text, and too many, are refused', () => {
  expect(refusal(new Uint8Array([0xff, 0xfe]), 'go.mod')).toBe('malformed')
  expect(refusal(new Uint8Array((8 << 20) + 1), 'go.mod')).toBe('too-large')
})

const ONE = 'module a.b/c\ngo 1.22\nrequire a.b/d v1.0.0\n'

test('a go.sum that contradicts itself, or is none, refuses the pair', () => {
  expect(refused(ONE, `a.b/d v1.0.0 ${h1('a')}\na.b/d v1.0.0 ${h1('b')}\n`)).toBe('integrity')
  expect(refused(ONE, 'a.b/d v1.0.0 h2:x\n')).toBe('malformed')
  expect(refused(ONE, `a.b/d v1.0.0 ${h1('a')}\n`)).toBe('taken')
})
