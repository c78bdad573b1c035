import { expect, test } from 'vitest'
import { weightEffects, type WeightEffect } from '../../../app/rollout/effects.ts'
import type { Router } from '../../../app/rollout/routers/router.ts'

function effect(percent: number, router: string | null = 'proxy'): WeightEffect {
  return { kind: 'weight.set', key: 'k', environment: 'prod', router, percent }
}

function routerAt(weight: number): { router: Router; set: number[] } {
  const set: number[] = []
  const router: Router = {
    set: async (percent: number) => {
      set.push(percent)
    },
    read: async () => set.at(-1) ?? weight,
  }
  return { router, set }
}

test('the weight goes to the router that the operator named so', async () => {
  const [one, other] = [routerAt(0), routerAt(0)]
  const effects = weightEffects(
    new Map([
      ['proxy', one.router],
      ['other', other.router],
    ]),
  )
  expect(await effects.perform(effect(10))).toEqual({ id: null, data: { percent: 10 } })
  expect([one.set, other.set]).toEqual([[10], []])
})

test('what happened is what the router says', async () => {
  const { router } = routerAt(50)
  const effects = weightEffects(new Map([['proxy', router]]))
  expect(await effects.find(effect(50))).toEqual({ id: null, data: { percent: 50 } })
  expect(await effects.find(effect(10))).toBeNull()
  expect(await effects.find(effect(0))).toBeNull()
})

test('a router that does not say is asked again by who only asks, and set again by who must know', async () => {
  const gone: Router = { set: () => Promise.resolve(), read: () => Promise.reject(new Error('gone')) }
  const effects = weightEffects(new Map([['proxy', gone]]))
  await expect(effects.find(effect(0))).rejects.toThrow('gone')
  expect(await effects.recover(effect(0))).toBeNull()
  expect(await weightEffects(new Map([['proxy', routerAt(0).router]])).recover(effect(0))).toEqual({ id: null, data: { percent: 0 } })
})

test('without a router nothing is moved, and nothing says it was', async () => {
  const effects = weightEffects(new Map())
  await expect(effects.perform(effect(0, null))).rejects.toMatchObject({ code: 'unknown-router' })
  await expect(effects.find(effect(0, null))).rejects.toMatchObject({ code: 'unknown-router' })
})

test('what the deploy workflow moves is moved by nothing else, and that is said', async () => {
  await expect(weightEffects(new Map()).perform(effect(0, 'deployment'))).rejects.toThrow('the deploy workflow moves the traffic of prod')
})

test('a router that the operator does not have is an error, in both directions', async () => {
  const effects = weightEffects(new Map())
  await expect(effects.perform(effect(10))).rejects.toMatchObject({ name: 'RolloutError', code: 'unknown-router' })
  await expect(effects.find(effect(10))).rejects.toMatchObject({ code: 'unknown-router' })
})

test('what a router counted is what it says; without counting its weight is read, and a failure is told', async () => {
  const { router } = routerAt(0)
  const counted = { canary: 1, stable: 9 }
  const effects = weightEffects(
    new Map<string, Router>([
      ['plain', router],
      ['counting', { ...router, observe: async () => counted }],
      ['sticky', { ...router, observe: async () => null }],
      ['silent', { ...router, read: () => Promise.reject(new Error('gone')) }],
      ['away', { ...router, observe: () => Promise.reject(new Error('no answer')) }],
    ]),
  )
  expect(await effects.counted('counting')).toEqual({ routed: counted, note: '' })
  expect(await effects.counted('away')).toEqual({ routed: null, note: 'router: no answer' })
  expect(await effects.counted('plain')).toEqual({ weight: 0, note: '' })
  expect(await effects.counted('sticky')).toEqual({ weight: 0, note: '' })
  expect(await effects.counted('silent')).toEqual({ weight: null, note: 'router: gone' })
  expect(await effects.counted('nobody')).toBeNull()
})

test('what a router has is asked, and nothing is set', async () => {
  const { router, set } = routerAt(5)
  const effects = weightEffects(new Map([['search', router]]))
  const asked = { kind: 'weight.read', key: 'k', environment: 'prod', router: 'search' } as const
  expect(await effects.read(asked)).toEqual({ id: null, data: { percent: 5 } })
  expect(set).toEqual([])
  await expect(effects.read({ ...asked, router: 'gone' })).rejects.toMatchObject({ code: 'unknown-router' })
})
