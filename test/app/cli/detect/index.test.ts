import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseConfig } from '../../../../evidence/config/parse.ts'
import { gatePolicies } from '../../../../gates/index.ts'
import { cli, emptyFolder, git } from '../harness.ts'

function repository(owners = '* @acme/leads\n'): string {
  const cwd = emptyFolder()
  git(cwd, 'init', '-q', '-b', 'main')
  git(cwd, 'config', 'user.name', 'Lead')
  git(cwd, 'config', 'user.email', 'lead@example.com')
  writeFileSync(join(cwd, 'Dockerfile'), 'FROM node\n')
  if (owners !== '') writeFileSync(join(cwd, 'CODEOWNERS'), owners)
  git(cwd, 'add', '.')
  git(cwd, 'commit', '-q', '-m', 'feat: begin')
  return cwd
}

const PATH = '.github/release-conductor.yml'

test('a repository with a Dockerfile alone: a config, then findings, and no hollow pass', async () => {
  const cwd = repository()
  const { exit, out } = await cli(['init', '--detect', '--base=main'], { cwd })
  expect([exit, out.includes('images for hardening (1)'), out.includes('by @acme/leads')]).toEqual([0, true, true])
  expect(parseConfig(readFileSync(join(cwd, PATH), 'utf8'), gatePolicies()).ok).toBe(true)
  const run = await cli(['validate', '--phase=P0', '--base=main', `--config=${PATH}`, '--json'], { cwd })
  expect(run.exit).toBe(1)
  const verdicts = (JSON.parse(run.out) as { verdicts: { gate: string; verdict: string }[] }).verdicts
  expect(verdicts.find(({ gate }) => gate === 'hardening')?.verdict).toBe('fail')
  expect(verdicts.filter(({ verdict }) => verdict === 'pass')).toEqual([])
})

test('a config that is there is never written over', async () => {
  const cwd = repository()
  await cli(['init', '--detect', '--base=main'], { cwd })
  writeFileSync(join(cwd, PATH), 'mine')
  expect((await cli(['init', '--detect', '--base=main'], { cwd })).exit).toBe(2)
  expect(readFileSync(join(cwd, PATH), 'utf8')).toBe('mine')
})

test('somebody must answer for what is declared absent', async () => {
  const cwd = repository('')
  expect((await cli(['init', '--detect', '--base=main'], { cwd })).err).toContain('--by=')
  expect((await cli(['init', '--detect', '--base=main', '--by=nobody'], { cwd })).exit).toBe(2)
  expect((await cli(['init', '--detect', '--base=main', '--by=@acme/ops'], { cwd })).out).toContain('by @acme/ops')
})

test('a config that --config names and that is wrong is told', async () => {
  const cwd = repository()
  writeFileSync(join(cwd, 'mine.yml'), 'version: 2\n')
  const { err, exit } = await cli(['validate', '--phase=P0', '--base=main', '--config=mine.yml'], { cwd })
  expect([exit, err.includes('that --config names is wrong')]).toEqual([2, true])
})
