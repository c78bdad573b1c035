/** Moves traffic, `weight.set`, by the operator's name of the router, and asks what it counted. Without a router nothing is moved, and so nothing is reported as moved. */
import type { Effect, Outcome, TrafficPort } from '../release/ports.ts'
import { BY_WORKFLOW } from './by-workflow.ts'
import { RolloutError } from './error.ts'
import type { Router } from './routers/router.ts'

/** A look at a canary waits for it. */
const LOOK_MS = 2_000

export type WeightEffect = Extract<Effect, { kind: 'weight.set' }>
export type WeightRead = Extract<Effect, { kind: 'weight.read' }>

export function noRouter(name: string): RolloutError {
  return new RolloutError('unknown-router', `no router is named ${name} in the operator's file; add it under routers`)
}

async function soon<T>(answer: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer in ${LOOK_MS} ms`)), LOOK_MS)
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

export function weightEffects(routers: ReadonlyMap<string, Router>): {
  perform(effect: WeightEffect): Promise<Outcome>
  read(effect: WeightRead): Promise<Outcome>
  /** Rejects when the router does not say. */
  find(effect: WeightEffect): Promise<Outcome | null>
  /** Of an attempt whose end nobody knows: to set a weight twice is to set it once, so a router that does not say is set again, and holds up no step down. */
  recover(effect: WeightEffect): Promise<Outcome | null>
} & TrafficPort {
  const routerOf = (effect: Pick<WeightEffect, 'router' | 'environment'>): Router => {
    const router = effect.router === null ? undefined : routers.get(effect.router)
    if (router !== undefined) return router
    if (effect.router !== null && effect.router !== BY_WORKFLOW) throw noRouter(effect.router)
    const message =
      effect.router === BY_WORKFLOW
        ? `the deploy workflow moves the traffic of ${effect.environment}, and nothing else can; it is started when the store and GitHub answer`
        : `the config names no router for ${effect.environment}, so its traffic cannot be moved; name one under environments.${effect.environment}.router`
    throw new RolloutError('unknown-router', message)
  }
  const effects = {
    async perform(effect: WeightEffect) {
      await routerOf(effect).set(effect.percent)
      return { id: null, data: { percent: effect.percent } }
    },
    async find(effect: WeightEffect) {
      const percent = await routerOf(effect).read()
      return percent === effect.percent ? { id: null, data: { percent } } : null
    },
    /** Asks, and changes nothing. */
    async read(effect: WeightRead): Promise<Outcome> {
      return { id: null, data: { percent: await routerOf(effect).read() } }
    },
    recover: (effect: WeightEffect) => effects.find(effect).catch(() => null),
    async counted(name: string) {
      const router = routers.get(name)
      if (router === undefined) return null
      let what: 'routed' | 'weight' = router.observe === undefined ? 'weight' : 'routed'
      try {
        const routed = router.observe === undefined ? null : await soon(router.observe())
        if (routed !== null) return { routed, note: '' }
        what = 'weight'
        return { weight: await soon(router.read()), note: '' }
      } catch (error) {
        return { [what]: null, note: `router: ${error instanceof Error ? error.message : String(error)}` }
      }
    },
  }
  return effects
}
