import { describe, expect, test } from 'vitest'
import { edgesOf, encode, hex, inventoryOf, refusal, remarksOf, scopesOf } from './locks.ts'

const [ONE, TWO] = [hex('one', 'sha256'), hex('two', 'sha256')]
const COMMIT = 'c'.repeat(40)

const readPoetry = (text: string) => inventoryOf(encode(text), 'poetry.lock')
const refusedPoetry = (text: string) => refusal(encode(text), 'poetry.lock')
const metadata = (version: string) => `[metadata]\nlock-version = "${version}"\n`
const readUv = (text: string) => inventoryOf(encode(text), 'uv.lock')
const refusedUv = (text: string) => refusal(encode(text), 'uv.lock')

describe('poetry.lock', () => {
  const LOCK = `\uFEFF[[package]]\r
name = "Flask_Login"
version = "0.6.3"
files = [{file = "a.whl", hash = "sha256:${ONE}"}, {file = "a.tar.gz", hash = "sha256:${TWO}"}]
[package.dependencies]
zope-interface = ">=6"
colorama = {version = "*", markers = "sys_platform == 'win32'"}

[[package]]
name = "zope.interface"
version = "6.0"
files = [{file = "z.whl", hash = "sha256:${ONE}"}]

[[package]]
name = "forked"
version = "1.0"
files = []
[package.source]
type = "git"
url = "https://u:p@example.com/f.git"
resolved_reference = "${COMMIT}"

[[package]]
name = "private"
version = "1.0"
files = []
[package.source]
type = "legacy"
url = "https://pypi.example/simple"
${metadata('2.1')}`

  test('each package, asked for by the project, and by others in any spelling', () => {
    const inventory = readPoetry(LOCK)
    expect(inventory.components.map(({ purl, hashes, pins }) => [purl, hashes.length, pins?.length])).toEqual([
      ['pkg:pypi/flask-login@0.6.3', 0, 2],
      [`pkg:pypi/forked@1.0?vcs_url=git%2Bhttps:%2F%2Fexample.com%2Ff.git%23${COMMIT}`, 0, 1],
      ['pkg:pypi/private@1.0?repository_url=https:%2F%2Fpypi.example%2Fsimple', 0, undefined],
      ['pkg:pypi/zope.interface@6.0', 1, undefined],
    ])
    expect(edgesOf(inventory)).toContain('Flask_Login@0.6.3 -required-> zope.interface@6.0')
    expect([inventory.unresolved, remarksOf(inventory)]).toEqual([
      [],
      ['no-integrity pkg:pypi/private@1.0?repository_url=https:%2F%2Fpypi.example%2Fsimple'],
    ])
  })

  test('lock-version 1 has the files in one table', () => {
    const text = `[[package]]\nname = "a"\nversion = "1.0"\n${metadata('1.1')}[metadata.files]\na = [{file = "a.whl", hash = "sha256:${ONE}"}]\n`
    expect(readPoetry(text).components[0]?.hashes).toEqual([{ alg: 'SHA-256', hex: ONE }])
  })

  test.each([
    ['', 'unsupported'],
    [metadata('3.0'), 'unsupported'],
    [`[[package]]\nname = "a"\n${metadata('2.0')}`, 'malformed'],
    [`[[package]]\nname = "a/../b"\nversion = "1"\n${metadata('2.0')}`, 'malformed'],
    [`[[package]]\nname = "a-b"\nversion = "1"\n[[package]]\nname = "A_b"\nversion = "1"\n${metadata('2.0')}`, 'malformed'],
    [`[[package]]\nname = "a"\nversion = "1"\nfiles = [{hash = "sha256:00"}]\n${metadata('2.0')}`, 'integrity'],
    [`[[package]]\nname = "a"\nversion = "1"\nfiles = [{hash = "crc:00"}]\n${metadata('2.0')}`, 'integrity'],
  ])('%j is refused', (text, code) => {
    expect(refusedPoetry(text)).toBe(code)
  })
})

const PUBLIC = 'source = { registry = "https://pypi.org/simple" }'
const registered = (name: string, more: string) => `[[package]]\nname = "${name}"\nversion = "1"\n${PUBLIC}\n${more}\n`

describe('uv.lock', () => {
  const LOCK = `version = 1
revision = 3
[[package]]
name = "shop"
version = "1.0.0"
source = { editable = "." }
dependencies = [{ name = "idna" }, { name = "lib" }, { name = "numpy", version = "1.0", marker = "x" }]
[package.optional-dependencies]
fast = [{ name = "speed" }]
[package.dev-dependencies]
dev = [{ name = "pytest" }]
[[package]]
name = "lib"
source = { virtual = "lib" }
[[package]]
name = "idna"
version = "3.7"
${PUBLIC}
sdist = { url = "https://x/idna.tar.gz", hash = "sha256:${ONE}", size = 1 }
wheels = [{ url = "https://x/idna.whl", hash = "sha256:${TWO}" }]
[[package]]
name = "numpy"
version = "1.0"
${PUBLIC}
wheels = [{ url = "https://x/n.whl", hash = "sha256:${TWO}" }]
[[package]]
name = "numpy"
version = "2.0"
${PUBLIC}
[[package]]
name = "speed"
version = "1.0"
source = { git = "https://example.com/s?rev=x#${COMMIT}" }
[[package]]
name = "pytest"
version = "8.0"
source = { url = "https://example.com/pytest.whl" }
wheels = [{ url = "https://example.com/pytest.whl", hash = "sha256:${TWO}" }]
`

  test('the project, its workspace and who asks for what', () => {
    const inventory = readUv(LOCK)
    expect(inventory.root).toMatchObject({ name: 'shop', purl: 'pkg:pypi/shop@1.0.0' })
    expect(scopesOf(inventory)).toEqual({
      'lib@': 'required',
      'idna@3.7': 'required',
      'numpy@1.0': 'required',
      'numpy@2.0': 'optional',
      'speed@1.0': 'optional',
      'pytest@8.0': 'dev',
    })
    expect(remarksOf(inventory)).toEqual(['extraneous pkg:pypi/numpy@2.0', 'no-integrity pkg:pypi/numpy@2.0'])
    expect(inventory.components.find(({ name }) => name === 'pytest')?.purl).toContain('?download_url=https:')
    expect(inventory.components.find(({ name }) => name === 'idna')?.pins).toHaveLength(2)
    expect(inventory.components.find(({ name }) => name === 'speed')?.pins).toEqual([`git:${COMMIT}`])
  })

  test('a lock file of a script names no project: all of it is asked for', () => {
    const { root, components } = readUv(`version = 1\n[[package]]\nname = "idna"\nversion = "3.7"\n${PUBLIC}\n`)
    expect([root.name, components.map(({ scope }) => scope)]).toEqual(['unnamed', ['required']])
  })

  test.each([
    ['', 'unsupported'],
    ['version = 2\n', 'unsupported'],
    ['version = 1\n[[package]]\nname = "a"\n', 'malformed'],
    ['version = 1\npackage = "a"\n', 'malformed'],
    [`version = 1\n[[package]]\nname = "a"\nversion = "1"\nwheels = [{ hash = "sha256:0" }]\n`, 'integrity'],
    [`version = 1\n[[package]]\nname = "a"\nversion = "1"\ndependencies = ["b"]\n`, 'malformed'],
  ])('%j is refused', (text, code) => {
    expect(refusedUv(text)).toBe(code)
  })

  test('who asks for an extra asks for what it needs', () => {
    const text = `version = 1\n[[package]]\nname = "shop"\nversion = "1"\nsource = { virtual = "." }\ndependencies = [{ name = "web", extra = ["all"] }]\n${registered(
      'web',
      '[package.optional-dependencies]\nall = [{ name = "web", extra = ["fast", "all"] }]\nfast = [{ name = "loop" }]\nslow = [{ name = "wait" }]',
    )}${registered('loop', '')}${registered('wait', '')}`
    expect(scopesOf(readUv(text))).toEqual({ 'web@1': 'required', 'loop@1': 'required', 'wait@1': 'optional' })
  })

  test('what is asked for and not there is told', () => {
    const text = `version = 1\n[[package]]\nname = "a"\nversion = "1"\n${PUBLIC}\ndependencies = [{ name = "gone" }]\n`
    expect(readUv(text).unresolved).toEqual([{ from: 'pkg:pypi/a@1', name: 'gone', range: null }])
  })
})
