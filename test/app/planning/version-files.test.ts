import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { withNewVersion } from '../../../app/planning/version-files.ts'

test.each([
  ['package.json', '{\n\t"name": "x", "version" : "1.0.0",\r\n"a": ["version"] }', '{\n\t"name": "x", "version" : "2.1.0",\r\n"a": ["version"] }'],
  ['package.json', '{"x":{"version":"9.9.9"},"version":"1.0.0"}', '{"x":{"version":"9.9.9"},"version":"2.1.0"}'],
  ['package.json', '{"version":"v1.0.0"}', '{"version":"v2.1.0"}'],
  ['a/package.json', '{"a":"\\"version\\": \\"0.0.1\\"","version":""}', '{"a":"\\"version\\": \\"0.0.1\\"","version":"2.1.0"}'],
  [
    'package-lock.json',
    '{"version":"1.0.0","packages":{"":{"version":"1.0.0","x":{}},"node_modules/a":{"version":"1.0.0"}}}',
    '{"version":"2.1.0","packages":{"":{"version":"2.1.0","x":{}},"node_modules/a":{"version":"1.0.0"}}}',
  ],
  [
    'Cargo.toml',
    '[package]\nname = "x"\nversion = "1.0.0" # ours\n[dependencies]\nversion = "1"\n[dependencies.y]\nversion = "1"\n',
    '[package]\nname = "x"\nversion = "2.1.0" # ours\n[dependencies]\nversion = "1"\n[dependencies.y]\nversion = "1"\n',
  ],
  [
    'pyproject.toml',
    "[build-system]\nversion='1'\n[project]\r\nversion='1.0.0'\r\n",
    "[build-system]\nversion='1'\n[project]\r\nversion='2.1.0'\r\n",
  ],
  ['Chart.yaml', 'apiVersion: v2\nversion: 1.0.0\nappVersion: "v1.0.0"\n', 'apiVersion: v2\nversion: 2.1.0\nappVersion: "v2.1.0"\n'],
  ['VERSION', '1.0.0-beta.1\n', '2.1.0\n'],
  ['version.txt', 'v1.0.0', 'v2.1.0'],
])('%s: %j', (path, before, after) => {
  expect(withNewVersion(path, before, 'v2.1.0')).toBe(after)
})

test.each([
  ['package.json', '{"private":true}'],
  ['package.json', '{"a":{"version":"1.0.0"}}'],
  ['package.json', '{"version":"1.0.0",}'],
  ['package.json', '[{"version":"1.0.0"}]'],
  ['pyproject.toml', '[project]\ndynamic = ["version"]\n'],
  ['Chart.yaml', 'dependencies:\n  - version: 1.0.0\n'],
  ['VERSION', 'one\n'],
])('%s says none where it would be looked for: %j', (path, text) => {
  expect(withNewVersion(path, text, 'v2.1.0')).toBeNull()
})

test('of any JSON nothing moves but the version', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), fc.integer({ min: 0, max: 4 }), (value, indent) => {
      const text = JSON.stringify({ ...value, version: '0.0.1' }, null, indent)
      expect(JSON.parse(withNewVersion('package.json', text, 'v2.1.0') ?? 'null')).toEqual({ ...JSON.parse(text), version: '2.1.0' })
    }),
  )
})
