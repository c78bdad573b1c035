import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gatePolicies } from '../../../../gates/index.ts'
import { cli, emptyFolder } from '../harness.ts'

function folderWith(text: string): string {
  const folder = emptyFolder()
  mkdirSync(join(folder, '.github'))
  writeFileSync(join(folder, '.github/release-conductor.yml'), text)
  return folder
}

test('a right config is right; keys that nothing acts on are named', async () => {
  const cwd = folderWith('version: 1\nrelease: { base: [main] }\nvendors: vendors.yaml\n')
  const { exit, out } = await cli(['config', 'check', '--json'], { cwd })
  expect(exit).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ ok: true, not_built: ['vendors'] })
  expect((await cli(['config', 'check'], { cwd })).out).toContain('nothing acts on them yet: vendors')
})

test('every error is told with line, key, expected and example', async () => {
  const cwd = folderWith('version: 1\nrelease:\n  base: main\n  brnch: x\ngates:\n  policy_ci: { lables: [] }\n')
  const { exit, out } = await cli(['config', 'check'], { cwd })
  expect(exit).toBe(2)
  expect(out).toContain('.github/release-conductor.yml:3:9: release.base: found the text "main". Expected a list. Example: base: [ main')
  expect(out).toContain('did you mean `branch`?')
})

test("a gate's own policy is checked too", async () => {
  const cwd = folderWith('version: 1\nrelease: { base: [main] }\ngates:\n  policy_ci: { lables: [] }\n')
  const { exit, out } = await cli(['config', 'check'], { cwd })
  expect([exit, out.includes('gates.policy_ci.lables')]).toEqual([2, true])
  expect(Object.keys(gatePolicies())).toContain('hardening')
})

test('no file, and a folder for a file', async () => {
  expect((await cli(['config', 'check'])).err).toContain('release-conductor init')
  expect((await cli(['config', 'check', '.'])).exit).toBe(2)
})

test('explain tells one key, all keys, and the one that was meant', async () => {
  expect((await cli(['config', 'explain', 'environments.prod.guard'])).out).toContain('Absolute limits')
  expect((await cli(['config', 'explain'])).out).toContain('release.hotfix')
  expect((await cli(['config', 'explain', 'vendors'])).out).toContain('nothing acts on it yet')
  expect((await cli(['config', 'explain', 'relase'])).err).toContain('`release`')
})
