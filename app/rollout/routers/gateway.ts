/**
 * Router adapter for the Kubernetes Gateway API: weights of two backendRefs of one HTTPRoute, by server-side apply with a field manager of our own. A weight
 * is set when every gateway of the route has taken that generation of it, accepted it and found its Services.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { httpRouteOf, obstacle, pending, percentIn, rulesFor, stands, type HttpRoute } from './http-route.ts'
import { cluster, CLUSTER_KEYS, FIELD_MANAGER, leavesTime, Namespace, ObjectName, PAUSE_MS, type Cluster } from './kubernetes.ts'
import { percentage, RouterError, type Router } from './router.ts'
import { turns, type Own } from './turns.ts'

/** One router in the operator's file. */
export const GatewaySource = z
  .strictObject({
    ...CLUSTER_KEYS,
    namespace: Namespace,
    /** Name of the HTTPRoute. */
    route: ObjectName,
    /** Names of Services, each a backendRef of the route. */
    canary: ObjectName,
    stable: ObjectName,
    /** When another field manager owns the rules: never overrule it, overrule it to take traffic from the canary, or always. */
    force: z.enum(['never', 'down', 'always']),
  })
  .refine(({ canary, stable }) => canary !== stable, { path: ['canary'], error: 'another Service than stable' })
export type GatewaySource = z.infer<typeof GatewaySource>

export interface GatewayOptions extends GatewaySource {
  /** Of one `set`. Default 8,000: gateways take a moment to take a route. */
  readonly timeoutMs?: number
}

const READ_MS = 2_000

/** @throws RouterError `invalid` @param api for tests that need no cluster */
export function gateway({ timeoutMs = 8_000, ...source }: GatewayOptions, api?: Cluster): Router {
  const parsed = GatewaySource.safeParse(source)
  if (!parsed.success) throw new RouterError('invalid', parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '))
  const options = parsed.data
  const kubernetes = api ?? cluster(options)
  const what = { group: 'gateway.networking.k8s.io', version: 'v1', plural: 'httproutes', namespace: options.namespace, name: options.route }
  const inTurn = turns()

  async function look(endsAt: number): Promise<HttpRoute> {
    return httpRouteOf(await kubernetes.get(what, endsAt - performance.now()))
  }

  function percentOr(route: HttpRoute, otherwise: number): number {
    try {
      return percentIn(route, options)
    } catch {
      return otherwise
    }
  }

  async function move(percent: number, own: Own, endsAt: number): Promise<void> {
    for (;;) {
      own()
      const route = await look(endsAt)
      const up = percent > percentOr(route, 0)
      const against = percent > 0 ? obstacle(route, options) : null
      if (against !== null) throw new RouterError('refused', `HTTPRoute ${options.route} cannot give the canary ${percent} %: ${against}.`)
      if (stands(percent, route, options)) return
      own()
      const body = {
        apiVersion: `${what.group}/${what.version}`,
        kind: 'HTTPRoute',
        metadata: { name: what.name, namespace: what.namespace, resourceVersion: route.metadata.resourceVersion },
        spec: { rules: rulesFor(percent, route, options) },
      }
      const force = options.force === 'always' || (options.force === 'down' && !up)
      const applied = await kubernetes.apply(what, body, force, endsAt - performance.now())
      if (applied.ok) return
      if (applied.conflict === 'managers')
        throw new RouterError(
          'refused',
          `Others own the rules of HTTPRoute ${options.route}, and ${FIELD_MANAGER} does not overrule them (force: ${options.force}): ${applied.why}. Let them leave .spec.rules alone, or let the operator say force: always.`,
        )
      if (!leavesTime(endsAt)) throw new RouterError('refused', `HTTPRoute ${options.route} changes all the time: ${applied.why}`)
    }
  }

  async function confirmed(percent: number, own: Own, endsAt: number): Promise<void> {
    for (;;) {
      own()
      const route = await look(endsAt)
      if (!stands(percent, route, options))
        throw new RouterError('mismatch', `HTTPRoute ${options.route} was set to ${percent} % and does not stand there. Something else moves it too.`)
      const missing = pending(route)
      if (missing === null) return
      if (!missing.later) throw new RouterError('refused', `${percent} % stands in HTTPRoute ${options.route}, and ${missing.why}.`)
      if (!leavesTime(endsAt)) throw new RouterError('mismatch', `${percent} % stands in HTTPRoute ${options.route}, but ${missing.why}.`)
      await sleep(PAUSE_MS)
    }
  }

  return {
    async set(percent) {
      percentage(percent)
      await inTurn(percent, async (own) => {
        const endsAt = performance.now() + timeoutMs
        await move(percent, own, endsAt)
        await confirmed(percent, own, endsAt)
      })
    },
    async read() {
      const route = await look(performance.now() + Math.min(READ_MS, timeoutMs))
      const percent = percentIn(route, options)
      const missing = pending(route)
      if (missing === null) return percent
      throw new RouterError('mismatch', `HTTPRoute ${options.route} says ${percent} %, but ${missing.why}.`)
    },
  }
}
