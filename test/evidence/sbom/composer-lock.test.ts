import { expect, test } from 'vitest'
import { edgesOf, encode, hex, inventoryOf, refusal, remarksOf, scopesOf } from './locks.ts'

const COMMIT = 'c'.repeat(40)
const PUBLIC = { 'notification-url': 'https://packagist.org/downloads/' }
const LOCK = {
  packages: [
    {
      name: 'Acme/Web',
      version: 'v1.0.0',
      ...PUBLIC,
      license: ['MIT', 'Apache-2.0'],
      require: { php: '^8', 'ext-json': '*', 'acme/log': '^2' },
      source: { type: 'git', url: 'https://example.com/w.git', reference: COMMIT },
      dist: { type: 'zip', url: 'https://example.com/w.zip', shasum: '' },
    },
    { name: 'acme/log', version: '2.0.0', ...PUBLIC, dist: { type: 'zip', url: 'https://x/y.zip', shasum: hex('log', 'sha1') } },
    { name: 'acme/own', version: 'dev-main', dist: { type: 'path', url: '../own', reference: COMMIT } },
  ],
  'packages-dev': [{ name: 'acme/test', version: '3.0.0', dist: { type: 'zip', url: 'https://u:p@repo.example/t.zip' } }],
}
const refused = (value: unknown) => refusal(encode(value), 'composer.lock')

test('packages with licences, scopes and what pins them', () => {
  const inventory = inventoryOf(encode(`\uFEFF${JSON.stringify(LOCK)}`), 'composer.lock')
  expect(inventory.components.map(({ purl, licence, pins, local }) => [purl, licence, pins, local])).toEqual([
    ['pkg:composer/acme/log@2.0.0', null, undefined, false],
    ['pkg:composer/acme/own@dev-main', null, undefined, true],
    ['pkg:composer/acme/test@3.0.0?download_url=https:%2F%2Frepo.example%2Ft.zip', null, undefined, false],
    ['pkg:composer/acme/web@v1.0.0', 'MIT OR Apache-2.0', [`git:${COMMIT}`], false],
  ])
  expect(scopesOf(inventory)).toMatchObject({ 'Acme/Web@v1.0.0': 'required', 'acme/test@3.0.0': 'dev' })
  expect(edgesOf(inventory)).toContain('Acme/Web@v1.0.0 -required-> acme/log@2.0.0')
  expect(remarksOf(inventory).map((remark) => remark.split('?')[0])).toEqual([
    'no-integrity pkg:composer/acme/test@3.0.0',
    'weak-integrity pkg:composer/acme/log@2.0.0',
  ])
})

test.each([
  ['{', 'malformed'],
  [[], 'malformed'],
  [{}, 'malformed'],
  [{ packages: 1 }, 'malformed'],
  [{ packages: [1] }, 'malformed'],
  [{ packages: [{ name: 'a/../b', version: '1' }] }, 'malformed'],
  [{ packages: [{ name: 'a/b' }] }, 'malformed'],
  [{ packages: [{ name: 'a/b', version: '1' }], 'packages-dev': [{ name: 'A/b', version: '2' }] }, 'malformed'],
  [{ packages: [{ name: 'a/b', version: '1', dist: { shasum: '00' } }] }, 'integrity'],
])('%j is refused', (value, code) => {
  expect(refused(value)).toBe(code)
})

test('too many bytes are refused', () => {
  expect(refusal(new Uint8Array((8 << 20) + 1), 'composer.lock')).toBe('too-large')
})
