/** Moves traffic: `weight.set` by the operator's name of the router. Without a router the adopter's deploy workflow has already moved it. */
import type { Effect, Outcome } from '../release/ports.ts'
import type { Router } from './routers/router.ts'

export type WeightEffect = Extract<Effect, { kind: 'weight.set' }>

export class RolloutError extends Error {
  override readonly name = 'RolloutError'
  readonly code = 'unknown-router'
}

export function weightEffects(routers: ReadonlyMap<string, Router>): {
  perform(effect: WeightEffect): Promise<Outcome>
  find(effect: WeightEffect): Promise<Outcome | null>
} {
  const routerOf = (effect: WeightEffect): Router | null => {
    if (effect.router === null) return null
    const router = routers.get(effect.router)
    if (router === undefined) throw new RolloutError(`no router is named ${effect.router} in the operator's file; add it under routers`)
    return router
  }
  return {
    async perform(effect) {
      await routerOf(effect)?.set(effect.percent)
      return { id: null, data: { percent: effect.percent } }
    },
    async find(effect) {
      const router = routerOf(effect)
      const percent = router === null ? effect.percent : await router.read()
      return percent === effect.percent ? { id: null, data: { percent } } : null
    },
  }
}
