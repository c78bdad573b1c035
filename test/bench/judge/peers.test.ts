import { describe, expect, test } from 'vitest'
import type { Arm, Tick } from '../../../gates/judge/tick.ts'
import { argo } from './peers/argo.ts'
import { burnRate, SCALED, STANDARD } from './peers/burn.ts'
import { flagger, flaggerLatency } from './peers/flagger.ts'
import { LATENCY_RULES, RULES } from './peers/index.ts'
import { errorRate, kayenta, meanLatency, Shift } from './peers/kayenta.ts'
import { Clock, Stretch, type Rule } from './peers/peer.ts'
import { plain } from './peers/plain.ts'

const arm = (errors: number, requests = 100): Arm => ({ requests, errors, latency: null })
/** So many beyond half a second. */
const late = (many: number): Arm => ({ requests: 100, errors: 0, latency: { le: [500], buckets: [100 - many, many] } })
const slow = (ms: number): Arm => ({ requests: 100, errors: 0, latency: { le: [ms - 1, ms], buckets: [0, 100, 0] } })

/** @param canary of each minute, in ticks of ten seconds; null: no data @returns seconds until the rollback */
function rolledBack(rule: Rule, canary: readonly (Arm | null)[], baseline: (minute: number) => Arm = () => arm(0)): number | null {
  const peer = rule.start()
  for (const [minute, one] of canary.entries())
    for (let at = 1; at <= 6; at++) {
      const tick: Tick = { t: minute * 60 + at * 10, canary: one, baseline: baseline(minute) }
      if (peer.observe(tick) !== null) return tick.t
    }
  return null
}

/** Of 1 to 8 and of the same plus ten, in order. */
function differences(): readonly number[] {
  const all = [1, 2, 3, 4, 5, 6, 7, 8]
  return all.flatMap((one) => all.map((other) => 10 + one - other)).toSorted((a, b) => a - b)
}

const bad = arm(2)
const good = arm(0)
const times = <T>(count: number, what: T): T[] => Array.from({ length: count }, () => what)

test('a clock strikes once for each interval, late when ticks are', () => {
  const clock = new Clock(60)
  expect([10, 59, 60, 61, 119, 125, 130, 180, 400, 410].filter((t) => clock.strikes(t))).toEqual([60, 125, 180, 400])
})

test('a stretch holds the last so many seconds, or what there is', () => {
  const stretch = new Stretch()
  expect(stretch.share(60)).toBeNull()
  stretch.add(10, arm(10))
  stretch.add(20, arm(0))
  stretch.add(30, null)
  expect([stretch.share(10), stretch.share(20), stretch.share(3600)]).toEqual([null, 0, 0.05])
})

describe('Flagger', () => {
  const rule = flagger('f', 0.01, 3)

  test('rolls back at the check that is the last one too many', () => {
    expect(rolledBack(rule, times(10, bad))).toBe(180)
    expect(rolledBack(rule, times(2, bad))).toBeNull()
  })

  test('counts failed checks, not those in a row', () => {
    expect(rolledBack(rule, [bad, good, good, bad, good, bad, good])).toBe(360)
  })

  test('99 % of success is enough, and no value is a failed check', () => {
    expect(rolledBack(rule, times(60, arm(1)))).toBeNull()
    expect(rolledBack(rule, times(3, null))).toBe(180)
    expect(rolledBack(rule, times(3, arm(0, 0)))).toBe(180)
  })

  test('of latency: the slowest hundredth', () => {
    expect(rolledBack(flaggerLatency('f', 500, 2), times(10, late(2)))).toBe(120)
    expect(rolledBack(flaggerLatency('f', 500, 2), times(10, late(1)))).toBeNull()
    expect(rolledBack(flaggerLatency('f', 500, 2), times(10, good))).toBe(120)
  })
})

describe('Argo Rollouts', () => {
  const rule = argo('a', { limit: 0.01, interval: 300, failureLimit: 3 })

  test('tolerates as many failures as failureLimit says, and no more', () => {
    expect(rolledBack(rule, times(60, bad))).toBe(1200)
    expect(rolledBack(rule, [...times(15, bad), ...times(45, good)])).toBeNull()
    expect(rolledBack(argo('a', { limit: 0.01, interval: 60, failureLimit: 0 }), times(2, bad))).toBe(60)
  })

  test('measures whole intervals: one bad minute of five is diluted', () => {
    expect(
      rolledBack(
        rule,
        times(60, null).map((_, minute) => (minute % 5 === 0 ? arm(4) : good)),
      ),
    ).toBeNull()
    expect(
      rolledBack(
        rule,
        times(60, null).map((_, minute) => (minute % 5 === 0 ? arm(6) : good)),
      ),
    ).toBe(1200)
  })

  test('ends with the fifth measurement in a row without a value', () => {
    expect(rolledBack(rule, times(60, null))).toBe(1500)
    expect(rolledBack(rule, [...times(20, null), ...times(5, good), ...times(20, null)])).toBeNull()
  })
})

describe('burn rates', () => {
  test('of a month: six times for half an hour, 14.4 times for five minutes', () => {
    expect(rolledBack(burnRate('b', 0.999, STANDARD), times(60, arm(1)))).toBe(1800)
    expect(rolledBack(burnRate('b', 0.999, STANDARD), times(60, arm(2)))).toBe(300)
    expect(rolledBack(burnRate('b', 0.999, STANDARD), times(60, arm(6, 1000)))).toBeNull()
  })

  test('of an hour: 3 times for ten minutes, 6 times for three, 14.4 times for one', () => {
    const rule = burnRate('b', 0.999, SCALED)
    expect([3, 4, 7, 15].map((errors) => rolledBack(rule, times(60, arm(errors, 1000))))).toEqual([null, 600, 180, 60])
  })

  test('the long window must burn too, and the short one still', () => {
    const page = burnRate('b', 0.999, STANDARD.slice(0, 1))
    // 20 % for four minutes is 1.48 % of 54.
    expect(rolledBack(page, [...times(50, good), ...times(5, arm(20))])).toBe(3240)
    expect(rolledBack(page, [...times(55, good), ...times(5, arm(5))])).toBeNull()
    expect(rolledBack(page, [...times(3, bad), ...times(57, good)])).toBeNull()
  })
})

describe('Kayenta', () => {
  test('says High when every minute of the canary is worse, from the fifth on; or at its own looks', () => {
    const worse = times(60, arm(5))
    expect(rolledBack(kayenta('k', 60, errorRate), worse, () => arm(1))).toBeLessThanOrEqual(300)
    expect(rolledBack(kayenta('k', 600, errorRate), worse, () => arm(1))).toBe(600)
    expect(rolledBack(kayenta('k', 3600, errorRate), worse, () => arm(1))).toBe(3600)
  })

  test('says nothing of equal, better or absent series', () => {
    expect(rolledBack(kayenta('k', 60, errorRate), times(60, arm(1)), () => arm(1))).toBeNull()
    expect(rolledBack(kayenta('k', 60, errorRate), times(60, arm(1)), () => arm(5))).toBeNull()
    expect(rolledBack(kayenta('k', 60, errorRate), times(60, null))).toBeNull()
  })

  test('the shift and the lower end are order statistics of all differences', () => {
    const shift = new Shift()
    expect([shift.lower(), shift.isHigh()]).toEqual([null, false])
    for (const value of [1, 2, 3, 4, 5, 6, 7, 8]) shift.add(10 + value, value)
    // 64 differences, 10 +- up to 7; 32 - 2.326 sqrt(64 * 17 / 12) = 9.85, so the ninth smallest.
    expect(shift.median()).toBe(10)
    expect(shift.lower()).toBe(differences()[9 - 1])
    expect(shift.isHigh()).toBe(true)
  })

  test('a shift that is within a quarter of itself is none', () => {
    const shift = new Shift()
    for (let at = 0; at < 30; at++) shift.add(at % 3, (at + 1) % 3)
    expect(shift.isHigh()).toBe(false)
  })

  test('the mean of a histogram takes the middle of each bucket', () => {
    expect(meanLatency({ requests: 3, errors: 0, latency: { le: [10, 20], buckets: [1, 1, 1] } })).toEqual([5 + 15 + 20, 3])
    expect(rolledBack(kayenta('k', 600, meanLatency), times(10, slow(200)), () => slow(100))).toBe(600)
  })
})

describe('the plain sequential test', () => {
  test('needs no more than the bound of Wald when the difference is plain, and forgets nothing', () => {
    expect(rolledBack(plain('p', 0.01), times(60, arm(5)))).toBeLessThanOrEqual(30)
    expect(rolledBack(plain('p', 0.01), times(60, arm(5)), () => arm(5))).toBeNull()
  })

  test('a tick without data says nothing', () => {
    expect(rolledBack(plain('p', 0.01), times(60, null))).toBeNull()
    expect(rolledBack(plain('p', 0.01), times(60, arm(0, 0)), () => arm(0, 0))).toBeNull()
  })
})

test('every rule has a name of its own, and starts anew each time', () => {
  const all = [...RULES, ...LATENCY_RULES]
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
  for (const rule of all) expect(rule.start()).not.toBe(rule.start())
})
