import { describe, expect, test } from 'vitest'
import type { Judgement } from '../../../gates/judge/guard.ts'
import { judgementOf, type Comparison, type Told } from '../../../app/rollout/judgement.ts'
import type { Sample } from '../../../app/release/ports.ts'
import { NOW } from '../../support/release.ts'
import { steady, timed, type Timed } from './timed.ts'

const policy = { limit: 0.01, falseAlarm: 0.01, miss: 0.05, certify: 2, minimum: 1.25 }

/** Readings once a second of 40 canary and 360 stable requests; errors by second. */
function told(seconds: number, canary: (second: number) => number, stable: (second: number) => number): Told {
  const samples: Sample[] = []
  const totals = { canary: { requests: 0, errors: 0 }, stable: { requests: 0, errors: 0 } }
  for (let second = 0; second <= seconds; second++) {
    samples.push({ at: NOW + second * 1_000, canary: { ...totals.canary }, stable: { ...totals.stable }, note: '' })
    totals.canary.requests += 40
    totals.canary.errors += canary(second)
    totals.stable.requests += 360
    totals.stable.errors += stable(second)
  }
  const now = NOW + seconds * 1_000
  return {
    policy,
    comparison: null,
    percent: 10,
    samples,
    startedAt: NOW,
    shiftedAt: NOW,
    now,
    sampleMs: 1_000,
    bakeUntil: NOW + 600_000,
    deadline: NOW + 900_000,
  }
}
const every =
  (count: number) =>
  (second: number): number =>
    second % count === 0 ? 1 : 0

/** The stable version's counter starts again after a minute. */
function reset(of: Told): Told {
  const half = of.samples[60]?.stable ?? { requests: 0, errors: 0 }
  const anew = (stable: Sample['stable']): Sample['stable'] =>
    stable === null ? null : { requests: stable.requests - half.requests, errors: stable.errors - half.errors }
  return { ...of, samples: of.samples.map((sample, at) => (at < 60 ? sample : { ...sample, stable: anew(sample.stable) })) }
}

test('a canary that keeps the guard and is worse than the stable version goes back, with the numbers of both', () => {
  const answer = judgementOf(told(120, every(4), () => 0))
  expect(answer).toMatchObject({ decision: 'roll_back', code: 'worse' })
  expect(answer.sentence).toMatch(/^Roll back: 0\.6\d+ % of canary requests failed against 0 %.*less than once in 200 releases\.$/)
})

test('its healthy twin, and one whose stable version fails as often, stay', () => {
  expect(
    judgementOf(
      told(
        120,
        () => 0,
        () => 0,
      ),
    ).decision,
  ).toBe('hold')
  expect(judgementOf(told(120, every(4), (second) => (second % 4 === 0 ? 9 : 0))).decision).toBe('hold')
})

test('the guard is absolute: what both suffer goes back as well', () => {
  expect(
    judgementOf(
      told(
        60,
        () => 4,
        () => 36,
      ),
    ).code,
  ).toBe('breach')
})

test('the stretch in which a counter was reset says nothing, and the rest still does', () => {
  expect(judgementOf(reset(told(120, every(4), () => 0))).code).toBe('worse')
  expect(
    judgementOf(
      reset(
        told(
          120,
          () => 0,
          () => 0,
        ),
      ),
    ).decision,
  ).toBe('hold')
})

test('without readings of the stable version nothing is compared', () => {
  const of = told(120, every(4), () => 0)
  expect(judgementOf({ ...of, samples: of.samples.map((sample) => ({ ...sample, stable: null })) }).decision).toBe('hold')
})

const COMPARISON: Comparison = {
  minimum: { errors: 1.25, latency: 1.1 },
  certify: { errors: 2, latency: 1.25 },
  absence: { errors: 'indeterminate', latency: 'indeterminate' },
  objectives: [],
  warmUp: 0,
}

/** Ready for an advance, as far as the guard is asked. */
function watched(of: Timed, over: Partial<Told> = {}): Judgement {
  const now = NOW + of.seconds * 1_000
  const times = { startedAt: NOW, shiftedAt: NOW, now, sampleMs: 1_000, bakeUntil: NOW + 10_000, deadline: NOW + 3_600_000 }
  return judgementOf({ policy, comparison: COMPARISON, percent: 10, samples: timed(of), ...times, ...over })
}
const slower = (from: number) => ({ canary: (second: number) => (second < from ? 100 : 125), stable: steady })
const later = (second: number): number => (second < 60 ? 100 : 160)
const untimed = (samples: readonly Sample[], arms: readonly ('canary' | 'stable')[]): Sample[] =>
  samples.map((sample) => ({
    ...sample,
    ...Object.fromEntries(arms.map((arm) => [arm, sample[arm] === null ? null : { ...sample[arm], latency: null }])),
  }))

describe('latency', () => {
  test('no longer than the stable version advances, and says what was excluded', () => {
    const answer = watched({ seconds: 300 })
    expect(answer).toMatchObject({ decision: 'advance', code: 'certified' })
    expect(answer.sentence).toMatch(/the median is \d+ ms against \d+ ms, and latency 1\.25 times as long is excluded at a risk of 5 %\.$/)
    expect(answer.metrics).toMatchObject({ latency_ms: expect.any(Number) as number, latency_stable_ms: expect.any(Number) as number })
  })

  test.each([1, 2, 3])('a quarter longer goes back (%i)', (seed) => {
    const answer = watched({ seconds: 90, median: slower(0), seed })
    expect(answer).toMatchObject({ decision: 'roll_back', code: 'worse' })
    expect(answer.sentence).toMatch(/^Roll back: the median is \d+ ms against \d+ ms \(about 1\.\d+ times\)/)
  })

  test('as long as that in both versions is no fault of the canary', () => {
    expect(watched({ seconds: 400, median: { canary: later, stable: later } }).decision).not.toBe('roll_back')
  })

  test('a quarter longer only at the second step is found there, whatever the first step was', () => {
    expect(watched({ seconds: 700, median: slower(600) }, { shiftedAt: NOW + 600_000 }).code).toBe('worse')
  })

  test('until it is excluded the step holds, and at its deadline goes back', () => {
    const early = watched({ seconds: 12 })
    expect(early).toMatchObject({ decision: 'hold', code: 'undecided' })
    expect(early.sentence).toMatch(/^Hold: latency 1\.25 times as long is not excluded yet/)
    expect(watched({ seconds: 12 }, { deadline: NOW + 12_000 })).toMatchObject({ decision: 'roll_back', code: 'deadline' })
  })

  test.each<[string, (samples: readonly Sample[]) => Sample[]]>([
    ['the canary', (samples) => untimed(samples, ['canary'])],
    ['the stable version', (samples) => untimed(samples, ['stable'])],
    ['both', (samples) => untimed(samples, ['canary', 'stable'])],
    ['both, for the last ten seconds', (samples) => [...samples.slice(0, -10), ...untimed(samples.slice(-10), ['canary', 'stable'])]],
  ])('that is not told of %s never advances', (_what, spoil) => {
    const answer = watched({ seconds: 150 }, { samples: spoil(timed({ seconds: 150 })) })
    expect(answer.decision).toBe('hold')
    expect(answer.sentence).toContain('latency was not measured of both versions; a service that has none says absence: { latency: zero }')
  })

  test('that a service does not have, and says so, is not asked for', () => {
    const absence = { errors: 'indeterminate', latency: 'zero' } as const
    const answer = watched(
      { seconds: 150 },
      { samples: untimed(timed({ seconds: 150 }), ['canary', 'stable']), comparison: { ...COMPARISON, absence } },
    )
    expect(answer.decision).toBe('advance')
    expect(answer.sentence).toContain('latency was never measured')
  })

  test('in one bucket shows nothing, and holds', () => {
    const coarse = timed({ seconds: 150 }).map((sample) => ({ ...sample, canary: inOne(sample.canary), stable: inOne(sample.stable) }))
    expect(watched({ seconds: 150 }, { samples: coarse }).sentence).toContain('every request lies in one bucket')
  })

  test('is not asked for when everyone is served: there is no stable version beside it', () => {
    const samples = timed({ seconds: 150, stable: 0 })
    expect(watched({ seconds: 150 }, { samples, percent: 100 }).decision).toBe('advance')
    expect(watched({ seconds: 150 }, { samples, percent: 50 }).decision).toBe('hold')
  })
})

function inOne(reading: Sample['canary']): Sample['canary'] {
  return reading === null ? null : { ...reading, latency: { le: [60_000], count: [reading.requests], total: reading.requests } }
}

describe('an advance', () => {
  test('needs the stable version of the same time', () => {
    const samples = timed({ seconds: 300 }).map((sample, at) => (at < 290 ? sample : { ...sample, stable: null }))
    expect(watched({ seconds: 300 }, { samples }).sentence).toBe('Hold: the stable version was not measured at this step.')
  })

  test.each([0, 250])('needs one that serves: a page that answers and stands still from second %i on is no measurement', (from) => {
    const comparison = { ...COMPARISON, absence: { errors: 'indeterminate', latency: 'zero' } as const }
    const samples = timed({ seconds: 300 })
    const still = samples.map((sample, at) => ({ ...sample, stable: samples[Math.min(at, from)]?.stable ?? null }))
    expect(watched({ seconds: 300 }, { samples, comparison }).decision).toBe('advance')
    const answer = watched({ seconds: 300 }, { samples: still, comparison })
    expect(answer.decision).toBe('hold')
    expect(answer.sentence).toMatch(/^Hold: canary and stable version were not both seen to serve lately/)
  })

  test('waits for the warm-up', () => {
    expect(watched({ seconds: 150 }, { comparison: { ...COMPARISON, warmUp: 200 } }).sentence).toMatch(/^Hold: it warms up for 200 s/)
  })

  test('waits while it looks somewhat worse, and names what it saw', () => {
    const answer = watched({ seconds: 100, errors: { canary: 0.0025, stable: 0.001 }, seed: 2 })
    expect(answer.decision).toBe('hold')
    expect(answer.sentence).toMatch(/looks somewhat worse than the stable version \(errors about \d\.\d\d times/)
  })
})

test('an error budget that only the canary burns ends a step at once; one that both burn holds it', () => {
  const objectives = [{ name: 'availability', target: 0.9999 }]
  const comparison = { ...COMPARISON, minimum: { errors: 100, latency: 100 }, objectives }
  const of = (canary: number, stable: number) => watched({ seconds: 400, errors: { canary, stable } }, { comparison })
  expect(of(0.004, 0.0008)).toMatchObject({ decision: 'roll_back', code: 'burn' })
  expect(of(0.004, 0.004).sentence).toBe('Hold: the error budget of availability (99.99 %) burns, for the stable version too.')
})

const heldTo = (ms: number) => ({
  ...COMPARISON,
  minimum: { errors: 100, latency: 100 },
  objectives: [{ name: 'fast', target: 0.99, within_ms: ms }],
})

describe('an objective about time', () => {
  const slow = { canary: () => 200, stable: steady }

  test('that only the canary misses sends it back, with the number in the record', () => {
    const found = watched({ seconds: 310, median: slow }, { comparison: heldTo(300) })
    expect(found).toMatchObject({ decision: 'roll_back', code: 'burn' })
    expect(found.sentence).toMatch(
      /^Roll back: the error budget of fast \(99 % within 300 ms\) burns \d+\.\d times too fast over 5\.?0? min, and the stable version's does not\.$/,
    )
    expect(found.metrics['budget_burn']).toBeGreaterThan(14.4)
    expect(watched({ seconds: 290, median: slow }, { comparison: heldTo(300) }).decision).toBe('hold')
  })

  test('that it keeps lets it advance, and at 100 % too', () => {
    const of = { seconds: 310 }
    expect(watched(of, { comparison: heldTo(500) }).decision).toBe('advance')
    expect(watched(of, { comparison: heldTo(500), percent: 100 }).decision).toBe('advance')
  })

  test.each([10, 100])('that no bucket tells is never passed: at %d %% it holds, and at the deadline goes back', (percent) => {
    const found = watched({ seconds: 310 }, { comparison: heldTo(400), percent })
    expect(found).toMatchObject({ decision: 'hold', code: 'undecided' })
    expect(found.sentence).toBe('Hold: nothing tells the objective fast (99 % within 400 ms): no bucket of the histogram ends there.')
    const late = watched({ seconds: 310 }, { comparison: heldTo(400), percent, deadline: NOW + 300_000 })
    expect(late).toMatchObject({ decision: 'roll_back', code: 'deadline' })
  })
})

test('no metrics for a minute end a step where the policy says that this is a failure', () => {
  const absence = { errors: 'fail', latency: 'zero' } as const
  const samples = timed({ seconds: 150 }).map((sample, at) => (at < 80 ? sample : { ...sample, canary: null }))
  expect(watched({ seconds: 150 }, { samples, comparison: { ...COMPARISON, absence } })).toMatchObject({ decision: 'roll_back', code: 'absent' })
  expect(watched({ seconds: 150 }, { samples }).decision).toBe('hold')
})

test('what the stable version was like before teaches how errors scatter', () => {
  const scattered = watched({ seconds: 60, before: 600 }).metrics['dispersion']
  expect(scattered).toBeGreaterThanOrEqual(1)
  expect(scattered).toBeLessThan(watched({ seconds: 60 }).metrics['dispersion'] ?? 0)
})

test('a breach after a long time of health is found in seconds', () => {
  const samples = told(
    660,
    (second) => (second < 600 ? 0 : second % 2 === 0 ? 4 : 0),
    () => 0,
  ).samples
  const first = samples.findIndex(({ at }) => {
    const seen = samples.filter((sample) => sample.at <= at)
    const times = { startedAt: NOW, shiftedAt: NOW, now: at, sampleMs: 1_000, bakeUntil: NOW + 3_600_000, deadline: NOW + 7_200_000 }
    return at > NOW + 600_000 && judgementOf({ policy, comparison: COMPARISON, percent: 10, samples: seen, ...times }).decision === 'roll_back'
  })
  expect(first).toBeGreaterThan(600)
  expect(first).toBeLessThanOrEqual(620)
})
