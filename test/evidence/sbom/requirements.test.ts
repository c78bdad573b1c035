import { expect, test } from 'vitest'
import { encode, hex, inventoryOf, refusal, remarksOf } from './locks.ts'

const [ONE, TWO] = [hex('one', 'sha256'), hex('two', 'sha256')]
const read = (text: string, path = 'requirements.txt') => inventoryOf(encode(text), path)
const parts = (text: string) => read(text).components.map(({ name, version, purl }) => [name, version, purl])

test('pinned lines are parts, with extras, markers, comments and lines that go on', () => {
  const inventory = read(`\uFEFF# made by pip-compile\r
Flask_Login [async] == 0.6.3 ; python_version > "3.8"  # why\r
zope.interface===6.0 \\
    --hash=sha256:${ONE} \\
    --hash=sha256:${TWO}
idna (==3.7) --hash=sha256:${ONE}
`)
  expect(inventory.components.map(({ name, purl, scope }) => [name, purl, scope])).toEqual([
    ['Flask_Login', 'pkg:pypi/flask-login@0.6.3', 'required'],
    ['idna', 'pkg:pypi/idna@3.7', 'required'],
    ['zope.interface', 'pkg:pypi/zope.interface@6.0', 'required'],
  ])
  expect(inventory.components.map(({ hashes, pins }) => [hashes, pins])).toEqual([
    [[], undefined],
    [[{ alg: 'SHA-256', hex: ONE }], undefined],
    [[], [`sha256:${ONE}`, `sha256:${TWO}`].toSorted()],
  ])
  expect(remarksOf(inventory)).toEqual(['no-integrity pkg:pypi/flask-login@0.6.3'])
})

test.each([
  'flask>=2',
  'flask',
  'flask==2.*',
  'flask==2,<3',
  'flask @ https://user:secret@example.com/flask.whl',
  'git+https://example.com/x.git',
  '-e git+https://example.com/x.git#egg=x',
  '-r ../base.in',
  '--unknown option',
])('%s pins nothing, and its line is told', (line) => {
  const { remarks, components } = read(`idna==3.7\n\n${line}\n`)
  expect(remarks.filter(({ code }) => code === 'unpinned')).toEqual([{ code: 'unpinned', about: `line 3: ${line.replace('user:secret@', '')}` }])
  expect(components).toHaveLength(1)
})

test('options that bring nothing in are no parts; another registry makes another package', () => {
  expect(parts('-r requirements-dev.txt\n-c limits.txt\n-e .\n--require-hashes\n--extra-index-url https://x.example/\nidna==3.7\n')).toEqual([
    ['idna', '3.7', 'pkg:pypi/idna@3.7'],
  ])
  expect(remarksOf(read('-r requirements-dev.txt\n-e ./lib[x]\n'))).toEqual([])
  expect(parts('--index-url https://u:p@pypi.example/simple\nidna==3.7\n')).toEqual([
    ['idna', '3.7', 'pkg:pypi/idna@3.7?repository_url=https%3A%2F%2Fpypi.example%2Fsimple'.replaceAll('%3A', ':')],
  ])
  expect(parts('-i https://pypi.org/simple\nidna==3.7\n')).toEqual([['idna', '3.7', 'pkg:pypi/idna@3.7']])
})

test('one name twice is two parts where the versions differ, and one where they do not', () => {
  expect(parts('a==1 ; sys_platform == "linux"\na==2 ; sys_platform != "linux"\na==1\n').map(([, version]) => version)).toEqual(['1', '2'])
})

test('files of a folder requirements are read as one', () => {
  expect(read('-r base.txt\nidna==3.7\n', 'api/requirements/dev.txt').remarks.map(({ code }) => code)).toEqual(['no-integrity'])
  expect(read('-r base.txt\n', 'requirements.txt').remarks.map(({ code }) => code)).toEqual(['unpinned'])
})

test('what is no digest, no text or too much is refused', () => {
  expect(refusal(encode('a==1 --hash=md5:00'), 'requirements.txt')).toBe('malformed')
  expect(refusal(encode('a==1 --hash=sha256:00'), 'requirements.txt')).toBe('integrity')
  expect(refusal(new Uint8Array([0xff]), 'requirements.txt')).toBe('malformed')
  expect(refusal(new Uint8Array((8 << 20) + 1), 'requirements.txt')).toBe('too-large')
  expect(refusal(encode('a==1 '.padEnd(9000, 'x')), 'requirements.txt')).toBe('malformed')
})
