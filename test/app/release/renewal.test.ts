/** A release pull request that the App opened, on a base that moves, against the double of GitHub. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cut } from '../../../app/release/cutting.ts'
import type { EffectPort } from '../../../app/release/ports.ts'
import { reconcile } from '../../../app/release/reconcile.ts'
import { dataOf } from '../../../app/release/state.ts'
import { planning, type Planning } from '../../support/planning.ts'
import { voiceOf } from '../../support/release.ts'

interface Opened {
  readonly of: Planning
  readonly pull: number
  look(): Promise<void>
  head(): string
  body(): string
}

/** `/release v2.1.0`, cut and looked at once. */
async function opened(of: Planning): Promise<Opened> {
  of.commit('a.txt', 'a\n', 'feat: first (#3)')
  await of.push('main')
  const { data } = await of.github.as('lead').request('POST', '/repos/acme/shop/issues', { title: 'Next' })
  const issue = (data as { number: number }).number
  const { id } = await of.github.as('lead').comment('acme/shop', issue, '/release v2.1.0')
  await cut(of.context, { repository: of.repository, issue, comment: id })
  const entry = [...of.github.repository('acme/shop').issues.values()].find(({ pull }) => pull !== null)
  const pull = entry?.number ?? 0
  const look = async () => void (await reconcile(of.context, { repository: of.repository, pull, mode: 'full' }))
  await look()
  return { of, pull, look, head: () => entry?.pull?.headSha ?? '', body: () => entry?.body ?? '' }
}

async function fetched(of: Planning, branch: string): Promise<void> {
  of.git('fetch', '-q', of.github.repository('acme/shop').gitDir, `+${branch}:refs/remotes/origin/${branch}`)
}

const keptBy = async ({ of, pull }: Opened) => {
  const record = await of.store.release(`${of.repository.id}#${pull}`)
  return record === null ? null : dataOf(record).kept
}

test('when the base moves, branch and text follow: forward only, planned anew, once', async () => {
  await using of = await planning()
  const release = await opened(of)
  const first = release.head()
  await release.look()
  expect(release.head()).toBe(first)

  const base = of.commit('b.txt', 'b\n', 'fix: second (#4)')
  await of.push('main')
  await release.look()
  const second = release.head()
  await fetched(of, 'release/v2.1.0')
  expect(of.git('log', '-1', '--format=%P', second).split(' ')).toEqual([first, base])
  expect(of.git('diff', '--name-only', base, second).split('\n')).toEqual([
    'CHANGELOG.md',
    'package.json',
    'release_notes/v2.1.0.inputs.json',
    'release_notes/v2.1.0.md',
  ])
  expect(of.git('show', `${second}:CHANGELOG.md`)).toContain('- second (#4)')
  expect(release.body()).toContain('- second (#4)')
  expect(release.body().match(/first \(#3\)/g)).toHaveLength(1)

  await release.look()
  expect(release.head()).toBe(second)
  expect((await keptBy(release))?.base).toBe(base)
  of.github.assertClean()
})

test('a commit on which people let a gate stand does not move under them, until that is over', async () => {
  await using of = await planning()
  const release = await opened(of)
  const first = release.head()
  const record = await of.store.release(`${of.repository.id}#${release.pull}`)
  const lease = await of.store.lease('any', 'test', 0, 1)
  if (record === null || lease === null) throw new Error('it is there, and free')
  const data = dataOf(record)
  const expiresAt = of.ports.clock.now() + 60_000
  data.waivers.push({ gate: 'slo', reason: 'a drill', head: first, grantedBy: [voiceOf(), voiceOf({ id: 22 })], grantedAt: 0, expiresAt })
  await of.store.commit({ release: { ...record, data: { ...data } }, expected: record.revision, lease, intents: [], events: [], verdicts: [] })
  of.commit('b.txt', 'b\n', 'fix: second (#4)')
  await of.push('main')
  await release.look()
  expect(release.head()).toBe(first)
  of.ports.clock.now = () => expiresAt
  await release.look()
  expect(release.head()).not.toBe(first)
})

describe('people’s work is theirs', () => {
  test('a branch that somebody pushed to is left alone, also when they push at that very moment', async () => {
    await using of = await planning()
    const release = await opened(of)
    of.commit('b.txt', 'b\n', 'fix: second (#4)')
    await of.push('main')
    await fetched(of, 'release/v2.1.0')
    of.git('checkout', '-q', '-B', 'release/v2.1.0', 'origin/release/v2.1.0')
    const mine = of.commit('mine.txt', 'mine\n', 'fix: mine')
    let raced = false
    const effects = {
      ...of.ports.effects,
      perform: async (...args: Parameters<EffectPort['perform']>) => {
        if (args[1].kind === 'release.renew' && !raced) {
          raced = true
          await of.push('release/v2.1.0')
        }
        return of.ports.effects.perform(...args)
      },
    }
    const racing = { ...of.context, ports: { ...of.ports, effects } }
    await reconcile(racing, { repository: of.repository, pull: release.pull, mode: 'full' })
    expect([raced, release.head()]).toEqual([true, mine])
    await release.look()
    expect([release.head(), await keptBy(release)]).toEqual([mine, null])
  })

  test('a branch that somebody pushed to before is not even planned for', async () => {
    await using of = await planning()
    const release = await opened(of)
    await fetched(of, 'release/v2.1.0')
    of.git('checkout', '-q', '-B', 'release/v2.1.0', 'origin/release/v2.1.0')
    const mine = of.commit('mine.txt', 'mine\n', 'fix: mine')
    await of.push('release/v2.1.0')
    of.git('checkout', '-q', 'main')
    of.commit('b.txt', 'b\n', 'fix: second (#4)')
    await of.push('main')
    of.asked()
    await release.look()
    expect([release.head(), of.asked().filter((call) => call.includes('/compare/'))]).toEqual([mine, []])
  })

  test('what they wrote into the text stays, and a planned part that they changed is not told anew', async () => {
    await using of = await planning()
    const release = await opened(of)
    const edit = (body: string) => of.github.as('lead').request('PATCH', `/repos/acme/shop/pulls/${release.pull}`, { body })
    await edit(release.body().replace('No runbook is new or changed.', 'The runbook of the cart is new.').replaceAll('\n', '\r\n'))
    of.commit('b.txt', 'b\n', 'fix: second (#4)')
    await of.push('main')
    await release.look()
    expect(release.body()).toContain('The runbook of the cart is new.')
    expect(release.body()).toContain('- second (#4)')

    await edit(release.body().replace('- second (#4)', '- what second really means'))
    of.commit('c.txt', 'c\n', 'fix: third (#5)')
    await of.push('main')
    const before = release.head()
    await release.look()
    expect(release.head()).not.toBe(before)
    expect(release.body()).toContain('what second really means')
    expect(release.body()).not.toContain('third')
  })

  test('a pull request that a person opened is nobody’s to keep', async () => {
    await using of = await planning()
    of.git('checkout', '-qb', 'release/v2.1.0')
    const mine = of.commit('mine.txt', 'mine\n', 'feat: mine')
    await of.push('release/v2.1.0')
    const pull = await of.github.as('dev').openPull('acme/shop', { head: 'release/v2.1.0', base: 'main', title: 'Release', body: '' })
    const look = () => reconcile(of.context, { repository: of.repository, pull: pull.number, mode: 'full' })
    await look()
    of.git('checkout', '-q', 'main')
    of.commit('b.txt', 'b\n', 'fix: second (#4)')
    await of.push('main')
    await look()
    expect(of.github.repository('acme/shop').issues.get(pull.number)?.pull?.headSha).toBe(mine)
  })
})

test('a base that now asks for more than this version: nothing is renewed, and the status says so', async () => {
  await using of = await planning()
  const release = await opened(of)
  const head = release.head()
  of.commit('b.txt', 'b\n', 'feat!: break it (#4)')
  await of.push('main')
  await release.look()
  expect(release.head()).toBe(head)
  const status = [...of.github.repository('acme/shop').comments.values()].find((one) => one.issue === release.pull)?.body
  expect(status).toContain('this release no longer fits: v2.1.0 is too low')
})

test('what cannot be read now holds up nothing else of the release, and is read at a later look', async () => {
  await using of = await planning()
  const release = await opened(of)
  const head = release.head()
  of.commit('b.txt', 'b\n', 'fix: second (#4)')
  await of.push('main')
  for (let attempt = 0; attempt < 3; attempt++) of.github.faultNext('GET', /\/compare\//, 503)
  expect(await reconcile(of.context, { repository: of.repository, pull: release.pull, mode: 'full' })).toBe('settled')
  for (let attempt = 0; attempt < 3 && release.head() === head; attempt++) await release.look()
  expect(release.body()).toContain('- second (#4)')
})

test('a rule that keeps the App off the branch: it is tried once, people are told, and nothing is planned over and over', async () => {
  await using of = await planning()
  const release = await opened(of)
  const head = release.head()
  of.github.protect('acme/shop', 'release/v2.1.0', ['some check'])
  of.commit('b.txt', 'b\n', 'fix: second (#4)')
  await of.push('main')
  await release.look()
  of.asked()
  await release.look()
  expect(release.head()).toBe(head)
  expect(of.asked().filter((call) => /compare|trees|PATCH/.test(call))).toEqual([])
  const status = [...of.github.repository('acme/shop').comments.values()].find((one) => one.issue === release.pull)?.body
  expect(status).toContain('GitHub did not let the App bring the base onto the branch')
})

/** What failed is tried again after a pause. */
const PAUSE = 5_000

describe('broken off, it is renewed once in the end', () => {
  let of: Planning
  let release: Opened
  beforeAll(async () => {
    of = await planning()
    release = await opened(of)
  }, 60_000)
  afterAll(async () => {
    await of[Symbol.asyncDispose]()
  })

  // One release, whose base moves once more for each point.
  test.each([
    ['after the tree', 1, 'POST', /git\/trees$/, 'after'],
    ['after the commit', 2, 'POST', /git\/commits$/, 'after'],
    ['before the branch moves', 3, 'PATCH', /git\/refs\//, 'before'],
    ['after the branch moved', 4, 'PATCH', /git\/refs\//, 'after'],
    ['after the text was told', 5, 'PATCH', /pulls\/\d+$/, 'after'],
  ] as const)('%s', async (_point, number, method, path, kind) => {
    const before = release.head()
    const base = of.commit(`${number}.txt`, 'x\n', `fix: number ${number} (#1${number})`)
    await of.push('main')
    of.github.faultNext(method, path, kind)
    await release.look()
    of.wait(PAUSE)
    await release.look()
    await fetched(of, 'release/v2.1.0')
    expect(of.git('log', '-1', '--format=%P', release.head())).toBe(`${before} ${base}`)
    expect(release.body()).toContain(`- number ${number} (#1${number})`)
  })

  test('by the death of the process, when GitHub has done it and nobody was told', async () => {
    const before = release.head()
    const base = of.commit('6.txt', 'x\n', 'fix: number 6 (#16)')
    await of.push('main')
    const effects = {
      ...of.ports.effects,
      perform: async (...args: Parameters<EffectPort['perform']>) => {
        const outcome = await of.ports.effects.perform(...args)
        if (args[1].kind === 'release.renew') throw new Error('the process died')
        return outcome
      },
    }
    await reconcile({ ...of.context, ports: { ...of.ports, effects } }, { repository: of.repository, pull: release.pull, mode: 'full' })
    const moved = release.head()
    expect(moved).not.toBe(before)
    // A commit of another second is another commit.
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    of.wait(PAUSE)
    await release.look()
    expect(release.head()).toBe(moved)
    await fetched(of, 'release/v2.1.0')
    expect(of.git('log', '-1', '--format=%P', moved)).toBe(`${before} ${base}`)
    expect(await keptBy(release)).toMatchObject({ commit: moved, base })
  })
})
