import { expect, test } from 'vitest'
import { keepEffects } from '../../app/keep/keep-effect.ts'
import { limited } from '../../app/limited.ts'
import { webhookEffects } from '../../app/outgoing/webhooks.ts'
import type { Effect, EffectPort, Repository } from '../../app/release/ports.ts'
import { weightEffects } from '../../app/rollout/effects.ts'
import { archiveOn, diskOf } from './keep/memory.ts'

const SHOP: Repository = { id: 7, owner: 'acme', name: 'shop', installationId: 1 }
const TOY: Repository = { ...SHOP, id: 8, name: 'toy' }
const LIMITS = { routers: { r: ['acme/shop'] }, webhooks: { r: ['acme/shop'] }, stores: { r: ['acme/shop'] } }

function port(): { effects: EffectPort; done: Effect[]; found: Effect[] } {
  const [done, found]: [Effect[], Effect[]] = [[], []]
  const inner: EffectPort = {
    perform: async (_repository, effect) => {
      done.push(effect)
      return { id: 1 }
    },
    find: async (_repository, effect) => {
      found.push(effect)
      return { id: 1 }
    },
  }
  return { effects: limited(inner, LIMITS), done, found }
}

const weight = (percent: number, home = false): Effect => ({
  kind: 'weight.set',
  key: 'k',
  environment: 'prod',
  router: 'r',
  percent,
  ...(home && { home }),
})
const SET = weight(10)
const READ: Effect = { kind: 'weight.read', key: 'k', environment: 'prod', router: 'r' }
const ASK: Effect = { kind: 'hook.call', key: 'k', webhook: 'r', body: {} }
const TELL: Effect = { kind: 'message.send', key: 'k', webhook: 'r', text: 'x' }
const KEEP: Effect = { kind: 'pack.keep', key: 'k', store: 'r', path: '/p', sha256: 'a'.repeat(64), seal: 1 }

/** What each part says itself of a name that is not there. */
async function unknown(effect: Effect): Promise<unknown> {
  const clock = { now: () => 0 }
  if (effect.kind === 'weight.set') return await weightEffects(new Map()).perform(effect).catch(String)
  if (effect.kind === 'weight.read') return await weightEffects(new Map()).read(effect).catch(String)
  if (effect.kind === 'hook.call') return await webhookEffects({ webhooks: {}, clock }).ask(effect).catch(String)
  if (effect.kind === 'message.send') return await webhookEffects({ webhooks: {}, clock }).tell(effect).catch(String)
  if (effect.kind === 'pack.keep')
    return await keepEffects(archiveOn(diskOf()), async () => null)
      .perform(effect)
      .catch(String)
  return null
}

test.each([
  ['weight.set', SET] as const,
  ['weight.read', READ] as const,
  ['hook.call', ASK] as const,
  ['message.send', TELL] as const,
  ['pack.keep', KEEP] as const,
])('%s of another repository gets the answer of a name that is not there, and nothing is reached', async (_kind, effect) => {
  const { effects, done, found } = port()
  expect(await effects.perform(TOY, effect, async () => undefined).catch(String)).toEqual(await unknown(effect))
  expect(await effects.find(TOY, effect)).toBeNull()
  expect([done, found]).toEqual([[], []])
  expect(await effects.perform(SHOP, effect, async () => undefined)).toEqual({ id: 1 })
  expect(await effects.find(SHOP, effect)).toEqual({ id: 1 })
})

test('the way home is open whatever was changed: the weight 0, and a flag back at what it had', async () => {
  const { effects, done } = port()
  await effects.perform(TOY, weight(0), async () => undefined)
  await effects.perform(TOY, weight(5, true), async () => undefined)
  expect(done).toHaveLength(2)
  expect(await effects.find(TOY, weight(0))).toEqual({ id: 1 })
})

test('what names nothing of the operator passes', async () => {
  const { effects, done } = port()
  await effects.perform(TOY, { kind: 'reaction.add', key: 'k', comment: 1, content: 'eyes' }, async () => undefined)
  await effects.perform(TOY, { kind: 'weight.set', key: 'k', environment: 'prod', router: null, percent: 10 }, async () => undefined)
  expect(done).toHaveLength(2)
})
