/** The adapter against a double of the API server over real HTTP, and of Argo's controller. test/interop/argo.test.ts adds the published schema. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { argoRollouts } from '../../../../app/rollout/routers/argo.ts'
import type { Router } from '../../../../app/rollout/routers/router.ts'
import { kubeconfigOf } from '../../../support/kubernetes/api-server.ts'
import { rolloutOf, rolloutServer, STEPS, type ArgoServer } from '../../../support/kubernetes/rollout.ts'

async function stage(steps = STEPS, timeoutMs = 2_000): Promise<{ server: ArgoServer; router: Router }> {
  const server = await rolloutServer({ object: rolloutOf(steps) })
  const folder = await mkdtemp(join(tmpdir(), 'argo-'))
  onTestFinished(async () => {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  })
  const kubeconfig = join(folder, 'config')
  await writeFile(kubeconfig, kubeconfigOf(server.url))
  return { server, router: argoRollouts({ namespace: 'shop', rollout: 'shop', kubeconfig, timeoutMs }) }
}

const part = ({ path }: { path: string }) => (path.endsWith('/status') ? 'status' : 'object')
const patches = (server: ArgoServer) => server.asked.filter(({ method }) => method === 'PATCH')

test('up along the steps by ending each pause once, and home by aborting', async () => {
  const { server, router } = await stage()
  expect(await router.read()).toBe(0)
  server.deploy('new')
  for (const percent of [10, 50, 100]) {
    await router.set(percent)
    expect(await router.read()).toBe(percent)
  }
  expect(server.object.status).toMatchObject({ currentStepIndex: 7, stableRS: 'old' })
  await router.set(0)
  expect(await router.read()).toBe(0)
  expect(server.object.status).toMatchObject({ abort: true, stableRS: 'old' })
  expect(patches(server).map((asked) => [part(asked), { ...(asked.body as object), metadata: null }])).toEqual([
    ['object', { metadata: null }],
    ['status', { status: { pauseConditions: null }, metadata: null }],
    ['status', { status: { pauseConditions: null }, metadata: null }],
    ['status', { status: { pauseConditions: null }, metadata: null }],
    ['status', { status: { abort: true }, metadata: null }],
  ])
})

test('what stands is asked for no second time, at 0 % neither', async () => {
  const { server, router } = await stage()
  await router.set(0)
  server.deploy('new')
  await router.set(0)
  expect(patches(server)).toEqual([])
  await router.set(10)
  const before = patches(server).length
  await router.set(10)
  expect(patches(server)).toHaveLength(before)
})

test('a pause that somebody else ended meanwhile is not ended twice', async () => {
  const { server, router } = await stage()
  server.deploy('new')
  let meddled = false
  server.fault = ({ method, path }) => {
    if (method === 'PATCH' && path.endsWith('/status') && !meddled) {
      meddled = true
      server.change((object) => delete object.status?.['pauseConditions'])
      server.controller()
    }
    return null
  }
  await router.set(10)
  expect(await router.read()).toBe(10)
})

test('a version that waits for its pods is no success, and home it goes all the same', async () => {
  const { server, router } = await stage(STEPS, 1_500)
  server.deploy('new')
  server.onPatch = null
  await expect(router.set(10)).rejects.toMatchObject({ code: 'mismatch', message: expect.stringContaining('step 2 is under way') as string })
  await expect(router.read()).rejects.toMatchObject({ code: 'mismatch' })
  server.onPatch = () => server.controller()
  await router.set(0)
  expect(await router.read()).toBe(0)
})

test('a weight that is not the next one is refused', async () => {
  const { server, router } = await stage()
  server.deploy('new')
  await expect(router.set(50)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('its next weight is 10 % instead of 50 %') as string,
  })
  await router.set(10)
  await expect(router.set(5)).rejects.toMatchObject({ code: 'refused' })
  expect(await router.read()).toBe(10)
})

test('without a canary, after an abort and while a person paused it, nobody is given traffic', async () => {
  const { server, router } = await stage()
  await expect(router.set(10)).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('has no canary') as string })
  server.deploy('new')
  await router.set(10)
  await router.set(0)
  await expect(router.set(10)).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('was aborted') as string })
  server.deploy('newer')
  server.change(({ spec }) => (spec['paused'] = true))
  server.controller()
  await expect(router.set(10)).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('paused by hand') as string })
})

test('a version that Argo made the stable one cannot be taken back by aborting, and nobody says it was', async () => {
  const { server, router } = await stage()
  server.deploy('new')
  for (const percent of [10, 50, 100]) await router.set(percent)
  server.change((object) => delete object.status?.['pauseConditions'])
  server.controller()
  expect(server.object.status).toMatchObject({ stableRS: 'new' })
  expect(await router.read()).toBe(100)
  await router.set(100)
  await expect(router.set(0)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('kubectl argo rollouts undo shop') as string,
  })
  server.deploy('third')
  expect(await router.read()).toBe(0)
  await router.set(0)
})

test('an abort of Argo itself shows as a weight that moved', async () => {
  const { server, router } = await stage()
  server.deploy('new')
  await router.set(10)
  server.change((object) => Object.assign(object.status ?? {}, { abort: true }))
  server.controller()
  expect(await router.read()).toBe(0)
})

test('a controller that is behind says nothing', async () => {
  const { server, router } = await stage(STEPS, 500)
  server.deploy('new')
  server.change(({ spec }) => (spec['replicas'] = 5))
  server.onPatch = null
  await expect(router.read()).rejects.toMatchObject({ code: 'mismatch', message: expect.stringContaining('has not seen generation 2') as string })
  await expect(router.set(10)).rejects.toMatchObject({ code: 'mismatch' })
  await expect(router.set(0)).rejects.toMatchObject({ code: 'mismatch' })
  expect(patches(server)).toEqual([])
})

test('another kind of object, and a name that is none', async () => {
  const { server, router } = await stage()
  server.fault = () => ({ status: 200, body: '{"kind":"Deployment"}' })
  await expect(router.read()).rejects.toMatchObject({ code: 'malformed' })
  expect(() => argoRollouts({ namespace: 'shop', rollout: 'a/b' })).toThrow(expect.objectContaining({ code: 'invalid' }))
})
