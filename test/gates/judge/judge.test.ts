import { describe, expect, test } from 'vitest'
import { Judge, type Judgement } from '../../../gates/judge/judge.ts'
import type { JudgePolicy } from '../../../gates/judge/policy.ts'
import { histogramOf, type Arm, type Tick } from '../../../gates/judge/tick.ts'
import { canary, HEALTHY, history, type World } from '../../bench/judge/world.ts'
import { POLICY as DEFAULTS } from '../../support/judge-policy.ts'

const POLICY: JudgePolicy = { ...DEFAULTS, absence: { errors: 'indeterminate', latency: 'zero' } }
const LATENCY = { factor: 1, slowShare: 0 }

function* judged(ticks: Iterable<Tick>, of: Partial<JudgePolicy> = {}, before: readonly Tick[] = []): Generator<Judgement> {
  const judge = new Judge({ ...POLICY, ...of }, before)
  for (const tick of ticks) yield judge.observe(tick)
}
const first = (judgements: Iterable<Judgement>, decision: Judgement['decision']): Judgement | undefined => {
  for (const judgement of judgements) if (judgement.decision === decision) return judgement
  return undefined
}
const story = (of: Partial<World>): World => ({ seed: 3, kind: 'iid', traffic: 600, ratio: 9, ...of })
const of = (world: World, policy: Partial<JudgePolicy> = {}): Iterable<Judgement> => judged(canary(world), policy, [...history(world)])
const arm = (requests: number, errors: number | null = 0, latency: Arm['latency'] = null): Arm => ({ requests, errors, latency })
const tick = (at: number, one: Arm | null, other: Arm | null): Tick => ({ t: at * 10, canary: one, baseline: other })
/** Healthy, and never the same numbers twice. */
const healthy = (at: number): Tick => tick(at, arm(100 + (at % 7), at % 5 === 0 ? 1 : 0), arm(900 + (at % 11), at % 3 === 0 ? 1 : 2))

const silent = (how: (at: number) => Tick, from = 200): Judgement[] => [
  ...judged(
    Array.from({ length: 260 }, (_, at) => (at < from ? healthy(at) : how(at))),
    { certify: { errors: 9, latency: 2 }, bake: 60, deadline: 1e9 },
  ),
]
const unsaid = (at: number): Tick => tick(at, arm(100 + (at % 7), null), arm(900 + (at % 11), null))
const histogram = (at: number): Arm['latency'] => histogramOf(100 + (at % 7), [50, 100], [40 + (at % 3), 90 + (at % 5)])
const burning = (ours: number, theirs: number): Tick[] =>
  Array.from({ length: 60 }, (_, at) => tick(at + 1, arm(1000 + (at % 7), ours), arm(1000 + (at % 11), theirs)))

const coarse = (requests: number): Arm => arm(requests, 0, histogramOf(requests, [60_000], [requests]))
const spoken = (at: number): Tick => tick(at, arm(100 + (at % 7), 0, histogram(at)), arm(100 + (at % 7), 0, histogram(at + 1)))
const saying = (absence: JudgePolicy['absence']['errors']): Judgement[] => [
  ...judged(
    Array.from({ length: 80 }, (_, at) => unsaid(at)),
    { absence: { errors: absence, latency: 'zero' }, bake: 60, deadline: 1e9 },
  ),
]

describe('a canary that is', () => {
  test.each(HEALTHY)('healthy (%s) is not rolled back', (kind) => {
    for (const seed of [11, 12, 13]) {
      const world = story({ seed, kind, traffic: kind === 'low traffic' ? 30 : 600, latency: LATENCY, minutes: 40 })
      expect(first(of(world, { deadline: 1e9, warmUp: kind === 'deploy warm-up' ? 120 : 0 }), 'roll_back')?.reason).toBeUndefined()
    }
  })

  test.each<[string, Partial<World>, number, RegExp]>([
    ['five times as wrong', { errors: [0.001, 0.005] }, 8, /canary requests failed against/],
    ['fifty times as wrong', { errors: [0.001, 0.05] }, 1, /canary requests failed/],
    ['a quarter slower', { latency: { factor: 1.25, slowShare: 0 } }, 2, /^Roll back: the median is \d+ ms against \d+ ms \(about 1\.\d+ times\)/],
    ['slow now and then', { latency: { factor: 1, slowShare: 0.02 } }, 8, /the median is/],
  ])('%s is, in time, with the numbers', (_what, world, minutes, words) => {
    for (const seed of [21, 22, 23]) {
      const found = first(of(story({ seed, ...world })), 'roll_back')
      expect(found?.code).toBe('worse')
      expect(found?.reason).toMatch(words)
      expect((found?.t ?? Infinity) / 60).toBeLessThanOrEqual(minutes)
    }
  })

  test.each<[string, Partial<World>, number]>([
    ['ten times as wrong', { errors: [0.001, 0.01], traffic: 6000 }, 2],
    ['a quarter slower', { latency: { factor: 1.25, slowShare: 0 } }, 3],
  ])('%s only after twenty healthy minutes is rolled back all the same', (_what, world, minutes) => {
    for (const seed of [31, 32, 33]) {
      const found = first(of(story({ seed, onset: 20, ...world }), { deadline: 1e9 }), 'roll_back')
      expect(found?.code).toBe('worse')
      expect((found?.t ?? 0) / 60 - 20).toBeGreaterThan(0)
      expect((found?.t ?? 0) / 60 - 20).toBeLessThanOrEqual(minutes)
    }
  })

  test('no worse advances after the bake, and says what was excluded at what risk', () => {
    const found = first(of(story({ traffic: 6000, latency: LATENCY })), 'advance')
    expect(found?.code).toBe('certified')
    expect(found?.reason).toMatch(/^Advance: errors 2 times .* are excluded, and so is latency 1\.25 times as long, at a risk of 5 % each/)
    expect((found?.t ?? 0) / 60).toBeGreaterThan(10)
    expect(first(of(story({ traffic: 6000, latency: LATENCY }), { bake: 1 }), 'advance')?.t).toBeLessThan(300)
  })

  test('worse by less than the minimum effect is left alone, however much is seen', () => {
    const world = story({ traffic: 60_000, errors: [0.01, 0.0104], latency: { factor: 1.03, slowShare: 0 }, minutes: 30 })
    expect(first(of(world), 'roll_back')).toBeUndefined()
    expect(first(of(story({ traffic: 60_000, errors: [0.01, 0.014], minutes: 30 })), 'roll_back')?.code).toBe('worse')
  })

  test('worse by half the minimum effect is not found anew by a late start that chance helps', () => {
    for (const seed of [43, 44, 50, 53, 59]) {
      const world = story({ seed, ratio: 1, latency: { factor: 1.05, slowShare: 0 } })
      expect(first(judged(canary(world), { deadline: 1e9 }, [...history(world, 1)]), 'roll_back')?.t).toBeUndefined()
    }
  })

  test('without a single error is certified by how rare they must be', () => {
    const clean = Array.from({ length: 120 }, (_, at) => tick(at + 1, arm(100 + (at % 3)), arm(900 + (at % 5))))
    expect(first(judged(clean), 'advance')?.metrics.errors.certified).toBe(true)
  })
})

test('a rollback stays one, and a decision is a function of the ticks', () => {
  const world = story({ errors: [0.001, 0.05], minutes: 10 })
  const all = [...of(world)]
  const at = all.findIndex(({ decision }) => decision === 'roll_back')
  expect(all.slice(at).every(({ decision, reason }) => decision === 'roll_back' && reason === all[at]?.reason)).toBe(true)
  expect([...of(world)]).toEqual(all)
})

test('at the deadline what has not advanced is rolled back', () => {
  const end = [
    ...judged(
      Array.from({ length: 70 }, (_, at) => healthy(at)),
      { deadline: 600, bake: 300 },
    ),
  ]
  expect(end.find(({ decision }) => decision !== 'hold')).toMatchObject({ t: 600, decision: 'roll_back', code: 'deadline' })
  expect(end[60]?.reason).toContain('the deadline of 10 min came and errors 2 times those of the stable version are not excluded yet')
})

describe('silence never advances, and has a name', () => {
  test('the twin that speaks advances', () => {
    expect(silent(healthy).at(-1)?.decision).toBe('advance')
  })

  test.each<[string, string, (at: number) => Tick]>([
    ['nothing comes', 'no_data', (at) => tick(at, null, null)],
    ['the canary is gone', 'no_data', (at) => tick(at, null, arm(900 + (at % 11), at % 2))],
    ['no traffic reaches the canary', 'no_data', (at) => tick(at, arm(0), arm(900 + (at % 11), at % 2))],
    ['the stable version is gone', 'partial', (at) => tick(at, arm(100 + (at % 7), 0), null)],
    ['errors are not told', 'partial', (at) => tick(at, arm(100 + (at % 7), null), arm(900 + (at % 11), at % 2))],
    ['the numbers stand still', 'frozen', (at) => tick(at, arm(104, 1), arm(936, 9))],
  ])('%s: %s', (_what, state, how) => {
    for (const from of [0, 200]) {
      const all = silent(how, from)
      const late = all.slice(Math.max(from, 30) + 8)
      expect(late.every(({ decision }) => decision === 'hold')).toBe(true)
      expect(all.at(-1)?.metrics.errors.state).toBe(state)
      expect(all.at(-1)?.reason).toMatch(new RegExp(`errors: ${state} for `))
    }
  })

  test('a jump of the clock is a hole', () => {
    const ticks = Array.from({ length: 60 }, (_, at) => ({ ...healthy(at), t: at < 50 ? at * 10 : at * 10 + 300 }))
    const all = [...judged(ticks, { certify: { errors: 9, latency: 2 }, bake: 60, deadline: 1e9 })]
    expect(all[50]).toMatchObject({ decision: 'hold', metrics: { errors: { state: 'no_data', hole_s: 310 } } })
    expect(all[51]?.metrics.errors.state).toBe('ok')
  })

  test('means what the policy says', () => {
    expect(saying('indeterminate').every(({ decision }) => decision === 'hold')).toBe(true)
    expect(saying('zero').some(({ decision }) => decision === 'advance')).toBe(true)
    expect(saying('fail').find(({ decision }) => decision === 'roll_back')).toMatchObject({ t: 70, code: 'absent' })
  })

  test('about latency, from the start and for ever, holds unless the policy says that there is none', () => {
    const ticks = Array.from({ length: 300 }, (_, at) => healthy(at))
    const all = (latency: JudgePolicy['absence']['latency']): Judgement[] => [
      ...judged(ticks, { absence: { errors: 'indeterminate', latency }, certify: { errors: 9, latency: 2 }, bake: 60, deadline: 1e9 }),
    ]
    expect(all('indeterminate').every(({ decision }) => decision === 'hold')).toBe(true)
    expect(all('indeterminate').at(-1)?.reason).toMatch(/latency: partial for/)
    expect(first(all('zero'), 'advance')?.reason).toContain('latency was never measured')
  })

  test('in bounds that hold every request is no latency that was seen', () => {
    const ticks = Array.from({ length: 300 }, (_, at) => tick(at, coarse(100 + (at % 7)), coarse(900 + (at % 11))))
    const all = [...judged(ticks, { certify: { errors: 9, latency: 2 }, bake: 60, deadline: 1e9 })]
    expect(all.every(({ decision }) => decision === 'hold')).toBe(true)
    expect(all.at(-1)?.reason).toContain('every request lies in one bucket')
  })

  test('of latency alone holds as well', () => {
    const ticks = Array.from({ length: 300 }, (_, at) => (at < 200 ? spoken(at) : tick(at, arm(100 + (at % 7), 0), arm(100 + (at % 5), 0))))
    const all = [...judged(ticks, { absence: { errors: 'indeterminate', latency: 'indeterminate' }, bake: 60, deadline: 1e9 })]
    expect(all[199]?.decision).toBe('advance')
    expect(all.slice(200).every(({ decision }) => decision === 'hold')).toBe(true)
    expect(all.at(-1)?.reason).toMatch(/latency: partial for/)
  })
})

describe('between history and the first tick', () => {
  const world = story({})
  const before = [...history(world)]
  const end = before.at(-1)?.t ?? 0
  const shortly = end - (before.at(-2)?.t ?? 0)
  const moved = (seconds: number): Judgement[] => {
    const ticks = [...canary(world)].slice(0, 30)
    const by = end + seconds - (ticks[0]?.t ?? 0)
    return [
      ...judged(
        ticks.map((each) => ({ ...each, t: each.t + by })),
        {},
        before,
      ),
    ]
  }

  test('a hole is named with its length, in every sentence, and ends nothing', () => {
    const all = moved(shortly + 900)
    expect(all.every(({ unseen_s, decision }) => unseen_s === shortly + 900 && decision === 'hold')).toBe(true)
    expect(all.at(-1)?.reason).toMatch(/; the history ends 15\.\d min before the first tick\.$/)
    const failing = { absence: { errors: 'fail', latency: 'zero' } } as const
    expect(judged([{ ...healthy(0), t: end + 90_000 }], failing, before).next().value).toMatchObject({ decision: 'hold', unseen_s: 90_000 })
  })

  test.each([shortly, 60])('%d seconds are none, and so is a start without history', (seconds) => {
    expect(moved(seconds).every(({ unseen_s, reason }) => unseen_s === 0 && !reason.includes('history'))).toBe(true)
    expect(first(judged([healthy(0)]), 'hold')?.unseen_s).toBe(0)
  })
})

describe('an objective', () => {
  const objectives = [{ name: 'availability', target: 0.999 }]

  test('whose budget burns rolls back, unless the stable version burns as fast', () => {
    // Worse than the tolerance of nobody but the objective: the comparison is told to see nothing.
    const blind = { objectives, falseAlarm: 1e-300 }
    expect(first(judged(burning(20, 1), blind), 'roll_back')).toMatchObject({ code: 'burn', t: 310 })
    expect(first(judged(burning(20, 18), blind), 'roll_back')).toBeUndefined()
    expect(first(judged(burning(2, 1), blind), 'roll_back')).toBeUndefined()
  })

  test('that nothing tells is never passed, and is named; its twin that is told is', () => {
    const ticks = Array.from({ length: 300 }, (_, at) => spoken(at))
    const all = (ms: number): Judgement[] => [
      ...judged(ticks, {
        objectives: [{ name: 'fast', target: 0.5, within_ms: ms }],
        certify: { errors: 9, latency: 9 },
        bake: 60,
        deadline: 1e9,
      }),
    ]
    expect(all(75).every(({ decision }) => decision === 'hold')).toBe(true)
    expect(all(75).at(-1)?.reason).toContain('nothing tells the objective fast (50 % within 75 ms): no bucket of the histogram ends there')
    expect(all(100).some(({ decision }) => decision === 'advance')).toBe(true)
  })
})

test('what is compared begins after the warm-up', () => {
  const world = story({ kind: 'deploy warm-up', ratio: 1 })
  expect(first(of(world), 'roll_back')?.code).toBe('worse')
  const all = [...of(world, { warmUp: 120, deadline: 1e9 })]
  expect(all[3]?.code).toBe('warming-up')
  expect(all.some(({ decision }) => decision === 'roll_back')).toBe(false)
})
