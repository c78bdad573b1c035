import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { firstConfig } from '../../../../app/cli/commands/init.ts'
import { parseConfig } from '../../../../evidence/config/parse.ts'
import { cli, emptyFolder, fakeApi, git } from '../harness.ts'

const CONFIG = 'version: 1\nrelease: { base: [main, "release-lines/*"] }\ntrust: { keys: [] }\n'

function repository(): string {
  const folder = emptyFolder()
  git(folder, 'init', '-q', '-b', 'main')
  git(folder, 'config', 'user.name', 'Lead')
  git(folder, 'config', 'user.email', 'lead@example.com')
  writeFileSync(join(folder, 'a.txt'), 'a\n')
  git(folder, 'add', '.')
  git(folder, 'commit', '-q', '-m', 'feat: begin')
  return folder
}

function commit(folder: string, path: string, text: string, message: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
  git(folder, 'add', '.')
  git(folder, 'commit', '-q', '-m', message)
}

/** Two versions are out, with something after each of them. */
function released(): string {
  const cwd = repository()
  commit(cwd, '.github/release-conductor.yml', CONFIG, 'chore: adopt')
  commit(cwd, 'package.json', '{ "name": "shop",  "version": "1.0.0" }\n', 'feat: a package')
  git(cwd, 'tag', 'v1.0.0')
  commit(cwd, 'b.txt', 'b\n', 'feat(api)!: drop the old one (#7)')
  git(cwd, 'tag', '-m', 'two', 'v2.0.0')
  commit(cwd, 'c.txt', 'c\n', 'fix: count again (#9)')
  return cwd
}

test('the first config is right', () => {
  expect(parseConfig(firstConfig('main')).ok).toBe(true)
})

test('cuts the branch from the base, writes a config once, and says what comes next', async () => {
  const cwd = repository()
  const { exit, out } = await cli(['init', '--version=v3.0.0'], { cwd })
  expect(exit).toBe(0)
  expect(git(cwd, 'rev-parse', 'release/v3.0.0^')).toBe(git(cwd, 'rev-parse', 'main'))
  expect(out).toContain('git show release/v3.0.0')
  expect(out).toContain('merge it into main')
  const path = join(cwd, '.github/release-conductor.yml')
  expect(parseConfig(readFileSync(path, 'utf8')).ok).toBe(true)
  writeFileSync(path, 'mine')
  expect((await cli(['init', '--version=v3.0.1'], { cwd })).exit).toBe(0)
  expect(readFileSync(path, 'utf8')).toBe('mine')
  expect((await cli(['init', '--version=v3.0.0'], { cwd })).err).toContain('is there already')
})

test.each(['', '3.0.0', 'v3', 'v3.0.0;rm', 'latest'])('--version=%s is refused', async (version) => {
  expect((await cli(['init', `--version=${version}`], { cwd: repository() })).exit).toBe(2)
})

test('a base that is not there, a base that is an option, a config that is wrong on the base', async () => {
  const cwd = repository()
  expect((await cli(['init', '--version=v3.0.0', '--base=trunk'], { cwd })).err).toContain('There is no branch trunk')
  expect((await cli(['init', '--version=v3.0.0', '--base=--exec=x'], { cwd })).exit).toBe(2)
  await cli(['init', '--version=v1.0.0'], { cwd })
  writeFileSync(join(cwd, '.github/release-conductor.yml'), 'version: 9\n')
  git(cwd, 'add', '.')
  git(cwd, 'commit', '-q', '-m', 'chore: break it')
  expect((await cli(['init', '--version=v3.0.0'], { cwd })).err).toContain('is wrong')
})

test('one commit of version, changelog, notes and run inputs; neither the work tree nor the index is touched', async () => {
  const cwd = released()
  writeFileSync(join(cwd, 'a.txt'), 'half done\n')
  git(cwd, 'add', 'a.txt')
  const before = git(cwd, 'status', '--porcelain')
  const { exit, out } = await cli(['init', '--version=v2.0.1', '--json'], { cwd })
  expect([exit, JSON.parse(out)]).toMatchObject([
    0,
    { version: 'v2.0.1', previous: 'v2.0.0', base: 'main', changes: 1, labels: ['type:fix', 'risk:low'], draft: false, config: 'present' },
  ])
  expect(git(cwd, 'status', '--porcelain')).toBe(before)
  expect(git(cwd, 'log', '--format=%s %an', 'main..release/v2.0.1')).toBe('chore(release): v2.0.1 Lead')
  expect(git(cwd, 'diff', '--name-only', 'main', 'release/v2.0.1').split('\n')).toEqual([
    'CHANGELOG.md',
    'package.json',
    'release_notes/v2.0.1.inputs.json',
    'release_notes/v2.0.1.md',
  ])
  expect(git(cwd, 'show', 'release/v2.0.1:package.json')).toBe('{ "name": "shop",  "version": "2.0.1" }')
  expect(git(cwd, 'show', 'release/v2.0.1:CHANGELOG.md')).toBe('# Changelog\n\n## v2.0.1 - 2026-11-22\n\n### Fixes\n\n- count again (#9)')
})

test.each([
  ['v2.0.0', 'v2.0.0 is out already. Ask for a later one, such as v2.0.1.'],
  ['v2.1.0-rc.1', 'v2.1.0-rc.1 is a candidate of v2.1.0'],
  ['v1.0.1', 'v1.0.1 is too low: 1 breaking change'],
  ['v1.1.0', 'v1.1.0 is too low: 1 breaking change'],
])('%s is refused, and nothing is cut', async (version, said) => {
  const cwd = released()
  git(cwd, 'branch', 'release-lines/1.x', 'v2.0.0')
  const { exit, err } = await cli(['init', `--version=${version}`], { cwd })
  expect([exit, err.replaceAll('\n', ' ')]).toEqual([2, expect.stringContaining(said)])
  expect(git(cwd, 'branch', '--list', 'release/*')).toBe('')
})

test('without a version it says which one the changes ask for', async () => {
  const { exit, err } = await cli(['init'], { cwd: released() })
  expect([exit, err]).toEqual([2, expect.stringContaining('Which version? 1 change since v2.0.0 asks for v2.0.1 at the least.')])
  expect((await cli(['init'], { cwd: repository() })).err).toContain('Which version?\n')
})

test('a hotfix of an older version gets its line from the tag, and its branch from the line', async () => {
  const cwd = released()
  const { exit, out } = await cli(['init', '--version=v1.0.1', '--json'], { cwd })
  expect([exit, JSON.parse(out)]).toMatchObject([0, { base: 'release-lines/1.0', previous: 'v1.0.0', draft: true, changes: 0 }])
  expect(JSON.parse(out)).toMatchObject({ labels: ['type:ops', 'risk:low', 'hotfix'] })
  expect(git(cwd, 'rev-parse', 'release-lines/1.0', 'release/v1.0.1^')).toBe(git(cwd, 'rev-parse', 'v1.0.0', 'v1.0.0'))
  expect((await cli(['init', '--version=v1.1.0'], { cwd })).err).toContain('Make the branch, e.g. release-lines/1.1')
})

test('--open pushes the branches and opens the pull request as the user, with its text and labels', async () => {
  const cwd = released()
  const origin = emptyFolder()
  git(origin, 'init', '-q', '--bare')
  git(cwd, 'remote', 'add', 'origin', origin)
  const api = await fakeApi({
    'POST /repos/acme/shop/pulls': { status: 201, body: { number: 5, html_url: 'https://github.example/acme/shop/pull/5' } },
    'POST /repos/acme/shop/issues/5/labels': { body: [] },
  })
  const { exit, out } = await cli(['init', '--version=v1.0.1', '--open', '--repo=acme/shop'], {
    cwd,
    env: { GITHUB_TOKEN: 'x', GITHUB_API_URL: api.url },
  })
  expect([exit, out.includes('pull/5')]).toEqual([0, true])
  expect(git(origin, 'rev-parse', 'release/v1.0.1^', 'release-lines/1.0')).toBe(git(cwd, 'rev-parse', 'v1.0.0', 'v1.0.0'))
  expect(api.asked[0]?.body).toMatchObject({ head: 'release/v1.0.1', base: 'release-lines/1.0', draft: true, title: 'chore(release): v1.0.1' })
  expect(api.asked[0]?.body).toMatchObject({ body: expect.stringContaining('## Canary plan') })
  expect(api.asked[1]?.body).toEqual({ labels: ['type:ops', 'risk:low', 'hotfix'] })
  await api.close()
})
