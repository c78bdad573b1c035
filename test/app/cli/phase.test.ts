import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { Handover } from '../../../evidence/model/handover.ts'
import { cli, emptyFolder, git } from './harness.ts'

const BODY = readFileSync(new URL('../../fixtures/pull-request.md', import.meta.url), 'utf8')
const GOOD = `FROM node:24@sha256:${'a'.repeat(64)}\nUSER 65532:65532\nCMD ["node", "main.mjs"]\n`
const DECLARED = ['supply_chain', 'policy_ci.policies'].map((key) => `${key}: { reason: there is none, by: "@acme/leads" }`).join(', ')
const UNTEMPLATED = 'hardening.templates: { reason: nothing here came from a template, by: "@acme/leads" }'
const CONFIG = `version: 1\nrelease: { base: [main] }\ngates: { policy_ci: { app: 1 } }\nnot_applicable: { ${UNTEMPLATED}, ${DECLARED} }\n`
const RULES = readFileSync(new URL('../../fixtures/branch-rules.json', import.meta.url), 'utf8')
const POLICY = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: none }\nspec: { podSelector: {}, policyTypes: [Ingress] }\n'
const WORKFLOW = 'on: push\npermissions: {}\njobs: { test: { runs-on: ubuntu-24.04, steps: [{ run: npm test }] } }\n'

/** A repository with its base and a release branch on it. */
function repository(of: { readonly config?: string; readonly files?: Readonly<Record<string, string>>; readonly subject?: string } = {}): string {
  const folder = emptyFolder()
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  git(folder, 'init', '-q', '-b', 'main')
  put('.github/release-conductor.yml', of.config ?? CONFIG)
  put('.github/CODEOWNERS', '* @acme/leads\n')
  put('.github/workflows/ci.yml', WORKFLOW)
  put('deploy/network.yaml', POLICY)
  git(folder, 'add', '.')
  git(folder, 'commit', '-q', '-m', 'feat: begin')
  git(folder, 'switch', '-q', '-c', 'release/v2.0.0')
  for (const [path, text] of Object.entries(of.files ?? { Dockerfile: GOOD })) put(path, text)
  git(folder, 'add', '.')
  git(folder, 'commit', '-q', '-m', of.subject ?? 'feat: add the image')
  put('pull-request.md', BODY)
  put('rules.json', RULES)
  return folder
}

const TOLD = [
  '--phase=P0',
  '--base=main',
  '--pull-body=pull-request.md',
  '--label=type:feat',
  '--label=risk:low',
  '--trust-owners',
  '--rules=rules.json',
]

function outcomes(out: string): Record<string, string> {
  const data: { verdicts: { gate: string; verdict: string }[] } = JSON.parse(out)
  return Object.fromEntries(data.verdicts.map(({ gate, verdict }) => [gate, verdict]))
}

test('a good release passes; validate writes nothing', async () => {
  const cwd = repository()
  const { exit, out } = await cli(['validate', ...TOLD, '--json'], { cwd })
  expect(outcomes(out)).toEqual({ policy_ci: 'pass', hardening: 'pass', supply_chain: 'not_applicable' })
  expect(exit).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ signed: false, out: null })
  expect(existsSync(join(cwd, 'artifacts'))).toBe(false)
})

test('a root image and a bad commit message are a no, with what to do', async () => {
  const cwd = repository({ files: { Dockerfile: 'FROM node:24\nCMD ["node"]\n' }, subject: 'Stuff' })
  const { exit, out } = await cli(['validate', ...TOLD], { cwd })
  expect(exit).toBe(1)
  expect(out).toContain('image.user-root')
  expect(out).toContain('Dockerfile')
})

test('what nobody told is missing, not fine', async () => {
  const { exit, out } = await cli(['validate', '--phase=P0', '--base=main', '--json'], { cwd: repository() })
  expect(outcomes(out)['policy_ci']).toBe('indeterminate')
  expect(exit).toBe(3)
})

test('no image at all is indeterminate, unless the base branch declares why', async () => {
  expect(outcomes((await cli(['validate', ...TOLD, '--json'], { cwd: repository({ files: { 'a.txt': 'a' } }) })).out)['hardening']).toBe(
    'indeterminate',
  )
  const config = CONFIG.replace(DECLARED, `${DECLARED}, hardening: { reason: builds no image, by: "@acme/leads" }`)
  const { exit, out } = await cli(['validate', ...TOLD, '--json'], { cwd: repository({ config, files: { 'a.txt': 'a' } }) })
  expect(outcomes(out)).toEqual({ policy_ci: 'pass', hardening: 'not_applicable', supply_chain: 'not_applicable' })
  expect(exit).toBe(0)
})

test('run writes the reports; with --evidence also inputs and a hand-over that can be read', async () => {
  const cwd = repository()
  expect((await cli(['run', ...TOLD], { cwd })).exit).toBe(0)
  expect(existsSync(join(cwd, 'artifacts/P0/hardening/images.json'))).toBe(true)
  expect(existsSync(join(cwd, 'artifacts/P0/handover.json'))).toBe(false)
  expect((await cli(['run', ...TOLD, '--evidence', '--out=proof'], { cwd })).exit).toBe(0)
  const handover = Handover.parse(JSON.parse(readFileSync(join(cwd, 'proof/handover.json'), 'utf8')))
  expect(handover.files.length).toBeGreaterThan(2)
  expect(handover.files.filter(({ path }) => !existsSync(join(cwd, 'proof', path)))).toEqual([])
})

test('a wrong config on the base, a base that is not there, a phase that is not built, no checkout', async () => {
  const wrong = await cli(['validate', ...TOLD], { cwd: repository({ config: 'version: 1\nrelease: { bas: [main] }\n' }) })
  expect([wrong.exit, wrong.err.includes('did you mean `base`?')]).toEqual([2, true])
  expect((await cli(['validate', '--phase=P0', '--base=trunk'], { cwd: repository() })).err).toContain('The base branch trunk')
  expect((await cli(['validate', '--phase=P4'], { cwd: repository() })).err).toContain('has no agents yet')
  expect((await cli(['validate', '--phase=P9'], { cwd: repository() })).exit).toBe(2)
  expect((await cli(['validate', '--phase=P0'])).exit).toBe(2)
})

test('P1 of a repository that names no objectives is indeterminate and names the keys; declared, it holds', async () => {
  const { exit, out } = await cli(['validate', '--phase=P1', '--base=main'], { cwd: repository() })
  expect(exit).toBe(3)
  for (const words of ['`slos` of the config names none', 'not_applicable.slo']) expect(out).toContain(words)
  const declared = repository({
    config: CONFIG.replace(
      '{ hardening',
      '{ slo: { reason: runs no service, by: "@acme/leads" }, perf: { reason: runs no service, by: "@acme/leads" }, preview_budget: { reason: no previews, by: "@acme/leads" }, hardening',
    ),
  })
  const said = await cli(['validate', '--phase=P1', '--base=main', '--json'], { cwd: declared })
  expect(outcomes(said.out)).toEqual({ slo: 'not_applicable', perf: 'not_applicable', preview_budget: 'not_applicable' })
  expect(said.exit).toBe(0)
})

test('a plan is told where an agent has one, and where none has', async () => {
  const cwd = repository()
  const ruled = await cli(['run', ...TOLD, '--plan'], { cwd })
  expect([ruled.exit, ruled.out]).toEqual([0, expect.stringContaining('Nothing would change')])
  expect(ruled.out).toMatch(/template-keeper +not applicable/)
  const undeclared = await cli(['run', ...TOLD, '--plan'], { cwd: repository({ config: CONFIG.replace(`${UNTEMPLATED}, `, '') }) })
  expect([undeclared.exit, undeclared.out]).toEqual([3, expect.stringMatching(/template-keeper +blocked/)])
  const blocked = await cli(['run', '--phase=P1', '--base=main', '--plan'], { cwd })
  expect([blocked.exit, blocked.out]).toEqual([3, expect.stringContaining('Nothing was changed')])
  expect(blocked.out).toContain('names none')
})

test('rules that somebody shows are believed as shown: a list that is not among them is unseen, and a file that is none is refused', async () => {
  const cwd = repository()
  writeFileSync(join(cwd, 'part.json'), JSON.stringify({ rules: (JSON.parse(RULES) as { rules: unknown }).rules }))
  const part = await cli(['validate', ...TOLD.slice(0, -1), '--rules=part.json', '--json'], { cwd })
  expect(outcomes(part.out)['policy_ci']).toBe('indeterminate')
  expect(part.out).toContain('protection.unseen-bypass')
  for (const bad of ['pull-request.md', 'rules.txt']) {
    const { exit, err } = await cli(['validate', ...TOLD.slice(0, -1), `--rules=${bad}`], { cwd })
    expect([exit, err.includes('--rules')]).toEqual([2, true])
  }
})
