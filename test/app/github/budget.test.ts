import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { budget, roomFrom, SHARES, type Cost, type Sent } from '../../../app/github/budget.ts'
import { githubEffects, type GitHubEffect } from '../../../app/github/apply/index.ts'
import { isGitHubError } from '../../../app/github/error.ts'
import type { Call, Method } from '../../../app/github/octokit.ts'
import { Limiter } from '../../support/github/http/limits.ts'
import { Refusal } from '../../support/github/world/error.ts'
import type { Actor } from '../../support/github/world/model.ts'
import { REPOSITORY, scripted, type Asked, type Said } from './scripted.ts'

const MINUTE = 60_000
const EDIT: Call = {
  method: 'PATCH',
  path: '/repos/acme/shop/issues/comments/1',
  permissions: { issues: 'write' },
  body: { body: 'x' },
  share: 'shown',
}
const DEPLOY: Call = { method: 'POST', path: '/repos/acme/shop/deployments', permissions: { deployments: 'write' }, body: { ref: 'x' } }
const READ: Call = { method: 'GET', path: '/repos/acme/shop/pulls/1', permissions: { pull_requests: 'read' } }

const sent = (count: number, cost: Cost, at = 0): readonly Sent[] => Array.from({ length: count }, (_, place) => ({ at: at + place, ...cost }))
const writes = (count: number, at = 0) => sent(count, { content: 1, points: 5 }, at)
const reads = (count: number) => sent(1, { content: 0, points: count })

test.each([
  ['nothing was sent', [], 'PATCH', 0],
  ['one is left of the share', writes(SHARES.shown.content - 1), 'PATCH', 1000],
  ['none is left: until the oldest is a minute old', writes(SHARES.shown.content), 'PATCH', MINUTE],
  ['what matters spent more: until enough of it is old', writes(SHARES.shown.content + 5), 'PATCH', MINUTE + 5],
  ['reads alone, up to the points of one write', reads(695), 'PATCH', 1000],
  ['reads alone, one more', reads(696), 'PATCH', MINUTE],
  ['a deletion creates nothing', writes(SHARES.shown.content), 'DELETE', 1000],
] as const)('what is shown may be sent when %s', (_, before, method, from) => {
  expect(roomFrom(before, 'shown', method, Math.min(from, 1000))).toBe(from)
})

test('whatever was sent, no minute holds more chatter than its share, and waiting as told is enough', () => {
  const call = fc.record({ wait: fc.integer({ min: 0, max: 20_000 }), method: fc.constantFrom<Method>('GET', 'POST', 'PATCH', 'DELETE') })
  fc.assert(
    fc.property(fc.array(call, { maxLength: 300 }), (calls) => {
      const minute = budget()
      const left: number[] = []
      let now = 0
      for (const { wait, method } of calls) {
        now += Math.floor(wait / 20)
        now = Math.max(now, minute.roomFrom(1, 'shown', method, now))
        expect(minute.roomFrom(1, 'shown', method, now)).toBe(now)
        minute.sent(1, method, now)
        if (method === 'POST' || method === 'PATCH') left.push(now)
      }
      for (const at of left) expect(left.filter((one) => one > at - MINUTE && one <= at).length).toBeLessThanOrEqual(SHARES.shown.content)
    }),
    { numRuns: 50 },
  )
})

test('what others sent counts like what was sent here, whichever was first; what they say next is all there is', () => {
  const minute = budget()
  for (let at = 0; at < 30; at += 1) minute.sent(1, 'PATCH', 10_000 + at)
  minute.heard(1, sent(1, { content: 29, points: 145 }, 500))
  expect(minute.roomFrom(1, 'shown', 'PATCH', 20_000)).toBe(20_000)
  minute.heard(1, sent(1, { content: 30, points: 150 }, 500))
  expect(minute.roomFrom(1, 'shown', 'PATCH', 20_000)).toBe(500 + MINUTE)
  expect(minute.roomFrom(2, 'shown', 'PATCH', 20_000)).toBe(20_000)
  minute.heard(1, sent(1, { content: 60, points: 300 }, 15_000))
  expect(minute.roomFrom(1, 'shown', 'PATCH', 20_000)).toBe(15_000 + MINUTE)
  minute.heard(1, [])
  expect(minute.roomFrom(1, 'shown', 'PATCH', 20_000)).toBe(20_000)
})

test('what was sent here is told by the second, as if it had left when the last of it did', () => {
  const minute = budget()
  for (const [at, method] of [
    [900, 'GET'],
    [1_000, 'PATCH'],
    [1_999, 'GET'],
    [2_000, 'DELETE'],
  ] as const)
    minute.sent(1, method, at)
  expect(minute.own(1, 60_900)).toEqual([
    { at: 1_999, content: 1, points: 6 },
    { at: 2_000, content: 0, points: 5 },
  ])
  expect(minute.own(2, 60_900)).toEqual([])
})

const comment = (id: number | null): GitHubEffect => ({ kind: 'comment.write', key: 'c', pull: 1, comment: id, marker: 'm', body: 'b' })

/** GitHub's own limits of a minute, as the double has them. */
function limits(now: () => number): (asked: Asked) => Said {
  const limiter = new Limiter({}, () => new Date(now()))
  const actor = { kind: 'installation', installation: { id: REPOSITORY.installationId } } as Actor
  return ({ method, path }) => {
    try {
      limiter.take(actor, method, path)
      return { body: { id: 1 } }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { status: error.status, body: { message: error.message }, headers: { 'retry-after': '60' } }
    }
  }
}

/** How often GitHub did it, was not asked, and refused. */
async function tried(count: number, send: () => Promise<unknown>): Promise<{ done: number; kept: number; refused: number }> {
  const ended = { done: 0, kept: 0, refused: 0 }
  for (let place = 0; place < count; place += 1)
    try {
      await send()
      ended.done += 1
    } catch (error) {
      if (!isGitHubError(error, 'limited')) throw error
      ended[error.status === null ? 'kept' : 'refused'] += 1
    }
  return ended
}

test('a burst of chatter leaves room for what matters, and goes on a minute later (T39)', async () => {
  let now = 10 * MINUTE
  await using github = await scripted(limits(() => now))
  const client = github.clientWith({ now: () => now })
  expect(await tried(100, () => client.call(REPOSITORY, EDIT))).toEqual({ done: SHARES.shown.content, kept: 40, refused: 0 })
  await expect(client.call(REPOSITORY, EDIT)).rejects.toMatchObject({ code: 'limited', retryAt: now + MINUTE })
  expect([client.isFull(REPOSITORY, 'shown'), client.isFull({ ...REPOSITORY, installationId: 6 }, 'shown')]).toEqual([true, false])
  expect(await tried(20, () => client.call(REPOSITORY, DEPLOY))).toEqual({ done: 20, kept: 0, refused: 0 })
  expect(await tried(100, () => client.call(REPOSITORY, READ))).toEqual({ done: 100, kept: 0, refused: 0 })
  expect(await tried(1, () => client.call({ ...REPOSITORY, installationId: 6 }, EDIT))).toMatchObject({ kept: 0 })
  now += MINUTE
  expect(client.isFull(REPOSITORY, 'shown')).toBe(false)
  expect(await tried(1, () => client.call(REPOSITORY, EDIT))).toEqual({ done: 1, kept: 0, refused: 0 })
})

test('what only shows what is known waits first, then a sign for whoever commented; what matters does not wait', async () => {
  await using github = await scripted(() => ({ body: { id: 1 } }))
  const client = github.clientWith({ now: () => MINUTE })
  const effects = githubEffects(client)
  const shown: readonly GitHubEffect[] = [comment(7)]
  const answered: readonly GitHubEffect[] = [{ kind: 'reaction.add', key: 'r', comment: 1, content: 'eyes' }]
  const matter: readonly GitHubEffect[] = [comment(null), { kind: 'issue.close', key: 'i', issue: 1 }]
  const waits = () => [shown, answered, matter].map((each) => each.map((effect) => effects.waits(REPOSITORY, effect)))
  expect(waits()).toEqual([[false], [false], [false, false]])
  await tried(SHARES.shown.content, () => client.call(REPOSITORY, EDIT))
  expect(waits()).toEqual([[true], [false], [false, false]])
  await tried(SHARES.answered.content - SHARES.shown.content, () => client.call(REPOSITORY, { ...EDIT, share: 'answered' }))
  expect(waits()).toEqual([[true], [true], [false, false]])
})

test('a server without limits is written to at any rate', async () => {
  await using github = await scripted(() => ({ body: { id: 1 } }))
  const client = github.clientWith({ now: () => MINUTE, isLimited: false })
  expect(await tried(200, () => client.call(REPOSITORY, EDIT))).toEqual({ done: 200, kept: 0, refused: 0 })
  expect(client.isFull(REPOSITORY, 'shown')).toBe(false)
})

test('unmarked, the same burst has GitHub refuse what matters: the limits of the double are those', async () => {
  let now = 10 * MINUTE
  await using github = await scripted(limits(() => now))
  const client = github.clientWith({ now: () => now })
  const { share: _, ...loud } = EDIT
  expect((await tried(100, () => client.call(REPOSITORY, loud))).done).toBe(80)
  expect((await tried(20, () => client.call(REPOSITORY, DEPLOY))).done).toBe(0)
  expect(client.isFull(REPOSITORY, 'shown')).toBe(true)
  now += MINUTE + 1000
  expect((await tried(1, () => client.call(REPOSITORY, DEPLOY))).done).toBe(1)
})
