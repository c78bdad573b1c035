import { expect, test } from 'vitest'
import { asks, unlockedManifests, unsupportedLocks } from '../../../agents/collect/unlocked.ts'

test('kinds that are not read, wherever they lie but in vendored code; go.sum alone', () => {
  expect(unsupportedLocks(['a/pom.xml', 'mix.lock', 'vendor/x/pom.xml', 'go.mod', 'go.sum', 'b/go.sum', 'package-lock.json', 'constructor'])).toEqual(
    ['a/pom.xml', 'mix.lock', 'b/go.sum'],
  )
})

test('a manifest is locked by a lock file of its kind beside it or above', () => {
  expect(unlockedManifests(['package.json', 'yarn.lock', 'web/a/package.json', 'api/Gemfile', 'Cargo.toml', 'node_modules/x/package.json'])).toEqual([
    'api/Gemfile',
    'Cargo.toml',
  ])
  expect(unlockedManifests(['web/package.json', 'api/yarn.lock'])).toEqual(['web/package.json'])
  expect(unlockedManifests(['api/pyproject.toml', 'api/requirements/base.txt', 'old/setup.py', 'requirements-dev.txt'])).toEqual([])
  expect(unlockedManifests(['setup.py', 'dev-requirements.txt'])).toEqual(['setup.py'])
})

test.each([
  ['package.json', '{"dependencies":{"a":"1"}}', '{"dependencies":{},"scripts":{}}'],
  ['composer.json', '{"require":{"php":"^8","acme/a":"1"}}', '{"require":{"php":"^8","ext-json":"*"}}'],
  ['pyproject.toml', '[project]\ndependencies = [\n "a" ]', '[project]\ndependencies = [ ]'],
  ['pyproject.toml', '[tool.poetry.group.dev.dependencies]\na = "1"', '[tool.ruff]'],
  ['setup.py', 'setup(install_requires=["a"])', 'setup()'],
  ['Pipfile', '[packages]\na = "*"', '[requires]'],
  ['Cargo.toml', '[dependencies]\na = "1"', '[package]\nname = "a"'],
  ['Cargo.toml', '[target.x.dev-dependencies.a]\nversion = "1"', '[workspace]'],
  ['Gemfile', 'source "x"\n  gem "a"', 'source "x"'],
  ['mix.exs', 'defp deps, do: [{:a, "~> 1.0"}]', 'defp deps, do: []'],
  ['build.gradle.kts', 'dependencies { implementation("a:b:1") }', 'plugins { java }'],
  ['Shop.csproj', '<PackageReference Include="a"/>', '<Project/>'],
  ['pubspec.yaml', 'dependencies:\n  a: 1', 'name: a'],
  ['Package.swift', '.package(url: "x")', 'let a = 1'],
])('%s asks for packages, or not', (path, asking, silent) => {
  expect([asks(path, asking), asks(path, silent)]).toEqual([true, false])
})

test('what cannot be understood asks; what is no manifest does not', () => {
  expect([asks('package.json', '{'), asks('package.json', '[]'), asks('package.json', '7'), asks('package.json', '{"dependencies":1}')]).toEqual([
    true,
    false,
    true,
    true,
  ])
  expect(asks('a.txt', 'x')).toBe(false)
})
