import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../../evidence/config/parse.ts'
import { commandPolicy } from '../../../gates/policy/decide.ts'
import { NO_HOTFIX } from '../../../app/release/hotfix.ts'
import { readOrders } from '../../../app/release/order-facts.ts'
import type { OrderFacts } from '../../../app/release/facts.ts'
import type { CommentFacts } from '../../../app/release/ports.ts'
import type { Voice } from '../../../app/release/voice.ts'
import { BASIS, commentOf, configText, HEAD, NOW, OTHER_HEAD, pullOf, recordOf, verdictsOf, voiceOf } from '../../support/release.ts'
import { worldOf, type World } from '../../support/release-ports.ts'

const LINE = `/promote 100 plan:${'a'.repeat(32)}`
const TWO = configText().replace('count: 1', 'count: 2')

interface Story {
  readonly comments: readonly CommentFacts[]
  readonly voices?: readonly Voice[]
  readonly config?: string
  readonly change?: (world: World) => void
  /** Node ids of comments that were answered before. */
  readonly answered?: readonly string[]
}

async function read({ comments, voices = [], config = TWO, change, answered = [] }: Story): Promise<{ orders: OrderFacts[]; world: World }> {
  const world = worldOf()
  world.comments = [...comments]
  change?.(world)
  const parsed = parseConfig(config)
  if (!parsed.ok) throw new Error('the config of the story is wrong')
  const asked = {
    pull: pullOf(),
    config: parsed.config,
    outbox: [],
    head: HEAD,
    basis: BASIS,
    verdicts: verdictsOf(),
    granted: 0,
    hotfix: { is: false, mustHold: [] },
    now: NOW,
  }
  const answers = answered.map((nodeId) => ({ nodeId, comment: 1, command: '/approve', login: 'second', at: NOW, done: true, answer: '' }))
  const orders = await readOrders(world.ports, { ...asked, record: recordOf({ state: 'merged' }, { voices: [...voices], answers }) })
  return { orders, world }
}

async function counted(story: Omit<Story, 'voices'> & { readonly voice?: Partial<Voice> }): Promise<readonly number[]> {
  const before = commentOf('/approve', 'second', 22)
  const voice = voiceOf({ nodeId: before.nodeId, login: 'second', id: 22, ...story.voice })
  const { orders } = await read({ ...story, answered: [before.nodeId], voices: [voice], comments: [before, ...story.comments] })
  return orders.at(-1)?.authorisation?.counted ?? []
}

const mine = commentOf(LINE)

test('an allowed voice is bound to commit, proof and plan, and the policy it was allowed by is kept', async () => {
  const { orders, world } = await read({ comments: [mine] })
  expect(orders[0]).toMatchObject({
    authorisation: { allowed: true, counted: [21], need: 2, log: { decision_id: expect.any(String), labels: { repository: 'acme/shop' } } },
    voice: { id: 21, login: 'approver', head: HEAD, basis: BASIS, plan: 'a'.repeat(32), reason: null },
  })
  expect(await world.store.blob(commandPolicy().digest)).toEqual(commandPolicy().bytes)
})

test('a refused voice is none, and what is asked once is refused the same way again', async () => {
  const story = { comments: [commentOf(LINE, 'stranger', 30)] }
  const [first, again] = [await read(story), await read(story)]
  expect(first.orders[0]).toMatchObject({ authorisation: { allowed: false, codes: ['command.no-write', 'command.not-named'] }, voice: null })
  expect(again.orders[0]?.authorisation?.log?.decision_id).toBe(first.orders[0]?.authorisation?.log?.decision_id)
})

test('two voices of one look hear each other', async () => {
  const { orders } = await read({ comments: [mine, commentOf(LINE, 'second', 22)] })
  expect(orders.map(({ authorisation }) => authorisation?.counted)).toEqual([[21], [21, 22]])
})

const edited = (world: World): void => {
  world.comments = world.comments.map((one) => (one.author.id === 22 ? { ...one, edited: true } : one))
}

describe('an earlier voice', () => {
  test('counts, whether it approved or promoted this plan', async () => {
    expect(await counted({ comments: [mine] })).toEqual([21, 22])
    expect(await counted({ comments: [mine], voice: { plan: 'a'.repeat(32) } })).toEqual([21, 22])
  })

  test.each<[string, Partial<Voice>]>([
    ['of another commit', { head: OTHER_HEAD }],
    ['of another proof', { basis: '7'.repeat(64) }],
    ['of another plan', { plan: 'b'.repeat(32) }],
    ['whose comment is gone', { nodeId: 'IC_gone' }],
  ])('%s does not', async (_what, voice) => {
    expect(await counted({ comments: [mine], voice })).toEqual([21])
  })

  test('whose comment was edited since does not (T27)', async () => {
    expect(await counted({ comments: [mine], change: edited })).toEqual([21])
  })

  test('of somebody who lost the right since, or whose right is not known, does not (T30)', async () => {
    expect(await counted({ comments: [mine], change: (world) => world.roles.set('second', 'read') })).toEqual([21])
    expect(await counted({ comments: [mine], change: (world) => world.roles.set('second', 'unknown') })).toEqual([21])
  })

  test('of somebody who is no longer named does not', async () => {
    expect(await counted({ comments: [mine], config: TWO.replace('users: [approver, second]', 'users: [approver]') })).toEqual([21])
  })

  test('that has expired does not', async () => {
    const config = TWO.replace('count: 2', 'count: 2, expires: 1s')
    expect(await counted({ comments: [mine], config, voice: { saidAt: NOW - 999 } })).toEqual([21, 22])
    expect(await counted({ comments: [mine], config, voice: { saidAt: NOW - 1_000 } })).toEqual([21])
  })
})

const at = (ms: number): Partial<CommentFacts> => ({ createdAt: new Date(ms).toISOString() })

describe('a comment names no commit, so it is of the head that was there when it was written', () => {
  const words = ['/approve', '/waive policy_ci 3d the title was wrong', '/break-glass the shop is down', '/resume', LINE, '/hold wait', '/status']
  const refusedOf = async (written: number, data: Parameters<typeof recordOf>[1], seen = HEAD): Promise<readonly string[]> => {
    const world = worldOf()
    world.comments = words.map((word) => commentOf(word, 'approver', 21, at(written)))
    const parsed = parseConfig(configText())
    if (!parsed.ok) throw new Error('the config of the story is wrong')
    const asked = { pull: pullOf(), config: parsed.config, outbox: [], head: HEAD, basis: BASIS, verdicts: verdictsOf(), granted: 0, now: NOW }
    const orders = await readOrders(world.ports, { ...asked, hotfix: NO_HOTFIX, record: recordOf({ head: seen }, data) })
    return orders.flatMap(({ comment, authorisation }) => (authorisation?.codes.includes('command.before-head') === true ? [comment.body] : []))
  }

  test.each<[string, number, Parameters<typeof recordOf>[1], string, readonly string[]]>([
    [
      'before a later head was seen: refused, but what names its commit and what stops',
      NOW - 1001,
      { headSince: NOW - 1000, isFirstHead: false },
      HEAD,
      words.slice(0, 4),
    ],
    ['when it had been seen', NOW - 1000, { headSince: NOW - 1000, isFirstHead: false }, HEAD, []],
    ['before the first look, at the only head there was', NOW - 1001, { headSince: NOW - 1000, isFirstHead: true }, HEAD, []],
    ['before this look, which sees the head first', NOW - 1, { headSince: NOW - 1000, isFirstHead: true }, OTHER_HEAD, words.slice(0, 4)],
  ])('%s', async (_when, written, data, seen, expected) => {
    expect(await refusedOf(written, data, seen)).toEqual(expected)
  })
})

test('a policy server is asked for what lets something through, and its no stands', async () => {
  const server = { ask: async () => ({ allow: null, need: 0, reasons: ['no answer'], decisionId: null }) }
  const world = worldOf()
  world.comments = [mine, commentOf('/rollback checkout answers 500')]
  const parsed = parseConfig(configText())
  if (!parsed.ok) throw new Error('the config of the story is wrong')
  const asked = {
    pull: pullOf(),
    config: parsed.config,
    outbox: [],
    head: HEAD,
    basis: BASIS,
    verdicts: verdictsOf(),
    granted: 0,
    hotfix: { is: false, mustHold: [] },
    now: NOW,
  }
  const orders = await readOrders({ ...world.ports, policyServer: server }, { ...asked, record: recordOf({ state: 'canary' }) })
  expect(orders.map(({ authorisation }) => [authorisation?.allowed, authorisation?.codes])).toEqual([
    [false, ['command.server-unavailable']],
    [true, []],
  ])
})
