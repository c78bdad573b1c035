/**
 * What the router says to a Kubernetes API server, and what it hears, by the CustomResourceDefinition that the Gateway API publishes: our server over real
 * HTTP refuses an object that does not hold by it, and nothing it says may break it either.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { gateway } from '../../app/rollout/routers/gateway.ts'
import { httpRouteOf, percentIn } from '../../app/rollout/routers/http-route.ts'
import { kubeconfigOf, type ApiServer } from '../support/kubernetes/api-server.ts'
import { crdOf } from '../support/kubernetes/crd.ts'
import { controller, ROUTE, routeServer, weights } from '../support/kubernetes/http-route.ts'
import { toolFile } from '../support/tools.ts'

const CRD = toolFile('crds/gateway.networking.k8s.io_httproutes.yaml')
interface Rules {
  readonly 'x-kubernetes-list-type': string
  readonly items: {
    readonly properties: { readonly backendRefs: { readonly items: { readonly properties: { readonly weight: { readonly default: number } } } } }
  }
}
interface Version {
  readonly name: string
  readonly schema: { readonly openAPIV3Schema: { readonly properties: { readonly spec: { readonly properties: { readonly rules: Rules } } } } }
}
interface Published {
  readonly spec: { readonly versions: readonly Version[] }
}
const SHOP = { canary: 'shop-canary', stable: 'shop-stable' }

describe.skipIf(CRD === null)('the published schema of HTTPRoute (skipped where it is absent)', () => {
  let server: ApiServer
  let folder = ''

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'interop-gateway-'))
    server = await routeServer({ crd: crdOf(await readFile(CRD ?? '', 'utf8'), 'v1'), owner: 'release-conductor' })
    controller(server)
    await writeFile(join(folder, 'config'), kubeconfigOf(server.url))
  })
  afterEach(async () => {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('holds for every request and answer of a whole canary and its way back', async () => {
    const router = gateway({ ...SHOP, namespace: 'shop', route: 'shop', force: 'never', kubeconfig: join(folder, 'config') })
    for (const percent of [0, 1, 10, 50, 99, 100, 0]) {
      await router.set(percent)
      expect(await router.read()).toBe(percent)
    }
    expect(weights(server)).toEqual([[100, 0], [1], [0, 100]])
    expect(server.asked.filter(({ method }) => method === 'PATCH')).toHaveLength(6)
    expect(server.violations).toEqual([])
  })

  test('is not blind: a weight out of bounds, an unknown field and a wrong type are seen', async () => {
    const crd = crdOf(await readFile(CRD ?? '', 'utf8'), 'v1')
    expect(crd.problems(ROUTE)).toEqual([])
    const wrong = (edit: (rule: Record<string, unknown>) => void): readonly string[] => {
      const route = structuredClone(ROUTE)
      edit(route.spec.rules[0] as Record<string, unknown>)
      return crd.problems(route)
    }
    expect(wrong((rule) => (rule['backendRefs'] = [{ name: 'a', port: 80, weight: 1_000_001 }]))).not.toEqual([])
    expect(wrong((rule) => (rule['backendRefs'] = [{ name: 'a', port: 80, weights: 1 }]))).not.toEqual([])
    expect(wrong((rule) => (rule['backendRefs'] = [{ name: 'a', port: '80' }]))).not.toEqual([])
    expect(wrong((rule) => (rule['backendrefs'] = []))).not.toEqual([])
  })

  test('says that rules are applied as a whole, and that an absent weight is 1: so the router reads and writes them', async () => {
    const { spec } = parse(await readFile(CRD ?? '', 'utf8')) as Published
    const rules = spec.versions.find(({ name }) => name === 'v1')?.schema.openAPIV3Schema.properties.spec.properties.rules
    expect(rules?.['x-kubernetes-list-type']).toBe('atomic')
    expect(rules?.items.properties.backendRefs.items.properties.weight.default).toBe(1)
    const plain = { ...ROUTE, metadata: { ...ROUTE.metadata, resourceVersion: '1', generation: 1 } }
    const backendRefs = [{ name: 'shop-canary' }, { name: 'shop-stable' }]
    expect(percentIn(httpRouteOf({ ...plain, spec: { rules: [{ backendRefs }] } }), SHOP)).toBe(50)
  })
})
