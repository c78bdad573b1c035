import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { layOut, scriptOf } from '../../../../agents/collect/load/script.ts'
import { contextOf, release } from '../workspace.ts'

const WRITTEN = { baseline: 'load/last.json', trend: 'load/trend.json' }
const FILES = { 'load/release.js': 'one', 'load/data/users.json': '[]', 'load/last.json': '{}', 'load/trend.json': '{}', 'src/secret.js': 'x' }

async function script(before: Record<string, string>, path = 'load/release.js', head: Record<string, string> = {}) {
  using repo = release(head, undefined, before)
  return await scriptOf(contextOf({ workspace: repo.path, sha: repo.head }), repo.base, path, WRITTEN)
}

const found = (of: Awaited<ReturnType<typeof script>>) => {
  if ('blocked' in of) throw new Error(of.blocked.why)
  return of
}

test('the script is that of the base branch, with what lies in its folder, and nothing else', async () => {
  const given = found(await script(FILES, 'load/release.js', { 'load/release.js': 'softer', 'load/more.js': 'x' }))
  expect(given.files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString('utf8')])).toEqual([
    ['load/data/users.json', '[]'],
    ['load/release.js', 'one'],
  ])
  const folder = mkdtempSync(join(tmpdir(), 'script-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  await layOut(given, folder)
  expect(readFileSync(join(folder, 'load/data/users.json'), 'utf8')).toBe('[]')
  expect(existsSync(join(folder, 'src'))).toBe(false)
})

const digest = async (over: Record<string, string>) => found(await script({ ...FILES, ...over })).sha256

test('the digest is of all that a run can read, and not of what releases write there', async () => {
  const same = await digest({})
  expect(await digest({ 'load/last.json': '{"more":1}', 'load/trend.json': '[]', 'src/secret.js': 'y' })).toBe(same)
  expect(await digest({ 'load/release.js': 'two' })).not.toBe(same)
  expect(await digest({ 'load/data/users.json': '[1]' })).not.toBe(same)
  expect(await digest({ 'load/lib.js': '' })).not.toBe(same)
})

test.each([
  ['none', {}],
  ['a link', { 'load/release.js': '->../src/secret.js' }],
])('what is no regular file of the base branch is told: %s', async (_what, before) => {
  expect(await script(before, 'load/release.js', { 'load/release.js': 'new' })).toMatchObject({
    blocked: { why: expect.stringContaining('load/release.js'), next: expect.stringContaining('gates.perf.script') },
  })
})

test('a folder of everything is refused', async () => {
  const many = Object.fromEntries(Array.from({ length: 501 }, (_, at) => [`load/${at}.js`, '']))
  await expect(script({ ...many, 'load/release.js': 'x' })).rejects.toMatchObject({ code: 'too-large' })
})
