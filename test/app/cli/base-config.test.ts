import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cli, emptyFolder, git } from './harness.ts'

test('the config is that of the base branch, whatever lies in the checkout', async () => {
  const cwd = emptyFolder()
  git(cwd, 'init', '-q', '-b', 'main')
  git(cwd, 'config', 'user.name', 'Lead')
  git(cwd, 'config', 'user.email', 'lead@example.com')
  mkdirSync(join(cwd, '.github'))
  writeFileSync(
    join(cwd, '.github/release-conductor.yml'),
    'version: 1\nrelease: { base: [main] }\nnot_applicable: { hardening: { reason: no image, by: "@a" } }\n',
  )
  git(cwd, 'add', '.')
  git(cwd, 'commit', '-q', '-m', 'feat: begin')
  writeFileSync(join(cwd, '.github/release-conductor.yml'), 'version: 2\n')
  const { out } = await cli(['validate', '--phase=P0', '--base=main', '--json'], { cwd })
  expect((JSON.parse(out) as { verdicts: { gate: string; verdict: string }[] }).verdicts).toEqual(
    expect.arrayContaining([expect.objectContaining({ gate: 'hardening', verdict: 'not_applicable' })]),
  )
  expect((await cli(['validate', '--phase=P0', '--base=nowhere'], { cwd })).err).toContain('nowhere is not in this checkout')
})
