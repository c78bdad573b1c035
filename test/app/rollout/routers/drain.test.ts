import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { drain } from '../../../../app/rollout/routers/drain.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function begun(draining: ReturnType<typeof drain>, arm: 'canary' | 'stable') {
  const request = { ended: false, over: () => {} }
  request.over = draining.begin(arm, () => (request.ended = true))
  return request
}

test('what is open when a version loses its weight has its time, and no more', () => {
  const draining = drain(1_000)
  draining.moved(50)
  const [early, late, stable] = [begun(draining, 'canary'), begun(draining, 'canary'), begun(draining, 'stable')]
  draining.moved(0)
  vi.advanceTimersByTime(999)
  early.over()
  expect(draining.open()).toEqual({ canary: 1, stable: 1 })
  vi.advanceTimersByTime(1)
  expect([early.ended, late.ended, stable.ended]).toEqual([false, true, false])
})

test('stable is drained at 100 percent', () => {
  const draining = drain(1_000)
  const stable = begun(draining, 'stable')
  draining.moved(100)
  vi.advanceTimersByTime(1_000)
  expect(stable.ended).toBe(true)
})

test('a version that gets weight again is drained no more, and its time begins anew', () => {
  const draining = drain(1_000)
  const request = begun(draining, 'canary')
  draining.moved(0)
  vi.advanceTimersByTime(900)
  draining.moved(10)
  vi.advanceTimersByTime(900)
  draining.moved(0)
  vi.advanceTimersByTime(900)
  expect(request.ended).toBe(false)
  vi.advanceTimersByTime(100)
  expect(request.ended).toBe(true)
})

test('weight 0 said twice does not lengthen the time', () => {
  const draining = drain(1_000)
  const request = begun(draining, 'canary')
  draining.moved(0)
  vi.advanceTimersByTime(900)
  draining.moved(0)
  vi.advanceTimersByTime(100)
  expect(request.ended).toBe(true)
})

test('a proxy that ends ends nobody by this', () => {
  const draining = drain(1_000)
  const request = begun(draining, 'canary')
  draining.moved(0)
  draining.stop()
  vi.advanceTimersByTime(5_000)
  expect(request.ended).toBe(false)
})
