import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Reading, Sample } from '../../../../app/release/ports.ts'
import { window } from '../../../../app/rollout/metrics/window.ts'

const OPTIONS = { frozenMs: 5000, silenceMs: 3000 }
type Totals = readonly [requests: number, errors: number] | null

const reading = (totals: Totals): Reading | null => (totals === null ? null : { requests: totals[0], errors: totals[1] })

/** One sample a second. */
function series(canary: readonly Totals[], stable: readonly Totals[] = canary.map((_, index) => [index * 10, 0])): Sample[] {
  return canary.map((totals, index) => ({ at: index * 1000, canary: reading(totals), stable: reading(stable[index] ?? null), note: '' }))
}

const canary = (totals: readonly Totals[], stable?: readonly Totals[]) => window(series(totals, stable), OPTIONS).canary

/** Moves once, then stands still. */
const still = (seconds: number): Totals[] => [[0, 0], ...Array.from({ length: seconds + 1 }, (): Totals => [10, 0])]

describe('counts', () => {
  test('increments since the first reading', () => {
    expect(
      canary([
        [100, 7],
        [110, 7],
        [140, 9],
      ]),
    ).toEqual({ state: 'ok', requests: 40, errors: 2, since: 0, until: 2000, resets: 0 })
  })

  test('a counter that fell was restarted and counts from there', () => {
    expect(
      canary([
        [100, 7],
        [110, 8],
        [5, 1],
        [9, 1],
      ]),
    ).toMatchObject({ state: 'ok', requests: 19, errors: 2, resets: 1 })
  })

  test('errors that fell are a restart even when requests did not fall', () => {
    expect(
      canary([
        [10, 7],
        [12, 1],
      ]),
    ).toMatchObject({ requests: 12, errors: 1, resets: 1 })
  })

  test('a missed look loses nothing', () => {
    expect(canary([[0, 0], null, null, [30, 3]])).toMatchObject({ state: 'ok', requests: 30, errors: 3 })
  })
})

describe('states', () => {
  test.each<[string, readonly Totals[]]>([
    ['no sample', []],
    ['one reading', [[10, 0]]],
    ['no reading', [null, null]],
    [
      'no request',
      [
        [10, 0],
        [10, 0],
      ],
    ],
    [
      'impossible readings',
      [
        [Number.NaN, 0],
        [Infinity, 0],
        [-1, -2],
        [1, 2],
      ],
    ],
  ])('%s is no data', (_, totals) => {
    expect(canary(totals)).toMatchObject({ state: 'no_data', requests: 0, errors: 0 })
  })

  test('silence longer than allowed is no data, just as long is not', () => {
    expect(canary([[0, 0], [10, 0], null, null, null]).state).toBe('ok')
    expect(canary([[0, 0], [10, 0], null, null, null, null]).state).toBe('no_data')
  })

  test('a gap longer than allowed is partial', () => {
    expect(canary([[0, 0], null, null, null, [10, 0]]).state).toBe('partial')
  })

  test('errors that outgrow requests are partial', () => {
    expect(
      canary([
        [100, 1],
        [101, 50],
      ]).state,
    ).toBe('partial')
  })

  test('totals that stand still while the other version moves are frozen from the limit on', () => {
    expect(canary(still(4)).state).toBe('ok')
    expect(canary(still(5)).state).toBe('frozen')
    const both = still(20)
    expect(canary(both, both).state).toBe('ok')
  })

  test('a page that never moved is frozen, not healthy', () => {
    const flat = Array.from({ length: 10 }, (): Totals => [500, 0])
    expect(canary(flat).state).toBe('frozen')
    expect(window(series(flat), OPTIONS).stable.state).toBe('ok')
  })
})

const increments = fc.array(fc.record({ good: fc.nat(50), bad: fc.nat(5), reset: fc.boolean() }), { minLength: 2, maxLength: 40 })

test('what was served is what is counted, through every restart', () => {
  fc.assert(
    fc.property(increments, (steps) => {
      let [requests, errors, served, failed] = [0, 0, 0, 0]
      const totals = steps.map(({ good, bad, reset }, index): Totals => {
        // A restart shows only when the counter is below what was seen; above, it looks like growth.
        if (reset && good + bad < requests) [requests, errors] = [0, 0]
        requests += good + bad
        errors += bad
        if (index > 0) {
          served += good + bad
          failed += bad
        }
        return [requests, errors]
      })
      expect(canary(totals)).toMatchObject({ requests: served, errors: failed })
    }),
  )
})

const anyTotals = fc.option(
  fc.tuple(fc.oneof(fc.nat(1000), fc.constantFrom(Number.NaN, Infinity, -1)), fc.oneof(fc.nat(10), fc.constant(Number.NaN))),
)
const anySamples = fc
  .array(fc.tuple(fc.nat(60), anyTotals, anyTotals), { maxLength: 30 })
  .map((all) => all.map(([at, canary, stable]): Sample => ({ at: at * 1000, canary: reading(canary), stable: reading(stable), note: '' })))

test('ok always rests on two finite readings and a request', () => {
  fc.assert(
    fc.property(anySamples, (samples) => {
      for (const arm of Object.values(window(samples, OPTIONS))) {
        expect(Number.isFinite(arm.requests) && Number.isFinite(arm.errors)).toBe(true)
        if (arm.state !== 'ok') continue
        expect(arm.requests).toBeGreaterThan(0)
        expect(arm.errors).toBeLessThanOrEqual(arm.requests)
        expect(arm.since).not.toBe(null)
      }
    }),
  )
})

test('taking the readings of a version away never makes it ok', () => {
  fc.assert(
    fc.property(anySamples, (samples) => {
      const blind = samples.map((sample) => ({ ...sample, canary: null }))
      expect(window(blind, OPTIONS).canary).toEqual({ state: 'no_data', requests: 0, errors: 0, since: null, until: null, resets: 0 })
    }),
  )
})

test('the order samples come in does not matter', () => {
  const samples = series([
    [0, 0],
    [10, 1],
    [20, 2],
  ])
  expect(window(samples.toReversed(), OPTIONS)).toEqual(window(samples, OPTIONS))
})
