/** What is said on the page goes the way of a comment: the same questions, policy and answers, and nothing on the pull request. */
import { expect, test } from 'vitest'
import { parseConfig } from '../../../evidence/config/parse.ts'
import { next } from '../../../app/release/next.ts'
import { readOrders } from '../../../app/release/order-facts.ts'
import type { OrderFacts } from '../../../app/release/facts.ts'
import type { CommentFacts, PageOrder } from '../../../app/release/ports.ts'
import { agreementFiles } from '../../../app/release/own-statements.ts'
import type { Voice } from '../../../app/release/voice.ts'
import { localKeySigner } from '../../../evidence/sign/local-key.ts'
import {
  agreedOf,
  BASIS,
  commentOf,
  configText,
  factsOf,
  fullOf,
  HEAD,
  KEY,
  MERGED,
  NOW,
  orderOf,
  OTHER_HEAD,
  pullOf,
  recordOf,
  rolloutOf,
  rowOf,
  verdictsOf,
  voiceOf,
} from '../../support/release.ts'
import { NOTARY, worldOf, type World } from '../../support/release-ports.ts'

const LINE = `/promote 100 plan:${'a'.repeat(32)}`
const PAGE: PageOrder = { id: 'f'.repeat(32), text: LINE, author: { login: 'approver', id: 21 }, head: HEAD, at: NOW - 5, key: null }
const SEALED = rowOf({ kind: 'pack.seal', key: '7#3/seal/proven/1', outcome: 'proven' }, { id: null })

interface Story {
  readonly page?: readonly PageOrder[]
  readonly comments?: readonly CommentFacts[]
  readonly voices?: readonly Voice[]
  readonly change?: (world: World) => void
}

async function read({ page = [PAGE], comments = [], voices = [], change }: Story): Promise<OrderFacts[]> {
  const world = worldOf()
  world.comments = [...comments]
  for (const order of page) await world.store.order(KEY, order)
  change?.(world)
  const parsed = parseConfig(configText().replace('count: 1', 'count: 2'))
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
  return readOrders(world.ports, { ...asked, record: recordOf({ state: 'merged' }, { voices: [...voices] }) })
}

const inputOf = (of: OrderFacts | undefined): object => ({
  ...of?.authorisation?.log?.input,
  actor: { ...(of?.authorisation?.log?.input['actor'] as object), said_at: 0 },
})

test('it is asked, decided and bound as its comment would be', async () => {
  const [[said], [written]] = [await read({}), await read({ page: [], comments: [commentOf(LINE)] })]
  expect(said?.page).toEqual(PAGE)
  expect(inputOf(said)).toEqual(inputOf(written))
  expect(said?.voice).toMatchObject({
    nodeId: `page:${PAGE.id}`,
    login: 'approver',
    id: 21,
    role: 'maintain',
    head: HEAD,
    basis: BASIS,
    saidAt: NOW - 5,
  })
})

const codesOf = async (role: string): Promise<unknown> =>
  (await read({ change: (world) => world.roles.set('approver', role) }))[0]?.authorisation?.codes

test('a right that was taken since the login, or cannot be asked for, is none', async () => {
  expect(await codesOf('read')).toEqual(['command.no-write'])
  expect(await codesOf('unknown')).toEqual(['command.facts-unavailable'])
})

test('an earlier word of the page counts like a comment that stands as it was written', async () => {
  const voice = voiceOf({ nodeId: 'page:1', login: 'second', id: 22 })
  expect((await read({ voices: [voice] }))[0]?.authorisation?.counted).toEqual([21, 22])
  expect((await read({ voices: [{ ...voice, nodeId: 'IC_gone' }] }))[0]?.authorisation?.counted).toEqual([21])
})

function carriedOut(text: string, head: string): ReturnType<typeof next> {
  const { comment, ...order } = orderOf(text)
  const page = { ...PAGE, text, head }
  const orders = [{ ...order, comment: { ...comment, id: 0, nodeId: `page:${PAGE.id}` }, page }]
  const data = { rollout: rolloutOf({ stage: 'baking' as const, startedAt: NOW, shiftedAt: NOW }), rollouts: 1 }
  return next(recordOf({ state: 'canary' }, data), factsOf(fullOf({ orders, pull: pullOf(MERGED) }), { rows: [SEALED] }))
}

test('it is answered once, in the ledger with where it was said, and without a reaction', () => {
  const step = carriedOut('/hold the vendor is away', HEAD)
  expect([step.record.state, step.answered]).toEqual(['held', [PAGE.id]])
  expect(step.intents.filter(({ kind }) => kind === 'reaction.add')).toEqual([])
  expect(step.events.find(({ type }) => type === 'command.done')?.data).toMatchObject({
    source: 'page',
    comment: `page:${PAGE.id}`,
    actor: 'approver',
  })
  expect(step.record.data['answers']).toMatchObject([{ nodeId: `page:${PAGE.id}`, done: true }])
})

const isDoneOnOther = (text: string): unknown => (carriedOut(text, OTHER_HEAD).record.data['answers'] as readonly { done: boolean }[])[0]?.done

test('what was said of another commit than the present one is refused; going back and stopping are not', () => {
  expect(['/approve', '/promote', '/resume', '/hold it is odd', '/rollback it is bad'].map(isDoneOnOther)).toEqual([false, false, false, true, true])
})

test('the signed approval says that it was given on the page', async () => {
  const approval = { nodeId: 'page:1', comment: 0, login: 'approver', id: 21, role: 'maintain', at: NOW }
  const of = { signer: localKeySigner({ id: 'app', privateKeyPem: NOTARY.privateKeyPem }), repository: 'acme/shop', commit: HEAD }
  const said = async (nodeId: string): Promise<unknown> => {
    const files = await agreementFiles(of, 'v2.0.0', [rolloutOf({ agreed: [{ ...agreedOf(), approval: { ...approval, nodeId }, voices: [] }] })])
    const bundle = JSON.parse(Buffer.from(files.get('attestations/approval-prod-1-1.sigstore.json') ?? []).toString()) as {
      dsseEnvelope: { payload: string }
    }
    return (JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString()) as { predicate: { source?: string } }).predicate.source
  }
  expect([await said('page:1'), await said('IC_1')]).toEqual(['page', undefined])
})
