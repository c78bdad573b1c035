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

const own = (phase: string) =>
  `version: 1\nrelease: { base: [main] }\nagents:\n  - { name: a, phase: ${phase}, command: [sh, a.sh], topic: a, feeds: [policy_ci] }\n`

const told = async (phase: string): Promise<unknown> => JSON.parse((await cli(['config', 'check', '--json'], { cwd: folderWith(own(phase)) })).out)

test('an agent of your own in a phase that nothing runs is told, with what waits for it', async () => {
  expect(await told('P3')).toMatchObject({
    ok: true,
    warnings: [expect.stringMatching(/no run asks the agents of P3 yet, and policy_ci would wait/)],
  })
  expect(await told('P0')).toMatchObject({ ok: true, warnings: [] })
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
  expect((await cli(['config', 'explain'])).out).toContain('observe.log_level')
  expect((await cli(['config', 'explain', 'vendors'])).out).toContain('nothing acts on it yet')
  expect((await cli(['config', 'explain', 'relase'])).err).toContain('`release`')
})
