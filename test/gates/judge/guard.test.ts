import { assert, integer, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { binomialTail, judge, logEvidence, requestsToCertify, type Arm } from '../../../gates/judge/guard.ts'

const policy = { limit: 0.01, falseAlarm: 0.01, miss: 0.05, certify: 2, minimum: 1.25 }
const arm = (requests: number, errors: number, state: Arm['state'] = 'ok'): Arm => ({ state, requests, errors, since: 0, until: 10_000 })
const look = (requests: number, errors: number, now = 10_000, state: Arm['state'] = 'ok') =>
  judge({ policy, whole: arm(requests, errors, state), step: arm(requests, errors, state), now, bakeUntil: 6_000, deadline: 20_000 })

describe('the absolute guard', () => {
  test('advances a clean canary after the bake, and says so with numbers', () => {
    const answer = look(240, 0)
    expect(answer).toMatchObject({ decision: 'advance', code: 'certified' })
    expect(answer.sentence).toContain('0 of 240')
  })
  test('holds while it bakes, however clean', () => expect(look(10_000, 0, 5_999)).toMatchObject({ decision: 'hold', code: 'baking' }))
  test('149 clean requests certify twice the limit, 148 do not', () => {
    expect(look(149, 0).decision).toBe('advance')
    expect(look(148, 0)).toMatchObject({ decision: 'hold', code: 'undecided' })
  })
  test('rolls back a clear breach at once, before the bake ends', () =>
    expect(look(40, 12, 1_000)).toMatchObject({ decision: 'roll_back', code: 'breach' }))
  test('two failures alone are not yet a breach at 40 requests', () => expect(look(40, 2, 1_000).decision).toBe('hold'))
  test('nothing measured holds, then rolls back at the deadline', () => {
    expect(look(0, 0)).toMatchObject({ decision: 'hold', code: 'no-data' })
    expect(look(0, 0, 20_000)).toMatchObject({ decision: 'roll_back', code: 'deadline' })
  })
  test.each(['no_data', 'frozen', 'partial'] as const)('%s never advances', (state) => {
    expect(look(10_000, 0, 10_000, state).decision).toBe('hold')
    expect(look(10_000, 0, 20_000, state).decision).toBe('roll_back')
  })
  test('false alarms stay within the budget over many looks at a version exactly at the limit', () => {
    let seed = 7
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
    let alarms = 0
    for (let release = 0; release < 400; release++) {
      let errors = 0
      for (let n = 1; n <= 2_000; n++) {
        if (random() < policy.limit) errors++
        if (logEvidence(policy.limit, n, errors) >= -Math.log(policy.falseAlarm)) {
          alarms++
          break
        }
      }
    }
    expect(alarms / 400).toBeLessThanOrEqual(0.02)
  })
  test('one more error never turns a no into an advance', () => {
    const worseIsNoBetter = property(integer({ min: 1, max: 2_000 }), integer({ min: 0, max: 50 }), (n, k) => {
      return k >= n || look(n, k).decision === 'advance' || look(n, k + 1).decision !== 'advance'
    })
    expect(() => assert(worseIsNoBetter)).not.toThrow()
  })
})

test('the binomial tail is exact on small cases', () => {
  expect(binomialTail(2, 0, 0.5)).toBeCloseTo(0.25, 12)
  expect(binomialTail(2, 1, 0.5)).toBeCloseTo(0.75, 12)
  expect(binomialTail(10, 10, 0.3)).toBe(1)
})

test.each([
  [0, 149],
  [0.001, 310],
  [0.01, 1_500],
])('at a rate of %d about %i requests certify nearly every version', (rate, about) => {
  const found = requestsToCertify(policy, rate) ?? 0
  expect(found / about).toBeGreaterThan(0.8)
  expect(found / about).toBeLessThan(1.25)
  const unlucky = Math.ceil(found * rate + 1.645 * Math.sqrt(found * rate))
  expect(judge({ policy, whole: arm(found, unlucky), step: arm(found, unlucky), now: 10_000, bakeUntil: 0, deadline: 20_000 }).code).toBe('certified')
})

test('a version as bad as must be excluded is never certified', () => {
  expect(requestsToCertify(policy, 0.02)).toBeNull()
  expect(requestsToCertify(policy, 0.01999)).toBeNull()
  expect(requestsToCertify(policy, 0.019)).toBeGreaterThan(50_000)
})

describe('a canary that turns bad late', () => {
  const whole = arm(100_000, 100)
  const bad = (later: { requests: number; errors: number }[]) =>
    judge({ policy, whole, later, step: arm(100_000, 100), now: 10_000, bakeUntil: 6_000, deadline: 20_000 })

  test('is a breach by what it did since', () => {
    expect(bad([{ requests: 90_000, errors: 90 }]).decision).toBe('advance')
    expect(
      bad([
        { requests: 90_000, errors: 90 },
        { requests: 300, errors: 30 },
      ]).code,
    ).toBe('breach')
  })

  test('later moments cost a healthy one next to nothing', () => {
    const later = Array.from({ length: 60 }, (_, nth) => ({ requests: 6_000 - 100 * nth, errors: 60 - nth }))
    expect(judge({ policy, whole: arm(6_000, 60), later, step: arm(6_000, 60), now: 10_000, bakeUntil: 6_000, deadline: 20_000 }).code).not.toBe(
      'breach',
    )
  })
})
