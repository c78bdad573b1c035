/** Plans carried out on the double of GitHub: what is made, made again, cut off at every write, and taken back. */
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { carryOut, takeBack, type Work } from '../../../agents/apply/carry-out.ts'
import { modesOf } from '../../../agents/apply/file-modes.ts'
import { openRelease, REPO, stage, type Stage } from '../../double/stage.ts'
import { treeEntries } from '../../support/github/world/git.ts'
import { action, comment, end, file, hubOf, Killed, MARK, memory, ruleset, seen, setOf, type Watch } from './stage.ts'

const COMMIT = z.looseObject({ commit: z.looseObject({ tree: z.looseObject({ sha: z.string() }) }) })

let on: Stage
let release: { readonly number: number; readonly head: string }

beforeAll(async () => {
  on = await stage({ limits: { secondary: false } })
  await mkdir(join(on.work, 'bin'))
  await writeFile(join(on.work, 'bin/tool.sh'), 'old\n', { mode: 0o755 })
  await symlink('bin', join(on.work, 'linked'))
  await on.commit('.github/workflows/preview-down.yml', DOWN, 'ci: take previews down')
  await on.github.as('dev').push(REPO, { dir: on.work, ref: 'main' })
  on.github.addUser({ login: 'chief' })
  on.github.repository(REPO).collaborators.set('chief', 'admin')
  on.github.repository(REPO).rulesets.length = 0
  release = await openRelease(on)
})
afterAll(async () => {
  on.github.assertClean()
  await on[Symbol.asyncDispose]()
})

const DOWN = `on:
  workflow_dispatch:
    inputs: { deployment: { type: string, required: true }, environment: { type: string, required: true } }
jobs: { one: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] } }
`

async function preview(): Promise<number> {
  const body = { ref: 'release/v2.0.0', environment: 'preview-1', auto_merge: false, required_contexts: [], transient_environment: true }
  const { data } = await on.github.as('dev').request('POST', `/repos/${REPO}/deployments`, body)
  return (data as { id: number }).id
}

function work(set: Work['set'], over: Partial<Work> = {}): Work {
  return { set, hub: hubOf(on, 'chief'), grafana: null, journal: memory(), now: () => Date.parse('2026-11-22T12:00:00Z'), simulate: false, ...over }
}

const states = (outcomes: Awaited<ReturnType<typeof carryOut>>) => outcomes.map(({ change, state }) => [change.split(' ')[0], state])
const ALL = ['files', 'ruleset.write', 'deployment.end', 'comment.write']

function whole(path: string, deployment: number, text: string) {
  return setOf(release.head, release.number, file(path, 'new\n'), ruleset('main'), end(deployment, 'preview-down.yml'), comment(release.number, text))
}

const says = async (...given: Parameters<typeof setOf>) => (await carryOut(work(setOf(...given)))).map(({ says: text }) => text)

test('each kind is made, is not made twice, and goes back', async () => {
  const before = await seen(on, release.number)
  const one = work(whole('alerts/rules.yaml', await preview(), 'one'))
  expect(states(await carryOut({ ...one, simulate: true }))).toEqual(ALL.map((kind) => [kind, 'would change']))
  expect([await seen(on, release.number), one.journal.entries]).toEqual([before, []])
  expect(states(await carryOut(one))).toEqual(ALL.map((kind) => [kind, 'changed']))
  const made = await seen(on, release.number)
  expect(made).toEqual({
    pulls: ['open chore: alerts/rules.yaml as the agents planned -> release/v2.0.0'],
    comments: [`chief: ${MARK}\none`],
    rulesets: ['release-conductor (main) active 0'],
    runs: before.runs + 1,
  })
  expect(states(await carryOut(one))).toEqual(ALL.map((kind) => [kind, 'same']))
  expect(states(await carryOut({ ...one, journal: memory() })).filter(([, state]) => state === 'changed')).toEqual([['files', 'changed']])
  expect(await seen(on, release.number)).toEqual(made)
  const back = await takeBack(one)
  expect(states(back)).toEqual([
    ['comment.write', 'undone'],
    ['deployment.end', 'failed'],
    ['ruleset.write', 'undone'],
    ['files', 'undone'],
  ])
  expect(back[1]?.next).toBe('Deploy it again.')
  expect(await seen(on, release.number)).toEqual({
    ...before,
    pulls: ['closed chore: alerts/rules.yaml as the agents planned -> release/v2.0.0'],
    runs: before.runs + 1,
  })
})

test('a program that is written anew stays one, and what is new is a plain file', async () => {
  const files = [file('bin/tool.sh', 'new\n'), file('bin/deep/new.sh', 'new\n'), file('README.md', 'new\n')]
  const one = work(setOf(release.head, release.number, ...files))
  expect(states(await carryOut(one))).toEqual([['files', 'changed']])
  const { gitDir, issues } = on.github.repository(REPO)
  const made = [...issues.values()].findLast(({ pull }) => pull !== null)?.pull?.headSha ?? ''
  const entries = await treeEntries(gitDir, made, true)
  expect(entries.flatMap(({ path, mode }) => (files.some((written) => written.path === path) ? [`${mode} ${path}`] : [])).toSorted()).toEqual([
    '100644 README.md',
    '100644 bin/deep/new.sh',
    '100755 bin/tool.sh',
  ])
  await takeBack(one)
})

test('nothing is written over a link, through one, or over a folder', async () => {
  const { hub } = work(setOf(release.head, release.number))
  const {
    commit: { tree },
  } = (await hub.read(`/commits/${release.head}`, COMMIT)) ?? { commit: { tree: { sha: '' } } }
  expect([...(await modesOf(hub, tree.sha, ['bin/tool.sh', 'bin/none', 'none/at/all']))]).toEqual([
    ['bin/tool.sh', '100755'],
    ['bin/none', '100644'],
    ['none/at/all', '100644'],
  ])
  for (const path of ['linked', 'linked/tool.sh', 'bin', 'bin/tool.sh/x'])
    await expect(modesOf(hub, tree.sha, [path])).rejects.toMatchObject({ code: 'stale' })
  await expect(modesOf(hub, 'f'.repeat(40), ['bin'])).rejects.toMatchObject({ code: 'unreadable' })
  expect((await says(release.head, release.number, file('linked/tool.sh', 'new\n')))[0]).toMatch(/linked is no folder|has changed/)
})

test('a preview that only sleeps is taken down all the same', async () => {
  const one = work(setOf(release.head, null, end(await preview(), 'preview-down.yml')))
  const { deployments, runs } = on.github.repository(REPO)
  const [deployment, before] = [deployments.at(-1), runs.length]
  const say = (description: string) =>
    on.github.as('dev').request('POST', `/repos/${REPO}/deployments/${deployment?.id}/statuses`, { state: 'inactive', description })
  await say('asleep: since the weekend')
  expect(states(await carryOut(one))).toEqual([['deployment.end', 'changed']])
  expect([deployment?.statuses.at(-1)?.description, runs.length]).toEqual(['too dear', before + 1])
  expect(states(await carryOut({ ...one, journal: memory() }))).toEqual([['deployment.end', 'same']])
})

test('killed before or after any of its writes, it ends as if it never was, when it is run again', async () => {
  const plain: Watch = { writes: [] }
  const first = await carryOut(work(whole('plain.txt', await preview(), 'plain'), { hub: hubOf(on, 'chief', plain) }))
  expect(states(first).filter(([, state]) => state === 'failed')).toEqual([])
  for (const at of plain.writes.keys())
    for (const side of ['before', 'after'] as const) {
      const [path, text] = [`at-${at}-${side}.txt`, `${at} ${side}`]
      on.github.repository(REPO).rulesets.length = 0
      const set = whole(path, await preview(), text)
      const journal = memory()
      await expect(carryOut(work(set, { journal, hub: hubOf(on, 'chief', { writes: [], kill: { at, side } }) }))).rejects.toThrow(Killed)
      expect(states(await carryOut(work(set, { journal }))).filter(([, state]) => state === 'failed')).toEqual([])
      const now = await seen(on, release.number)
      expect([now.pulls.filter((line) => line.includes(path)).length, now.comments, now.rulesets.length]).toEqual([1, [`chief: ${MARK}\n${text}`], 1])
      const undone = await takeBack(work(set, { journal }))
      expect(states(undone).filter(([, state]) => state === 'failed')).toEqual([['deployment.end', 'failed']])
    }
  expect(plain.writes).toHaveLength(8)
})

test('what was there before comes back: the ruleset and the comment as they were', async () => {
  const { rulesets } = on.github.repository(REPO)
  rulesets.length = 0
  await carryOut(work(setOf(release.head, release.number, ruleset('main'), comment(release.number, 'first'))))
  const stood = structuredClone(rulesets)
  const loose = action(
    'ruleset.write',
    'release-conductor (main)',
    JSON.stringify({ name: 'release-conductor (main)', target: 'branch', enforcement: 'disabled', rules: [] }),
  )
  const one = work(setOf(release.head, release.number, loose, comment(release.number, 'second')))
  await carryOut(one)
  expect(rulesets.map(({ enforcement }) => enforcement)).toEqual(['disabled'])
  await takeBack(one)
  expect(rulesets).toEqual(stood)
  expect((await seen(on, release.number)).comments).toEqual([`chief: ${MARK}\nfirst`])
  expect(states(await takeBack(one))).toEqual([])
})

test("a stranger's comment with the mark is not touched, and not taken for ours", async () => {
  const dev = on.github.as('dev')
  await dev.comment(REPO, release.number, `${MARK}\nforged`)
  await carryOut(work(setOf(release.head, release.number, comment(release.number, 'ours'))))
  expect((await seen(on, release.number)).comments.toSorted()).toEqual([`chief: ${MARK}\nours`, `dev: ${MARK}\nforged`])
})

test('one that may not be made fails alone', async () => {
  on.github.repository(REPO).rulesets.length = 0
  const outcomes = await carryOut(work(setOf(release.head, release.number, file('by-dev.txt', 'x'), ruleset('main')), { hub: hubOf(on, 'dev') }))
  expect(states(outcomes)).toEqual([
    ['files', 'changed'],
    ['ruleset.write', 'failed'],
  ])
})

test('a text that says nothing known fails alone, and changes nothing', async () => {
  const before = await seen(on, release.number)
  const odd = [action('ruleset.write', 'x', '{'), action('deployment.end', 'deployments/1', '{'), action('deployment.end', 'deployments/1', '{}')]
  const outcomes = await carryOut(work(setOf(release.head, release.number, ...odd, action('comment.write', 'pulls/1/comments/previews', 'no mark'))))
  expect(outcomes.map(({ state, says }) => `${state} ${says.startsWith('The ')}`)).toEqual(odd.concat(odd.slice(0, 1)).map(() => 'failed true'))
  expect(await seen(on, release.number)).toEqual(before)
})

test('a release that has moved, a file that others changed, a closed pull request and a deployment that is gone are stale', async () => {
  const { head, number } = release
  expect(await says(head, 999, file('a.txt', 'x'))).toEqual(['Pull request 999 is not open'])
  expect(await says('a'.repeat(40), number, file('a.txt', 'x'))).toEqual([expect.stringContaining('and the plan was made for')])
  await on.checkout('main')
  await on.commit('README.md', 'changed by others\n', 'docs: other')
  await on.github.as('boss').push(REPO, { dir: on.work, ref: 'main', force: true })
  expect(await says(head, null, file('README.md', 'ours\n'))).toEqual([expect.stringContaining('README.md has changed on main since')])
  expect(await says(head, null, file('src', 'a folder\n'))).toEqual([expect.stringMatching(/src (?:is no file|has changed)/)])
  expect(await says(head, number, end(4_242_424, null))).toEqual(['There is no deployment 4242424 any more'])
})
