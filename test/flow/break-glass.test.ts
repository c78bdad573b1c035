import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRelease, type Release } from './release.ts'
import { setStage, type Stage } from './stage.ts'

let stage: Stage
let release: Release
let body: string

beforeAll(async () => {
  stage = await setStage({
    bake: '4s',
    deadline: '60s',
    configure: (config) => config.setIn(['people', 'approvers', 'break_glass', 'teams'], ['@acme/release-approvers']),
  })
  const { github, shop } = stage
  github.addUser({ login: 'second' })
  github.repository(shop.fullName).collaborators.set('second', 'maintain')
  github.addOrganization({ login: 'acme', members: ['second'] })
  for (const team of github.world.teams) if (team.slug === 'release-approvers') team.members.add('second')
  release = await openRelease(stage)
  body = github.repository(shop.fullName).issues.get(release.pull)?.body ?? ''
  await release.until('every required check is green', () => release.checks['all_required_gates'] === 'success')
})

afterAll(async () => {
  await stage[Symbol.asyncDispose]()
})

/** The gate `policy_ci` reads what the pull request says. */
async function say(words: string): Promise<void> {
  await stage.github.as('dev').request('PATCH', `/repos/${stage.shop.fullName}/pulls/${release.pull}`, { body: words })
}

const merge = () =>
  stage.github.as('dev').request('PUT', `/repos/${stage.shop.fullName}/pulls/${release.pull}/merge`, {
    merge_method: 'merge',
    sha: stage.shop.history.release.sha,
  })

const records = () => [...release.repository.issues.values()].filter(({ labels }) => labels.includes('break-glass'))

test('a red gate keeps the release from being merged, and one person does not change that', async () => {
  await say('It is urgent.')
  await release.until('the gate is red', () => release.checks['all_required_gates'] === 'failure')
  const said = await stage.github.as('approver').comment(stage.shop.fullName, release.pull, '/break-glass the shop is down, this is the fix')
  await release.until('it is heard', () => release.reactions(said.id).includes('rocket'))
  await release.until('the status says so', () => release.status.includes('1 of 2'))
  expect((await merge()).status).toBe(405)
})

test('two people break the glass: the check is neutral, GitHub lets it be merged, and the canary ships it', async () => {
  await stage.github.as('second').comment(stage.shop.fullName, release.pull, '/break-glass this is the fix')
  await release.until('the check is neutral', () => release.checks['all_required_gates'] === 'neutral')
  expect(release.checks['policy_ci']).toBe('failure')
  await release.until('the status says so', () => release.status.includes('**The glass is broken**'))
  expect(records()).toMatchObject([{ state: 'open' }])
  await release.until('merged', async () => (await merge()).status === 200)
  await release.approve(await release.until('a line to paste', () => release.line))
  await release.until('it is shipped', () => release.state === 'shipped by break-glass')
  expect(release.ramp).toEqual([0, 10, 50, 100])
  await release.until('it is published', () => release.repository.releases.some(({ draft, body }) => !draft && body?.includes('without the proof')))
  expect(records()).toMatchObject([{ state: 'open' }])
})

test('the gates go on: once they hold, the App closes the record, and it is a release like any other', async () => {
  await say(body)
  await release.until('it is released', () => release.state === 'released')
  await release.until('the record is closed', () => records().every(({ state }) => state === 'closed'))
  const record = [...release.repository.comments.values()].find(({ issue }) => issue === records()[0]?.number)
  expect(record?.body).toContain('every required gate holds')
  expect(release.incidents).toEqual([])
  stage.github.assertClean()
})
