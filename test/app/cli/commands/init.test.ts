import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { firstConfig } from '../../../../app/cli/commands/init.ts'
import { parseConfig } from '../../../../evidence/config/parse.ts'
import { cli, emptyFolder, fakeApi, git } from '../harness.ts'

function repository(): string {
  const folder = emptyFolder()
  git(folder, 'init', '-q', '-b', 'main')
  writeFileSync(join(folder, 'a.txt'), 'a\n')
  git(folder, 'add', '.')
  git(folder, 'commit', '-q', '-m', 'feat: begin')
  return folder
}

test('the first config is right', () => {
  expect(parseConfig(firstConfig('main')).ok).toBe(true)
})

test('cuts the branch from the base, writes a config once, and says what comes next', async () => {
  const cwd = repository()
  const { exit, out } = await cli(['init', '--version=v3.0.0'], { cwd })
  expect(exit).toBe(0)
  expect(git(cwd, 'rev-parse', 'release/v3.0.0')).toBe(git(cwd, 'rev-parse', 'main'))
  expect(out).toContain('git switch release/v3.0.0')
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

test('--open pushes the branch and opens the pull request as the user', async () => {
  const cwd = repository()
  const origin = emptyFolder()
  git(origin, 'init', '-q', '--bare')
  git(cwd, 'remote', 'add', 'origin', origin)
  const api = await fakeApi({
    'POST /repos/acme/shop/pulls': { status: 201, body: { number: 5, html_url: 'https://github.example/acme/shop/pull/5' } },
  })
  const { exit, out } = await cli(['init', '--version=v3.0.0', '--open', '--repo=acme/shop'], {
    cwd,
    env: { GITHUB_TOKEN: 'x', GITHUB_API_URL: api.url },
  })
  expect([exit, out.includes('pull/5')]).toEqual([0, true])
  expect(git(origin, 'rev-parse', 'release/v3.0.0')).toBe(git(cwd, 'rev-parse', 'main'))
  expect(api.asked[0]?.body).toMatchObject({ head: 'release/v3.0.0', base: 'main' })
  await api.close()
})
