import { chmodSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cutLocally, planLocally, tagsOf } from '../../../app/cli/cut.ts'
import type { Plan } from '../../../app/planning/plan.ts'
import { emptyFolder, git } from './harness.ts'

async function planned(top: string): Promise<Plan> {
  const start = git(top, 'rev-parse', 'HEAD')
  const base = { branch: 'main', line: null, exists: true }
  return planLocally(top, { version: 'v1.0.0', tags: await tagsOf(top), base, start, config: null, owner: null, day: '2026-11-26' })
}

function repository(): string {
  const top = emptyFolder()
  git(top, 'init', '-q', '-b', 'main')
  git(top, 'config', 'user.name', 'Lead')
  git(top, 'config', 'user.email', 'lead@example.com')
  writeFileSync(join(top, 'VERSION'), '0.9.0')
  chmodSync(join(top, 'VERSION'), 0o755)
  writeFileSync(join(top, 'package.json'), Buffer.from([0xff, 0xfe]))
  git(top, 'add', '.')
  git(top, 'commit', '-q', '-m', 'feat: begin\n\nWith \u001e and \u001f in its words.')
  return top
}

test('a file keeps its mode and its missing line end; what is no text is left alone', async () => {
  const top = repository()
  const plan = await planned(top)
  expect([plan.changes, plan.files.map(({ path }) => path)]).toEqual([
    1,
    ['VERSION', 'CHANGELOG.md', 'release_notes/v1.0.0.md', 'release_notes/v1.0.0.inputs.json'],
  ])
  const commit = await cutLocally(top, plan)
  expect(git(top, 'rev-parse', 'release/v1.0.0')).toBe(commit)
  expect(git(top, 'ls-tree', '-l', commit, 'VERSION').replaceAll(/\s+/g, ' ')).toMatch(/^100755 blob [0-9a-f]{40} 5 VERSION$/)
})

test('what is a link is not written over, and nothing is planned', async () => {
  const top = repository()
  symlinkSync('docs/changes.md', join(top, 'CHANGELOG.md'))
  git(top, 'add', '.')
  git(top, 'commit', '-q', '-m', 'docs: elsewhere')
  await expect(planned(top)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('CHANGELOG.md is a symbolic link'),
    next: 'Make it a file.',
  })
})

test('without a name nothing is cut, and Git says why', async () => {
  const top = repository()
  const plan = await planned(top)
  git(top, 'config', 'user.useConfigOnly', 'true')
  git(top, 'config', 'user.email', '')
  git(top, 'config', 'user.name', '')
  await expect(cutLocally(top, plan)).rejects.toMatchObject({ code: 'config', next: expect.stringContaining('git config user.name') })
  expect(git(top, 'branch', '--list', 'release/*')).toBe('')
})
