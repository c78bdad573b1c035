import { expect, test } from 'vitest'
import { RouterError } from '../../../../app/rollout/routers/router.ts'
import { weight } from '../../../../app/rollout/routers/weight.ts'

const full = () => Promise.reject(new Error('ENOSPC: no space left on device'))

test('a step down is in force before it is saved', async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const router = weight(50, () => promise)
  const set = router.set(0)
  expect(router.percent()).toBe(0)
  resolve(undefined)
  await set
})

test('a step up is not in force before it is saved', async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const router = weight(10, () => promise)
  const set = router.set(50)
  expect(router.percent()).toBe(10)
  resolve(undefined)
  await set
  expect(router.percent()).toBe(50)
})

test('a full disk cannot keep the canary in traffic, and says that the weight is not saved', async () => {
  const router = weight(50, full)
  await expect(router.set(0)).rejects.toMatchObject({ name: 'RouterError', code: 'not-durable' })
  expect(router.percent()).toBe(0)
  expect(Array.from({ length: 200 }, () => router.choose())).not.toContain('canary')
})

test('a client stays with its version, and who is nobody in particular is drawn', async () => {
  const moved: number[] = []
  const router = weight(
    10,
    () => Promise.resolve(),
    (percent) => moved.push(percent),
  )
  const clients = Array.from({ length: 500 }, (_, at) => `client-${at}`)
  const inside = () => clients.filter((client) => router.choose(client) === 'canary')
  const before = inside()
  expect(inside()).toEqual(before)
  expect(Array.from({ length: 100 }, () => router.choose(null)).filter((arm) => arm === 'canary')).toHaveLength(10)
  await router.set(50)
  expect(before.filter((client) => !inside().includes(client))).toEqual([])
  await router.set(50)
  await router.set(0)
  expect(inside()).toEqual([])
  expect(moved).toEqual([50, 0])
})

test('a full disk refuses a step up', async () => {
  const router = weight(0, full)
  await expect(router.set(10)).rejects.toMatchObject({ code: 'refused' })
  expect(router.percent()).toBe(0)
})

test('a step down wins over a step up that is still being saved', async () => {
  const saved: number[] = []
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const router = weight(10, async (percent) => {
    saved.push(percent)
    if (percent === 50) await promise
  })
  const up = router.set(50)
  await Promise.resolve()
  const down = router.set(0)
  resolve(undefined)
  await expect(up).rejects.toBeInstanceOf(RouterError)
  await down
  expect(router.percent()).toBe(0)
  expect(saved.at(-1)).toBe(0)
})

test('setting again what could not be saved saves it', async () => {
  let broken = true
  const saved: number[] = []
  const router = weight(50, async (percent) => {
    if (broken) throw new Error('ENOSPC')
    saved.push(percent)
  })
  await expect(router.set(0)).rejects.toMatchObject({ code: 'not-durable' })
  broken = false
  await router.set(0)
  await router.set(0)
  expect(saved).toEqual([0])
})
