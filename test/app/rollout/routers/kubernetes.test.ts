import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { cluster, type Cluster } from '../../../../app/rollout/routers/kubernetes.ts'
import { kubeconfigOf, type ApiServer } from '../../../support/kubernetes/api-server.ts'
import { parentsOf, routeServer } from '../../../support/kubernetes/http-route.ts'
import { ended } from '../../../support/tools.ts'

const SHOP = { group: 'gateway.networking.k8s.io', version: 'v1', plural: 'httproutes', namespace: 'shop', name: 'shop' }

async function stage(): Promise<{ server: ApiServer; kubernetes: Cluster }> {
  const server = await routeServer()
  const folder = await mkdtemp(join(tmpdir(), 'kube-'))
  onTestFinished(async () => {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  })
  await writeFile(join(folder, 'config'), kubeconfigOf(server.url))
  return { server, kubernetes: cluster({ kubeconfig: join(folder, 'config') }) }
}

test('an object is read as it is', async () => {
  const { server, kubernetes } = await stage()
  expect(await kubernetes.get(SHOP, 2_000)).toEqual(server.object)
})

test('a merge patch changes the object or its status, each alone', async () => {
  const { server, kubernetes } = await stage()
  const body = { spec: { hostnames: ['other.example.com'] }, status: parentsOf(9) }
  expect(await kubernetes.merge(SHOP, body, 'status', 2_000)).toMatchObject({ ok: true })
  expect(server.object).toMatchObject({ spec: { hostnames: ['shop.example.com'] }, status: parentsOf(9) })
  await kubernetes.merge(SHOP, { ...body, status: parentsOf(5) }, 'object', 2_000)
  expect(server.object).toMatchObject({ spec: { hostnames: ['other.example.com'] }, status: parentsOf(9) })
  expect(server.asked.map(({ path, contentType }) => [path.split('/').at(-1), contentType])).toEqual([
    ['status', 'application/merge-patch+json'],
    ['shop', 'application/merge-patch+json'],
  ])
})

test('an answer that does not come in time is none', async () => {
  const { server, kubernetes } = await stage()
  await kubernetes.get(SHOP, 5_000)
  server.stall = true
  await expect(kubernetes.get(SHOP, 200)).rejects.toMatchObject({ code: 'unreachable' })
})

test('an object that is not there is refused, with the words of the server', async () => {
  const { kubernetes } = await stage()
  await expect(kubernetes.get({ ...SHOP, name: 'other' }, 2_000)).rejects.toMatchObject({
    code: 'refused',
    message: 'The API server refuses httproutes/other in namespace shop: httproutes.gateway.networking.k8s.io "other" not found',
  })
})

test('outside a cluster the own service account is no way to ask', async () => {
  await expect(cluster({}).get(SHOP, 2_000)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('the service account of this pod') as string,
  })
})

test('the client is not loaded before somebody asks a cluster', async () => {
  const adapter = new URL('../../../../app/rollout/routers/adapter.ts', import.meta.url).href
  const script = `
    import { registerHooks } from 'node:module'
    const seen = []
    registerHooks({ load: (url, context, next) => (seen.push(url), next(url, context)) })
    const { adapterOf } = await import(${JSON.stringify(adapter)})
    const source = { namespace: 'a', route: 'a', canary: 'c', stable: 's', force: 'never' }
    const router = adapterOf({ kind: 'gateway-api', source })
    const before = seen.filter((url) => url.includes('@kubernetes')).length
    await router.read().catch(() => {})
    process.stdout.write(JSON.stringify([before > 0, seen.some((url) => url.includes('@kubernetes'))]))`
  const { out, err } = await ended(process.execPath, ['--input-type=module', '-e', script])
  expect([out, err]).toEqual(['[false,true]', ''])
})
