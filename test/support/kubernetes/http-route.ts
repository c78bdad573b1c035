/** An HTTPRoute of a shop, and a gateway controller that takes it. */
import { apiServer, type ApiServer, type ApiServerOptions, type Stored } from './api-server.ts'

const AT = '2026-01-01T00:00:00Z'

export function condition(type: string, generation: number, status = 'True', reason = type): Record<string, unknown> {
  return { type, status, reason, message: '', observedGeneration: generation, lastTransitionTime: AT }
}

/** @param over of each condition, by type */
export function parentsOf(generation: number, over: Readonly<Record<string, string>> = {}): Record<string, unknown> {
  return {
    parents: [
      {
        parentRef: { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'edge' },
        controllerName: 'example.com/controller',
        conditions: ['Accepted', 'ResolvedRefs'].map((type) => condition(type, generation, over[type] ?? 'True')),
      },
    ],
  }
}

export const backend = (name: string, weight?: number) => ({ name, port: 80, ...(weight !== undefined && { weight }) })

export const ROUTE = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'shop', namespace: 'shop' },
  spec: {
    parentRefs: [{ name: 'edge' }],
    hostnames: ['shop.example.com'],
    rules: [
      {
        matches: [{ path: { type: 'PathPrefix', value: '/orders' } }],
        filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'x-from', value: 'edge' }] } }],
        backendRefs: [backend('shop-stable', 100), backend('shop-canary', 0)],
        timeouts: { request: '10s' },
      },
      { matches: [{ path: { type: 'PathPrefix', value: '/static' } }], backendRefs: [backend('assets')] },
      { backendRefs: [backend('shop-canary', 0), backend('shop-stable')] },
    ],
  },
  status: parentsOf(1),
}

interface Ref {
  group?: string
  kind?: string
  weight?: number
}

/** What the API server fills in, by the defaults of the published schema. */
function defaults(object: Stored): void {
  const { rules, parentRefs } = object.spec as { rules: { backendRefs: Ref[]; matches?: unknown }[]; parentRefs: Ref[] }
  for (const ref of parentRefs) {
    ref.group ??= 'gateway.networking.k8s.io'
    ref.kind ??= 'Gateway'
  }
  for (const rule of rules) {
    rule.matches ??= [{ path: { type: 'PathPrefix', value: '/' } }]
    for (const ref of rule.backendRefs) {
      ref.group ??= ''
      ref.kind ??= 'Service'
      ref.weight ??= 1
    }
  }
}

export function routeServer(over: Partial<ApiServerOptions> = {}): Promise<ApiServer> {
  return apiServer({ group: 'gateway.networking.k8s.io', version: 'v1', plural: 'httproutes', object: ROUTE, token: 'a-token', defaults, ...over })
}

/** Takes every generation as soon as it is stored. @param over of each condition, by type */
export function controller(server: ApiServer, over: Readonly<Record<string, string>> = {}): void {
  server.onSpec = ({ metadata }) => server.change((object) => (object.status = parentsOf(metadata.generation, over)))
}

export function weights(server: ApiServer): number[][] {
  return (server.object.spec['rules'] as { backendRefs: { weight: number }[] }[]).map(({ backendRefs }) => backendRefs.map(({ weight }) => weight))
}
