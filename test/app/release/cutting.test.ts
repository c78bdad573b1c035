/** `/release` against the double of GitHub: read, authorised, planned, cut, answered; and again after a death at any point. */
import { describe, expect, test } from 'vitest'
import { cut, cutBehind, cutKey } from '../../../app/release/cutting.ts'
import { missed } from '../../../app/release/missed.ts'
import { open } from '../../../app/release/open.ts'
import { dataOf } from '../../../app/release/state.ts'
import type { Effect } from '../../../app/release/ports.ts'
import { planning, type Planning } from '../../support/planning.ts'

async function say(of: Planning, body: string, login = 'lead'): Promise<{ readonly issue: number; readonly comment: number }> {
  const { data } = await of.github.as(login).request('POST', '/repos/acme/shop/issues', { title: 'The next release' })
  const issue = (data as { number: number }).number
  return { issue, comment: (await of.github.as(login).comment('acme/shop', issue, body)).id }
}

function answers(of: Planning, { issue, comment }: { readonly issue: number; readonly comment: number }) {
  const { comments } = of.github.repository('acme/shop')
  const bodies = [...comments.values()].filter((one) => one.issue === issue && one.viaApp !== null).map((one) => one.body.replace(/^<!--.*-->\n/, ''))
  return { bodies, reactions: (comments.get(comment)?.reactions ?? []).map(({ content }) => content) }
}

const pulls = (of: Planning) => [...of.github.repository('acme/shop').issues.values()].filter(({ pull }) => pull !== null)

async function fixed(): Promise<Planning> {
  const of = await planning()
  of.commit('a.txt', 'a\n', 'fix(cart): count again (#3)')
  await of.push('main')
  return of
}

test('on an issue: branch, commit, pull request with text and labels, and the answer', async () => {
  await using of = await fixed()
  const asked = await say(of, '/release v2.0.1')
  expect(await cut(of.context, { repository: of.repository, ...asked })).toBe('settled')
  const [pull] = pulls(of)
  expect(pull).toMatchObject({ title: 'chore(release): v2.0.1', state: 'open', pull: { headRef: 'release/v2.0.1', baseRef: 'main', draft: false } })
  expect(pull?.labels.toSorted()).toEqual(['risk:low', 'type:fix'])
  expect(pull?.body).toContain('- **cart:** count again (#3)')
  expect(pull?.body).toContain('Asked for by lead')
  expect(answers(of, asked)).toEqual({ bodies: [`\`v2.0.1\` is #${pull?.number}, into \`main\`.`], reactions: ['eyes', 'rocket'] })

  const { data } = await of.github.as('dev').request('GET', '/repos/acme/shop/compare/main...release/v2.0.1')
  const { commits, files } = data as { commits: { author: { type: string }; commit: { message: string } }[]; files: { filename: string }[] }
  expect(commits.map(({ author, commit }) => [author.type, commit.message.split('\n')[0]])).toEqual([['Bot', 'chore(release): v2.0.1']])
  expect(files.map(({ filename }) => filename)).toEqual([
    'CHANGELOG.md',
    'package.json',
    'release_notes/v2.0.1.inputs.json',
    'release_notes/v2.0.1.md',
  ])

  expect(await cut(of.context, { repository: of.repository, ...asked })).toBe('settled')
  expect([pulls(of).length, answers(of, asked).bodies.length]).toEqual([1, 1])
  of.github.assertClean()
})

test('who asked is an author of what the App opened', async () => {
  await using of = await fixed()
  const asked = await say(of, '/release v2.0.1')
  await cut(of.context, { repository: of.repository, ...asked })
  const number = pulls(of)[0]?.number ?? 0
  const record = await open(of.context, { repository: of.repository, pull: number, mode: 'full' })
  expect(record === null ? null : dataOf(record).requester).toMatchObject({ login: 'lead' })
  expect(await cutBehind(of.ports, { repositoryId: of.repository.id, version: 'v2.0.1', pull: number + 1 })).toBeNull()
})

describe('nothing is cut, and the answer says why', () => {
  test.each([
    ['by a reader', '/release v2.0.1', 'reader', '(`command.no-write`)'],
    ['malformed', '/release 2.0.1', 'lead', 'Name one version'],
    ['out already', '/release v2.0.0', 'lead', 'v2.0.0 is out already. Ask for a later one, such as v2.0.1.'],
    ['too low', '/release v2.0.1', 'lead', 'v2.0.1 is too low: 1 feature since v2.0.0 asks for v2.1.0 at the least. Ask for v2.1.0.'],
    ['a candidate', '/release v2.1.0-rc.1', 'lead', 'the App tags candidates by itself'],
  ])('%s', async (_what, body, login, said) => {
    await using of = await fixed()
    of.commit('b.txt', 'b\n', 'feat: more (#4)')
    await of.push('main')
    const asked = await say(of, body, login)
    expect(await cut(of.context, { repository: of.repository, ...asked })).toBe('settled')
    const { bodies, reactions } = answers(of, asked)
    expect(reactions).toEqual(['eyes', 'confused'])
    expect(bodies.join('').replaceAll('\\', '')).toContain(said)
    expect(pulls(of)).toEqual([])
  })

  test('no change, no config, a branch of that name', async () => {
    await using of = await planning()
    const nothing = await say(of, '/release v2.0.1')
    await cut(of.context, { repository: of.repository, ...nothing })
    expect(answers(of, nothing).bodies[0]).toContain('There is nothing to release')

    of.git('checkout', '-qb', 'release/v2.1.0')
    of.commit('mine.txt', 'mine\n', 'feat: mine')
    await of.push('release/v2.1.0')
    of.git('checkout', '-q', 'main')
    of.commit('a.txt', 'a\n', 'feat: a (#3)')
    await of.push('main')
    const taken = await say(of, '/release v2.1.0')
    await cut(of.context, { repository: of.repository, ...taken })
    expect(answers(of, taken)).toMatchObject({ reactions: ['eyes', 'confused'], bodies: [expect.stringContaining('is there already')] })

    await using bare = await planning('version: 9\n')
    const early = await say(bare, '/release v2.1.0')
    await cut(bare.context, { repository: bare.repository, ...early })
    expect(answers(bare, early).bodies[0]).toContain('The config on the default branch is wrong')
  })

  test('a repository that has not adopted the App gets no answer: the word may be another’s', async () => {
    await using of = await planning(null)
    for (const body of ['/release v2.1.0', '/release now']) {
      const asked = await say(of, body)
      expect(await cut(of.context, { repository: of.repository, ...asked })).toBe('settled')
      expect(answers(of, asked)).toEqual({ bodies: [], reactions: [] })
    }
  })

  test('by an edited comment, and what is no /release is nobody’s here', async () => {
    await using of = await fixed()
    const asked = await say(of, 'When do we ship?')
    await of.github.as('lead').editComment('acme/shop', asked.comment, '/release v2.0.1')
    await cut(of.context, { repository: of.repository, ...asked })
    expect(answers(of, asked).bodies[0]).toContain('`command.edited`')
    for (const body of ['/promote', '/help', 'Ship it!', '/relase v2.0.1']) {
      const other = await say(of, body)
      expect(await cut(of.context, { repository: of.repository, ...other })).toBe('settled')
      expect(answers(of, other)).toEqual({ bodies: [], reactions: [] })
    }
    expect(await cut(of.context, { repository: of.repository, issue: asked.issue, comment: 1 })).toBe('settled')
  })
})

const POINTS = ['git/trees', 'git/commits', 'git/refs', 'pulls', 'labels', 'reactions', 'comments'] as const

test('GitHub breaks at any point, before or after its effect, and the process dies: everything is there once in the end', async () => {
  await using of = await fixed()
  const again = { ...of.context, owner: 'two' }
  for (const [number, [point, kind]] of POINTS.flatMap((at) => [[at, 'before'] as const, [at, 'after'] as const]).entries()) {
    const version = `v2.0.${number + 1}`
    const asked = await say(of, `/release ${version}`)
    of.github.faultNext('POST', new RegExp(`/${point}$`), kind)
    for (let attempt = 0; attempt < 4; attempt++) {
      await cut(attempt === 0 ? of.context : again, { repository: of.repository, ...asked }).catch(() => null)
      of.wait(8_000)
    }
    expect(await cut(again, { repository: of.repository, ...asked })).toBe('settled')
    const made = pulls(of).filter(({ title }) => title.endsWith(` ${version}`))
    expect([point, kind, made.map(({ labels }) => labels.toSorted())]).toEqual([point, kind, [['risk:low', 'type:fix']]])
    const { bodies, reactions } = answers(of, asked)
    expect([point, kind, reactions.toSorted(), bodies]).toEqual([point, kind, ['eyes', 'rocket'], [expect.stringContaining(version)]])
  }
  of.github.assertClean()
}, 60_000)

test('two at once are one; a second ask for the same version is told of the branch', async () => {
  await using of = await fixed()
  const [one, two] = [await say(of, '/release v2.0.1'), await say(of, '/release v2.0.1')]
  const ask = (asked: typeof one) => cut(of.context, { repository: of.repository, ...asked })
  expect((await Promise.all([ask(one), ask(one)])).toSorted()).toEqual(['busy', 'settled'])
  expect(await ask(two)).toBe('settled')
  expect(pulls(of).length).toBe(1)
})

test('a hotfix of what is out: its line is made at the tag, the pull request is a draft', async () => {
  await using of = await fixed()
  const asked = await say(of, '/release v1.0.1')
  expect(await cut(of.context, { repository: of.repository, ...asked })).toBe('settled')
  const [pull] = pulls(of)
  expect(pull).toMatchObject({ pull: { headRef: 'release/v1.0.1', baseRef: 'release-lines/1.0', draft: true } })
  expect(pull?.labels.toSorted()).toEqual(['hotfix', 'risk:low', 'type:ops'])
  expect(answers(of, asked).bodies[0]).toContain('It is a draft')
  of.git('fetch', '-q', of.github.repository('acme/shop').gitDir, 'release-lines/1.0')
  expect(of.git('rev-parse', 'FETCH_HEAD')).toBe(of.git('rev-parse', 'v1.0.0'))
})

test('a hotfix whose line is there with its change is no draft', async () => {
  await using of = await fixed()
  of.git('checkout', '-q', '-b', 'release-lines/1.0', 'v1.0.0')
  of.commit('fix.txt', 'fix\n', 'fix: the old one (#8)')
  await of.push('release-lines/1.0')
  const asked = await say(of, '/release v1.0.1')
  expect(await cut(of.context, { repository: of.repository, ...asked })).toBe('settled')
  const [pull] = pulls(of)
  expect(pull).toMatchObject({ pull: { baseRef: 'release-lines/1.0', draft: false } })
  expect(pull?.labels.toSorted()).toEqual(['hotfix', 'risk:low', 'type:fix'])
  expect(pull?.body).toContain('- the old one (#8)')
})

test('a comment whose delivery was lost is found by the sweep, until somebody has seen to it', async () => {
  await using of = await fixed()
  const asked = await say(of, '/release v2.0.1')
  const malformed = await say(of, '/release soon')
  await say(of, 'When is /release v2.0.1?')
  expect(await missed(of.ports, of.repository)).toEqual(
    [malformed, asked].map(({ issue, comment }) => ({
      repository: of.repository,
      pull: issue,
      why: 'a comment that no delivery told of',
      asked: [comment],
    })),
  )
  for (const one of [asked, malformed]) await cut(of.context, { repository: of.repository, ...one })
  expect(await missed(of.ports, of.repository)).toEqual([])
})

test('what was wanted and what came of it stands in the ledger', async () => {
  await using of = await fixed()
  const asked = await say(of, '/release v2.0.1')
  await cut(of.context, { repository: of.repository, ...asked })
  const types = (await of.store.ledger(cutKey(of.repository.id, 'v2.0.1'))).map(({ type }) => type)
  expect(types.slice(0, 5)).toEqual(['policy.decision', 'command.done', 'planned', 'effect.intended', 'effect.intended'])
  const kinds = (await of.store.outbox(cutKey(of.repository.id, 'v2.0.1'))).map(({ effect }: { effect: Effect }) => effect.kind)
  expect(kinds).toEqual(['reaction.add', 'release.cut', 'reaction.add', 'comment.write'])
})
