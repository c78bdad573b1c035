import { describe, expect, test } from 'vitest'
import { BurnGuard, type Objective } from '../../../gates/judge/burn.ts'
import { histogramOf, type Arm } from '../../../gates/judge/tick.ts'

const LE = [100, 250, 1000]
/** @param slow requests of 1000 that took longer than 250 ms */
const arm = (errors: number, slow = 0): Arm => ({ requests: 1000, errors, latency: histogramOf(1000, LE, [500, 1000 - slow, 1000]) })

/** Ticks of ten seconds. */
function after(objectives: readonly Objective[], ticks: number, canary: (at: number) => Arm | null, stable: (at: number) => Arm | null): BurnGuard {
  const guard = new BurnGuard(objectives)
  for (let at = 0; at < ticks; at++) guard.add(at * 10, canary(at), stable(at))
  return guard
}

const AVAILABLE = { name: 'availability', target: 0.999 }
const FAST = { name: 'fast', target: 0.99, within_ms: 250 }
const healthy = (): Arm => arm(0)
const fewer = (tick: number): Arm => arm(tick < 2000 ? 7 : 6.5)

const slowly = (errors: number) => after([AVAILABLE], 181, () => arm(errors), healthy).read()

describe('a budget', () => {
  test('burns from the boundary of the fast window on, once five minutes are full', () => {
    const at = (errors: number, ticks: number) => after([AVAILABLE], ticks, () => arm(errors), healthy).read()
    expect(at(15, 31)).toMatchObject({ objective: AVAILABLE, shortS: 300, shared: false, factor: expect.closeTo(15) as number })
    expect(at(15, 30)).toBeNull()
    expect(at(14, 31)).toBeNull()
  })

  test('burns slowly over half an hour', () => {
    expect(slowly(7)).toMatchObject({ shortS: 1800 })
    expect(slowly(6)).toBeNull()
  })

  test('that recovered does not burn: the short window has forgotten', () => {
    expect(after([AVAILABLE], 70, (tick) => arm(tick < 31 ? 50 : 0), healthy).read()).toBeNull()
    expect(after([AVAILABLE], 32, () => arm(50), healthy).read()).not.toBeNull()
  })

  test('is remembered for six hours and no longer', () => {
    expect(after([AVAILABLE], 2200, fewer, healthy).read()).toMatchObject({ shortS: 1800 })
    expect(after([AVAILABLE], 4400, (tick) => arm(tick < 2000 ? 1000 : tick < 4200 ? 0 : 7), healthy).read()).toBeNull()
  })

  test('that both burn is shared; one that only the canary burns is named before it', () => {
    const both = after(
      [AVAILABLE],
      31,
      () => arm(20),
      () => arm(15),
    )
    expect(both.read()).toMatchObject({ shared: true })
    const slow = after(
      [AVAILABLE, FAST],
      31,
      () => arm(20, 300),
      () => arm(15, 0),
    )
    expect(slow.read()).toMatchObject({ objective: FAST, shared: false })
  })
})

describe('an objective about time', () => {
  test('counts what took longer than its bound', () => {
    const of = (slow: number) => after([FAST], 31, () => arm(0, slow), healthy).read()
    expect(of(150)).toMatchObject({ objective: FAST, factor: expect.closeTo(15) as number })
    expect(of(140)).toBeNull()
  })

  test.each<[string, Objective, Arm]>([
    ['that no bucket ends at', { ...FAST, within_ms: 300 }, arm(0)],
    ['of a version that tells no latency', FAST, { ...arm(0), latency: null }],
    ['on failures of a version that tells none', AVAILABLE, { ...arm(0), errors: null }],
  ])('%s is untold, not kept', (_what, objective, canary) => {
    const guard = after([objective], 31, () => canary, healthy)
    expect(guard.untold()).toEqual([objective])
    expect(guard.read()).toBeNull()
  })

  test('is told at a bound that rounding moved, and nothing is untold before the canary serves', () => {
    const near = { ...arm(0), latency: histogramOf(1000, [0.057 * 1000], [900]) }
    expect(after([{ ...FAST, within_ms: 57 }], 2, () => near, healthy).untold()).toEqual([])
    expect(after([{ ...FAST, within_ms: 300 }], 2, () => null, healthy).untold()).toEqual([])
  })
})
