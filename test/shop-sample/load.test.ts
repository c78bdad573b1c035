import { expect, test } from 'vitest'
import { startLoad } from '../support/load.ts'
import { testArm } from '../app/rollout/routers/arms.ts'

test('sends what was asked, counts by arm, and dates the first bad answer', async () => {
  let count = 0
  const from = Date.now()
  const arm = await testArm((_, response) => {
    count += 1
    const canary = count % 2 === 0
    response.setHeader('x-release-arm', canary ? 'canary' : 'stable')
    response.writeHead(canary && count > 100 ? 500 : 200).end()
  })
  const { promise: half, resolve } = Promise.withResolvers<number>()
  const load = startLoad({ url: arm.url, rate: 200, seconds: 1 })
  setTimeout(() => resolve(load.report().sent), 500)
  const sentByHalf = await half
  const report = await load.done
  expect(report).toMatchObject({ sent: 200, answered: 200, failed: 0, dropped: 0, codes: { 200: 150, 500: 50 } })
  expect(report.arms).toEqual({ canary: { ok: 50, bad: 50 }, stable: { ok: 100, bad: 0 }, unknown: { ok: 0, bad: 0 } })
  expect(sentByHalf).toBeLessThan(200)
  expect(report.first_bad).toBeGreaterThan(from)
  expect(report.last_canary).toBeGreaterThanOrEqual(report.first_bad ?? Infinity)
})

test('a server that never answers does not slow the load down', async () => {
  const arm = await testArm(() => undefined)
  const load = startLoad({ url: arm.url, rate: 100, seconds: 1 })
  await expect.poll(() => load.report().sent, { timeout: 10_000 }).toBe(100)
  expect(load.report().answered).toBe(0)
  arm.server.closeAllConnections()
  expect(await load.done).toMatchObject({ answered: 0, failed: 100, first_bad: null, last_canary: null })
})

test('nobody there is counted as no answer', async () => {
  expect(await startLoad({ url: 'http://127.0.0.1:1', rate: 50, seconds: 1 }).done).toMatchObject({ sent: 50, answered: 0, failed: 50 })
})

test.each([{ rate: 0 }, { rate: 5001 }, { seconds: 0 }, { seconds: 3601 }, { rate: Number.NaN }])('%j is out of bounds', (wrong) => {
  expect(() => startLoad({ url: 'http://127.0.0.1:1', rate: 1, seconds: 1, ...wrong })).toThrow(RangeError)
})
