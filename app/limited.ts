/** Nothing reaches what the operator did not give to this repository, whatever let it come so far. The way home is open to a rollout that began, whatever was changed since. */
import { noStore } from './keep/keep-effect.ts'
import { mayUse, type Limits } from './limits.ts'
import { noWebhook } from './outgoing/webhooks.ts'
import type { Effect, EffectPort, Repository } from './release/ports.ts'
import { noRouter } from './rollout/effects.ts'

export function limited(effects: EffectPort, limits: Limits): EffectPort {
  return {
    ...effects,
    perform: async (repository, effect, notAfter) => {
      const refusal = refusalOf(limits, repository, effect)
      if (refusal !== null) throw refusal
      return await effects.perform(repository, effect, notAfter)
    },
    find: async (repository, effect) => (refusalOf(limits, repository, effect) === null ? await effects.find(repository, effect) : null),
  }
}

/** The answer to a name that is not there. */
function refusalOf(limits: Limits, repository: Repository, effect: Effect): Error | null {
  switch (effect.kind) {
    case 'weight.set':
      if (effect.percent === 0 || effect.home === true || effect.router === null) return null
      return mayUse(limits, 'routers', effect.router, repository) ? null : noRouter(effect.router)
    case 'weight.read':
      return mayUse(limits, 'routers', effect.router, repository) ? null : noRouter(effect.router)
    case 'hook.call':
    case 'message.send':
      return mayUse(limits, 'webhooks', effect.webhook, repository) ? null : noWebhook(effect.webhook)
    case 'pack.keep':
      return mayUse(limits, 'stores', effect.store, repository) ? null : noStore(effect.store)
    default:
      return null
  }
}
