import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRelease, type Release } from './release.ts'
import { setStage, type Stage } from './stage.ts'

const run = promisify(execFile)

let stage: Stage
let release: Release
let line: string

beforeAll(async () => {
  stage = await setStage({ bake: '20s', deadline: '60s' })
  const { github, shop } = stage
  github.addUser({ login: 'stranger' })
  github.addUser({ login: 'robot', type: 'Bot' })
  github.repository(shop.fullName).collaborators.set('robot', 'maintain')
  github.addOrganization({ login: 'acme', members: ['robot'] })
  for (const team of github.world.teams) if (team.slug === 'release-approvers') for (const login of ['robot', 'dev']) team.members.add(login)
  release = await openRelease(stage)
  line = await release.merged()
})

afterAll(async () => {
  await stage[Symbol.asyncDispose]()
})

async function say(login: string, body: string): Promise<number> {
  const comment = await stage.github.as(login).comment(stage.shop.fullName, release.pull, body)
  return comment.id
}

/** What the status comment answers to the newest command, once this comment has its reaction. */
async function answerTo(comment: number, reaction: 'confused' | 'rocket'): Promise<string> {
  await release.until(`${reaction} on comment ${comment}`, () => release.reactions(comment).includes(reaction))
  return release.status
}

function nothingMoved(): void {
  expect(release.ramp).toEqual([0])
  expect(release.repository.deployments).toEqual([])
}

async function feature(branch: string): Promise<string> {
  const { history, fullName } = stage.shop
  const git = async (...args: readonly string[]): Promise<string> =>
    (await run('git', ['-C', history.workDir, '-c', 'user.name=dev', '-c', 'user.email=dev@example.com', ...args])).stdout.trim()
  await git('checkout', '--quiet', '-b', branch, 'main')
  await writeFile(join(history.workDir, 'docs/words.md'), '# Words\n')
  await git('add', 'docs/words.md')
  await git('commit', '--quiet', '--message', 'docs: say what the words mean')
  await stage.github.as('dev').push(fullName, { dir: history.workDir, ref: branch })
  return git('rev-parse', 'HEAD')
}

test('an ordinary pull request is told that it releases nothing, can be merged into the same base, and moves nothing', async () => {
  const { github, shop } = stage
  const head = await feature('feature/words')
  const dev = github.as('dev')
  const before = release.status
  const pull = await dev.openPull(shop.fullName, { head: 'feature/words', base: 'main', title: 'docs: words', body: '' })
  const merge = () => dev.request('PUT', `/repos/${shop.fullName}/pulls/${pull.number}/merge`, { merge_method: 'merge' })
  await release.until('the ordinary pull request is merged', async () => (await merge()).status === 200)
  const checks = release.ourChecks.filter((one) => one.headSha === head)
  expect(checks.map(({ name, conclusion }) => [name, conclusion])).toEqual([['release-conductor/all_required_gates (main)', 'success']])
  expect(checks[0]?.output?.title).toMatch(/^not applicable: this pull request releases nothing, declared by [0-9a-f]{12}$/)
  expect(release.status).toBe(before)
  nothingMoved()
})

const REFUSED: readonly (readonly [what: string, login: string, body: (line: string) => string, answer: string])[] = [
  ['without a plan', 'approver', () => '/promote', 'the plan id is missing'],
  ['with a stale plan', 'approver', () => `/promote 100 plan:${'ab'.repeat(16)}`, 'is not the present one'],
  ['misspelt', 'approver', (right) => right.replace('/promote', '/promte'), 'Did you mean `/promote`'],
  ['unknown', 'approver', () => '/launch', 'There is no command `/launch`'],
  ['by a stranger', 'stranger', (right) => right, '(`command.no-write`)'],
  ['by the author', 'dev', (right) => right, '(`command.is-author`)'],
  ['by a bot account', 'robot', (right) => right, '(`command.not-a-person`)'],
  ['two in one comment', 'approver', (right) => `${right}\n/rollback but not really`, 'One comment, one command'],
]

test.each(REFUSED)('/promote %s is refused with its reason, and nothing moves', async (_what, login, body, answer) => {
  const text = body(line)
  const status = await answerTo(await say(login, text), 'confused')
  await release.until('the answer', () => release.status.includes(answer) && release.status.includes(login))
  expect(status).not.toBe('')
  nothingMoved()
})

test('a quoted command is no command, and nobody answers it', async () => {
  const quoted = await say('approver', `> ${line}\n\nIs this the one?`)
  await answerTo(await say('approver', '/status'), 'rocket')
  expect(release.reactions(quoted)).toEqual([])
  nothingMoved()
})

test('a comment that was edited into a command is refused', async () => {
  const id = await say('approver', 'Looks good to me.')
  await sleep(1_100) // GitHub tells an edit by a whole second.
  await stage.github.as('approver').editComment(stage.shop.fullName, id, line)
  await say('dev', '/status')
  await answerTo(id, 'confused')
  expect(await release.until('the answer', () => release.status.includes('(`command.edited`)'))).toBe(true)
  nothingMoved()
})

test('/help and /status answer anyone', async () => {
  await answerTo(await say('dev', '/help'), 'rocket')
  await release.until('help', () => release.status.includes('How to steer this release'))
  expect(await answerTo(await say('stranger', '/status'), 'rocket')).toContain(line)
  nothingMoved()
})

test('/hold stops, a held release is not promoted, /resume goes on', async () => {
  await answerTo(await say('approver', '/hold waiting for the vendor'), 'rocket')
  await release.until('held', () => release.state === 'held' && release.status.includes('waiting for the vendor'))
  await answerTo(await say('approver', line), 'confused')
  await release.until('the answer', () => release.status.includes('held by approver'))
  nothingMoved()
  await answerTo(await say('approver', '/resume'), 'rocket')
  expect(await release.until('merged again', () => release.state.startsWith('merged') && release.line)).toMatch(/^\/promote/)
})

test('the right line starts the rollout, once; /rollback with a reason takes it back', async () => {
  const right = await release.until('a line to paste', () => release.line)
  // As the shop's OpenSLO files and its source have it.
  expect(release.status).toContain('The canary is also held to availability \\(99 %\\)')
  await answerTo(await say('approver', right), 'rocket')
  await release.until('10 %', () => release.weight === 10)
  await answerTo(await say('approver', '/rollback'), 'confused')
  await answerTo(await say('approver', '/rollback checkout is slow'), 'rocket')
  expect(await release.ended()).toBe('rolled_back')
  expect(release.ramp).toEqual([0, 10, 0])
  expect(release.faults('rolled_back')).toEqual([])
  expect([...release.repository.issues.values()].at(-1)?.body).toContain('checkout is slow')
  await answerTo(await say('approver', right), 'confused')
  await release.until('the answer', () => release.status.includes('was rolled back'))
  expect(release.weight).toBe(0)
  stage.github.assertClean()
})

test('a run that somebody started by hand is rejected at a protected environment, with what to do', async () => {
  const { github, shop } = stage
  github.protectEnvironment(shop.fullName, 'prod')
  const inputs = { phase: 'P0', pull: String(release.pull), key: 'by-hand' }
  await github.as('dev').dispatch(shop.fullName, 'release-conductor.yml', shop.history.release.branch, inputs)
  const run = release.repository.runs.find((one) => one.inputs['key'] === 'by-hand')
  const job = await github.reachEnvironment(shop.fullName, run?.id ?? 0, 'prod')
  await release.until('an answer', () => job.answers[0]?.state === 'rejected')
  expect(job.answers[0]?.comments).toEqual([expect.stringMatching(/did not start this run.*Next: promote/)])
  expect(release.weight).toBe(0)
  github.assertClean()
})
