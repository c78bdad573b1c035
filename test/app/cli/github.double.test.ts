/** The verbs that speak to GitHub, against the double of it: each question and answer fits GitHub's own contract. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRelease, REPO, stage, type Stage } from '../../double/stage.ts'
import { EXIT } from '../../../app/cli/verb.ts'
import { cli, type Ran } from './harness.ts'

const PLAN = '0123456789abcdef0123456789abcdef'
let on: Stage
let release: { readonly number: number; readonly head: string }

beforeAll(async () => {
  on = await stage()
  release = await openRelease(on)
})
afterAll(async () => {
  on.github.assertClean()
  await on[Symbol.asyncDispose]()
})

function as(login: string, ...args: readonly string[]): Promise<Ran> {
  return cli([...args, `--repo=${REPO}`, '--json'], { env: { GITHUB_TOKEN: on.github.tokenOf(login), GITHUB_API_URL: on.github.apiUrl } })
}

async function comments(): Promise<readonly (readonly [string, string])[]> {
  const { data } = await on.github.as('dev').request('GET', `/repos/${REPO}/issues/${release.number}/comments`)
  return (data as { body: string; user: { login: string } }[]).map(({ body, user }) => [user.login, body])
}

test('status tells each gate of the App, and holds only when all of them do', async () => {
  const nothing = await as('dev', 'status')
  expect([nothing.exit, JSON.parse(nothing.out)]).toMatchObject([EXIT.indeterminate, { pull: release.number, checks: [] }])
  const app = await on.token()
  const check = async (gate: string, conclusion: string): Promise<unknown> =>
    on.call(app, 'POST', `/repos/${REPO}/check-runs`, {
      name: `release-conductor/${gate} (main)`,
      head_sha: release.head,
      conclusion,
      output: { title: 'n=1', summary: 's' },
    })
  await check('policy_ci', 'success')
  expect((await as('dev', 'status', `--pull=${release.number}`)).exit).toBe(EXIT.ok)
  await check('hardening', 'failure')
  const red = await as('dev', 'status')
  expect([red.exit, JSON.parse(red.out)]).toMatchObject([EXIT.no, { checks: [{ conclusion: 'failure' }, { conclusion: 'success' }] }])
})

test('promote and rollback speak as the person, on the release pull request', async () => {
  expect((await as('boss', 'promote', `--plan=${PLAN}`)).exit).toBe(EXIT.ok)
  expect((await as('boss', 'promote', '--canary=10', `--plan=${PLAN}`)).exit).toBe(EXIT.ok)
  const back = await as('boss', 'rollback', '--reason=slo_breach', `--pull=${release.number}`)
  expect([back.exit, JSON.parse(back.out)]).toMatchObject([EXIT.ok, { pull: release.number, body: '/rollback slo_breach' }])
  expect(await comments()).toEqual([
    ['boss', `/promote plan:${PLAN}`],
    ['boss', `/promote 10 plan:${PLAN}`],
    ['boss', '/rollback slo_breach'],
  ])
})

test('a token that is wrong, and a repository that is not there', async () => {
  const env = { GITHUB_TOKEN: 'ghp_nobody', GITHUB_API_URL: on.github.apiUrl }
  expect((await cli(['status', `--repo=${REPO}`], { env })).exit).toBe(EXIT.unauthorised)
  expect((await cli(['status', '--repo=acme/other'], { env: { ...env, GITHUB_TOKEN: on.github.tokenOf('dev') } })).exit).toBe(EXIT.usage)
})

test('doctor asks GitHub whether the check is really required, and an admin lets it be', async () => {
  const app = String(on.github.app.id)
  const states = async (login: string, ...args: readonly string[]) => {
    const { exit, out } = await as(login, 'doctor', `--app=${app}`, ...args)
    const { findings }: { findings: { what: string; state: string }[] } = JSON.parse(out)
    return { exit, of: Object.fromEntries(findings.map(({ what, state }) => [what, state])) }
  }
  on.github.addUser({ login: 'chief' })
  on.github.repository(REPO).collaborators.set('chief', 'admin')
  on.github.repository(REPO).rulesets.length = 0
  on.github.protectEnvironment(REPO, 'prod')
  const before = await states('chief', '--github')
  expect([before.exit, before.of]).toMatchObject([
    EXIT.usage,
    { 'required check': 'wrong', bypass: 'wrong', 'direct pushes': 'wrong', 'merge methods': 'warning', 'merged while red': 'not looked at' },
  ])
  expect((await as('dev', 'doctor', `--app=${app}`, '--apply')).exit).not.toBe(EXIT.ok)
  expect(on.github.repository(REPO).rulesets).toEqual([])
  const after = await states('chief', '--apply')
  expect(after.of).toMatchObject({ ruleset: 'ok', 'required check': 'ok', bypass: 'ok', 'direct pushes': 'ok', 'merge methods': 'ok' })
  await states('chief', '--apply')
  expect(on.github.repository(REPO).rulesets.map(({ name }) => name)).toEqual(['release-conductor (main)'])
  expect((await states('dev', '--github')).of).toMatchObject({
    'required check': 'ok',
    bypass: 'indeterminate',
    'immutable releases': 'indeterminate',
    'deployment protection': 'ok',
  })
})
