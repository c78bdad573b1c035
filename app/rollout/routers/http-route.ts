/**
 * An HTTPRoute of the Gateway API -> the share of its canary, the same rules with another share, and whether its gateways took what stands in it. Pure.
 * The list of rules is atomic in the API: who applies a weight applies all rules, so they are kept as they were read, unknown fields included.
 */
import { z } from 'zod'
import { percentOf } from './haproxy-weights.ts'
import { RouterError } from './router.ts'
import { words } from './words.ts'

/** Names of the two Services. */
export interface Backends {
  readonly canary: string
  readonly stable: string
}

const Text = z.string().max(1000)
const BackendRef = z.looseObject({ name: Text, namespace: Text.optional(), weight: z.number().int().min(0).max(1_000_000).default(1) })
const Rule = z.looseObject({ backendRefs: z.array(BackendRef).max(64).optional() })
const ParentRef = z.looseObject({
  name: Text,
  namespace: Text.optional(),
  group: Text.optional(),
  kind: Text.optional(),
  sectionName: Text.optional(),
  port: z.number().optional(),
})
type ParentRef = z.infer<typeof ParentRef>
const Condition = z.looseObject({
  type: Text,
  status: Text,
  reason: Text.default(''),
  message: z.string().max(40_000).default(''),
  observedGeneration: z.number().int().optional(),
})
const HttpRoute = z.looseObject({
  metadata: z.looseObject({ namespace: Text, resourceVersion: Text.min(1), generation: z.number().int() }),
  spec: z.looseObject({ parentRefs: z.array(ParentRef).max(32).default([]), rules: z.array(Rule).max(64).default([]) }),
  status: z.looseObject({ parents: z.array(z.looseObject({ parentRef: ParentRef, conditions: z.array(Condition).max(64) })).max(64) }).optional(),
})
export type HttpRoute = z.infer<typeof HttpRoute>
type Rule = z.infer<typeof Rule>

/** @throws RouterError `malformed` */
export function httpRouteOf(object: unknown): HttpRoute {
  const parsed = HttpRoute.safeParse(object)
  if (parsed.success) return parsed.data
  const where = parsed.error.issues.map(({ path }) => path.join('.')).slice(0, 5)
  throw new RouterError('malformed', `The API server's answer is no HTTPRoute of gateway.networking.k8s.io/v1: ${where.join(', ')}.`)
}

interface Shared {
  /** Place of the rule, from 1. */
  readonly rule: number
  readonly canary: number | null
  readonly stable: number | null
  /** Names of others with weight. */
  readonly others: readonly string[]
  readonly twice: boolean
}

function isOwn(name: string | undefined, own: string): boolean {
  return name === undefined || name === own
}

/** The rules that name one of the two. */
function shared({ metadata, spec }: HttpRoute, { canary, stable }: Backends): Shared[] {
  return spec.rules.flatMap(({ backendRefs = [] }, at) => {
    const called = (name: string) => backendRefs.filter((ref) => ref.name === name && isOwn(ref.namespace, metadata.namespace))
    const [canaries, stables] = [called(canary), called(stable)]
    if (canaries.length + stables.length === 0) return []
    return {
      rule: at + 1,
      canary: canaries[0]?.weight ?? null,
      stable: stables[0]?.weight ?? null,
      others: backendRefs.filter((ref) => !canaries.includes(ref) && !stables.includes(ref) && ref.weight > 0).map(({ name }) => name),
      twice: canaries.length > 1 || stables.length > 1,
    }
  })
}

/** Why the canary may get no larger share by these rules; null when it may. */
export function obstacle(route: HttpRoute, backends: Backends): string | null {
  const rules = shared(route, backends)
  if (!rules.some(({ canary }) => canary !== null)) return `no rule has a backendRef ${backends.canary}`
  for (const { rule, canary, stable, others, twice } of rules) {
    if (twice) return `rule ${rule} names one of the two twice`
    if (canary === null || stable === null)
      return `rule ${rule} names ${canary === null ? backends.stable : backends.canary} and not the other, so it cannot be shared`
    if (others[0] !== undefined) return `rule ${rule} also sends traffic to ${others[0]}, so no share of all can be kept`
  }
  return null
}

/** Percent of the canary, the same in every rule that can send to both. @throws RouterError `mismatch` */
export function percentIn(route: HttpRoute, backends: Backends): number {
  const rules = shared(route, backends).map(({ rule, canary, stable }) => ({ rule, canary: canary ?? 0, stable: stable ?? 0 }))
  const told = rules.map(({ rule, canary, stable }) => ({ rule, percent: percentOf(canary, stable) }))
  const [first, ...rest] = told
  const other = rest.find(({ percent }) => percent !== first?.percent)
  if (first === undefined) return 0
  if (other === undefined) return first.percent
  throw new RouterError(
    'mismatch',
    `The rules share differently: rule ${first.rule} gives the canary ${first.percent} %, rule ${other.rule} ${other.percent} %. Set the weight again.`,
  )
}

/** Every rule with both has the share already. */
export function stands(percent: number, route: HttpRoute, backends: Backends): boolean {
  return shared(route, backends).every(({ canary, stable }) => {
    if (canary === null || stable === null) return true
    if (percent === 0) return canary === 0 && stable > 0
    if (percent === 100) return stable === 0 && canary > 0
    return canary === percent && stable === 100 - percent
  })
}

/** All rules; those with both share as told, in weights of 100 together. */
export function rulesFor(percent: number, { metadata, spec }: HttpRoute, { canary, stable }: Backends): Rule[] {
  return spec.rules.map((rule) => {
    const refs = rule.backendRefs ?? []
    const mine = (ref: (typeof refs)[number], name: string) => ref.name === name && isOwn(ref.namespace, metadata.namespace)
    if (!refs.some((ref) => mine(ref, canary)) || !refs.some((ref) => mine(ref, stable))) return rule
    const weighed = refs.map((ref) => (mine(ref, canary) ? { ...ref, weight: percent } : mine(ref, stable) ? { ...ref, weight: 100 - percent } : ref))
    return { ...rule, backendRefs: weighed }
  })
}

/** Why the gateways do not serve this generation of the route. `later`: they have not said so yet. */
export interface Pending {
  readonly later: boolean
  readonly why: string
}

function sameParent(a: ParentRef, b: ParentRef, namespace: string): boolean {
  const key = (ref: ParentRef) =>
    JSON.stringify([ref.group ?? 'gateway.networking.k8s.io', ref.kind ?? 'Gateway', ref.namespace ?? namespace, ref.name, ref.sectionName, ref.port])
  return key(a) === key(b)
}

/** null: every gateway that the route names accepted it as it stands, and found its Services. */
export function pending({ metadata, spec, status }: HttpRoute): Pending | null {
  const { generation, namespace } = metadata
  if (spec.parentRefs.length === 0) return { later: false, why: 'the route names no gateway' }
  for (const parent of spec.parentRefs) {
    const told = status?.parents.filter(({ parentRef }) => sameParent(parentRef, parent, namespace)) ?? []
    if (told.length === 0) return { later: true, why: `gateway ${parent.name} says nothing of the route` }
    for (const { conditions } of told)
      for (const type of ['Accepted', 'ResolvedRefs']) {
        const condition = conditions.find((each) => each.type === type)
        if (condition === undefined || (condition.observedGeneration ?? 0) < generation)
          return { later: true, why: `gateway ${parent.name} has not taken generation ${generation} of the route (${type})` }
        if (condition.status !== 'True')
          return {
            later: condition.status === 'Unknown',
            why: `gateway ${parent.name} says ${type} is ${condition.status}: ${words(`${condition.reason} ${condition.message}`)}`,
          }
      }
  }
  return null
}
