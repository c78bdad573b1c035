/** The adapter and its client of Kubernetes against a double of the API server over real HTTP. test/interop/gateway.test.ts adds the published schema. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { gateway, type GatewayOptions } from '../../../../app/rollout/routers/gateway.ts'
import type { Router } from '../../../../app/rollout/routers/router.ts'
import { kubeconfigOf, type ApiServer } from '../../../support/kubernetes/api-server.ts'
import { backend, controller, parentsOf, routeServer, weights } from '../../../support/kubernetes/http-route.ts'

async function stage(over: Partial<GatewayOptions> = {}, owner = 'release-conductor'): Promise<{ server: ApiServer; router: Router }> {
  const server = await routeServer({ owner })
  const folder = await mkdtemp(join(tmpdir(), 'kube-'))
  onTestFinished(async () => {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  })
  controller(server)
  const kubeconfig = join(folder, 'config')
  await writeFile(kubeconfig, kubeconfigOf(server.url))
  const router = gateway({
    namespace: 'shop',
    route: 'shop',
    canary: 'shop-canary',
    stable: 'shop-stable',
    force: 'never',
    kubeconfig,
    timeoutMs: 3_000,
    ...over,
  })
  return { server, router }
}

const weightless = (spec: unknown): unknown => JSON.parse(JSON.stringify(spec, (key, value: unknown) => (key === 'weight' ? undefined : value)))
const rules = (canaries: readonly number[]) =>
  canaries.map((canary) => ({ backendRefs: [backend('shop-stable', 100 - canary), backend('shop-canary', canary)] }))
const patches = (server: ApiServer) => server.asked.filter(({ method }) => method === 'PATCH')

test('the weights of both in every rule that has both, by server-side apply under our own name, and nothing else', async () => {
  const { server, router } = await stage()
  expect(await router.read()).toBe(0)
  const before = structuredClone(server.object)
  await router.set(10)
  expect(await router.read()).toBe(10)
  expect(weights(server)).toEqual([[90, 10], [1], [10, 90]])
  expect(patches(server)[0]).toMatchObject({
    contentType: 'application/apply-patch+yaml',
    query: { fieldManager: 'release-conductor', force: 'false', fieldValidation: 'Strict' },
    body: { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: 'shop', namespace: 'shop', resourceVersion: '1' } },
  })
  expect(patches(server).map(({ body }) => Object.keys((body as { spec: object }).spec))).toEqual([['rules']])
  expect(weightless(server.object.spec)).toEqual(weightless(before.spec))
})

test.each([
  [50, [[50, 50], [1], [50, 50]]],
  [100, [[0, 100], [1], [100, 0]]],
])('%i percent and back to 0, exactly', async (percent, expected) => {
  const { server, router } = await stage()
  await router.set(percent)
  expect(weights(server)).toEqual(expected)
  await router.set(0)
  expect(weights(server)).toEqual([[100, 0], [1], [0, 100]])
  expect(await router.read()).toBe(0)
})

test('what stands already is not applied again', async () => {
  const { server, router } = await stage()
  await router.set(0)
  await router.set(10)
  await router.set(10)
  expect(patches(server)).toHaveLength(1)
})

test('a generation that the gateway has not taken is waited for, and is no success', async () => {
  const { server, router } = await stage()
  server.onSpec = null
  await expect(router.set(10)).rejects.toMatchObject({
    code: 'mismatch',
    message: expect.stringContaining('has not taken generation 2') as string,
  })
  await expect(router.read()).rejects.toMatchObject({ code: 'mismatch' })
  server.change((object) => (object.status = parentsOf(2)))
  expect(await router.read()).toBe(10)
  await router.set(10)
})

test.each([
  ['Accepted', 'Accepted is False'],
  ['ResolvedRefs', 'ResolvedRefs is False'],
])('a gateway that says no to %s is told in its words', async (type, words) => {
  const { server, router } = await stage()
  controller(server, { [type]: 'False' })
  await expect(router.set(10)).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining(words) as string })
  await expect(router.read()).rejects.toMatchObject({ code: 'mismatch' })
})

test('rules that another manager owns are not taken, and it is named', async () => {
  const { server, router } = await stage({}, 'argocd-controller')
  await expect(router.set(10)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('conflict with "argocd-controller"') as string,
  })
  expect(weights(server)).toEqual([[100, 0], [1], [0, 1]])
})

test('with force: down they are taken for a step down only, with force: always for each', async () => {
  const down = await stage({ force: 'down' }, 'argocd-controller')
  await expect(down.router.set(10)).rejects.toMatchObject({ code: 'refused' })
  down.server.change(({ spec }) => (spec['rules'] = [{ backendRefs: [backend('shop-stable', 50), backend('shop-canary', 50)] }]))
  await down.router.set(0)
  expect(weights(down.server)).toEqual([[100, 0]])
  const always = await stage({ force: 'always' }, 'argocd-controller')
  await always.router.set(10)
  expect(await always.router.read()).toBe(10)
})

test('a route that changed since it was read is read again', async () => {
  const { server, router } = await stage()
  let meddled = 0
  server.fault = ({ method }) => {
    if (method !== 'PATCH' || meddled === 2) return null
    meddled += 1
    server.change(({ spec }) => (spec['hostnames'] = [`shop${meddled}.example.com`]))
    return null
  }
  await router.set(10)
  expect(meddled).toBe(2)
  expect(server.object.spec['hostnames']).toEqual(['shop2.example.com'])
  expect(await router.read()).toBe(10)
})

test('a weight that somebody else moved, and rules that differ, are told', async () => {
  const { server, router } = await stage()
  await router.set(10)
  server.change(({ spec }) => (spec['rules'] = rules([30])))
  expect(await router.read()).toBe(30)
  server.change(({ spec }) => (spec['rules'] = rules([30, 0])))
  await expect(router.read()).rejects.toMatchObject({
    code: 'mismatch',
    message: expect.stringContaining('rule 1 gives the canary 30 %, rule 2 0 %') as string,
  })
  await router.set(0)
  expect(weights(server)).toEqual([
    [100, 0],
    [100, 0],
  ])
})

test.each([
  ['without the canary', [backend('shop-stable')], 'no rule has a backendRef shop-canary'],
  ['that sends to the canary alone', [backend('shop-canary')], 'names shop-canary and not the other'],
  ['with a third that has weight', [backend('shop-canary', 0), backend('shop-stable'), backend('old', 5)], 'also sends traffic to old'],
  ['with the canary twice', [backend('shop-canary', 0), backend('shop-canary', 0), backend('shop-stable')], 'names one of the two twice'],
])('a rule %s stops a step up', async (_, backendRefs, words) => {
  const { server, router } = await stage()
  server.change(({ spec }) => (spec['rules'] = [{ backendRefs }]))
  await expect(router.set(10)).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining(words) as string })
  expect(patches(server)).toEqual([])
})

test.each([
  ['is down', { status: 503, body: '{}' }, 'unreachable'],
  ['is too busy', { status: 429, body: '' }, 'unreachable'],
  ['says no', { status: 403, body: '{"message":"httproutes is forbidden: User \\"app\\" cannot get"}' }, 'refused'],
  ['knows no such route', { status: 404, body: '{"message":"not found"}' }, 'refused'],
  ['is something else', { status: 200, body: '{"kind":"Pod"}' }, 'malformed'],
  ['speaks nonsense', { status: 200, body: '<html>' }, 'unreachable'],
  ['says too much', { status: 200, body: JSON.stringify('x'.repeat(5 << 20)) }, 'malformed'],
])('an API server that %s', async (_, fault, code) => {
  const { server, router } = await stage()
  server.fault = () => fault
  await expect(router.read()).rejects.toMatchObject({ name: 'RouterError', code })
  await expect(router.set(0)).rejects.toMatchObject({ code })
})

test('a token that is none, a server that is gone, a kubeconfig that is none', async () => {
  const { server, router } = await stage()
  server.fault = () => ({ status: 401, body: '{"message":"Unauthorized"}' })
  await expect(router.read()).rejects.toMatchObject({ code: 'refused', message: expect.not.stringContaining('a-token') as string })
  const gone = gateway({ namespace: 'shop', route: 'shop', canary: 'a', stable: 'b', force: 'never', kubeconfig: '/no/such/config' })
  await expect(gone.read()).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('/no/such/config') as string })
  const other = await stage({ context: 'elsewhere' })
  await expect(other.router.read()).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('no context elsewhere') as string })
  server.fault = null
  await server.close()
  await expect(router.read()).rejects.toMatchObject({ code: 'unreachable' })
})

test('what the operator wrote is checked', () => {
  const source = { namespace: 'shop', route: 'shop', canary: 'a', stable: 'a', force: 'never' } as const
  expect(() => gateway(source)).toThrow(expect.objectContaining({ code: 'invalid' }))
  expect(() => gateway({ ...source, canary: '../secrets' })).toThrow(expect.objectContaining({ code: 'invalid' }))
})
