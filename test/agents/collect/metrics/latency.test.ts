import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { classic, native, type NativeBucket } from '../../../../agents/collect/metrics/latency.ts'
import { parseOpenMetrics } from '../../../../agents/collect/metrics/openmetrics.ts'
import { latencyOf } from '../../../../app/rollout/metrics/totals.ts'

const names = { requests: 'r_total', errors: { metric: 'r_total', label: 'code', matches: '5..' }, latency: { metric: 'd', unit: 's' as const } }
const page = (text: string, where?: Record<string, string>) =>
  latencyOf(parseOpenMetrics(text).series, { ...names, ...(where === undefined ? {} : { where }) })

describe('classic buckets', () => {
  test('in milliseconds, in order, whatever theirs was', () => {
    const buckets = [
      { le: '+Inf', count: 9 },
      { le: '0.25', count: 7 },
      { le: '5e-2', count: 4 },
    ]
    expect(classic(buckets, 's')).toEqual({ le: [50, 250], count: [4, 7], total: 9 })
    expect(classic(buckets, 'ms')).toEqual({ le: [0.05, 0.25], count: [4, 7], total: 9 })
  })

  test.each([
    ['absent', [{ le: '1', count: 1 }]],
    ['absent', [{ le: '+Inf', count: 1 }]],
    [
      'inconsistent',
      [
        { le: '1', count: 5 },
        { le: '+Inf', count: 4 },
      ],
    ],
    [
      'not-a-number',
      [
        { le: 'wide', count: 1 },
        { le: '+Inf', count: 4 },
      ],
    ],
    [
      'not-a-number',
      [
        { le: '1', count: Number.NaN },
        { le: '+Inf', count: 4 },
      ],
    ],
    ['too-large', [...Array.from({ length: 201 }, (_, at) => ({ le: String(at + 1), count: 0 })), { le: '+Inf', count: 0 }]],
  ] as const)('%s: %j', (code, buckets) => {
    expect(() => classic(buckets, 's')).toThrow(expect.objectContaining({ code }) as Error)
  })

  test('of a page: the series of all routes together', () => {
    const text = 'd_bucket{path="/",le="0.1"} 3\nd_bucket{path="/",le="+Inf"} 4\nd_bucket{path="/x",le="0.1"} 10\nd_bucket{path="/x",le="+Inf"} 11\n'
    expect(page(text)).toEqual({ le: [100], count: [13], total: 15 })
    expect(page(text, { path: '/' })).toEqual({ le: [100], count: [3], total: 4 })
  })

  test.each([
    ['absent', 'r_total{code="200"} 1\n'],
    ['inconsistent', 'd_bucket{le="1"} 1\nd_bucket{le="1"} 1\nd_bucket{le="+Inf"} 2\n'],
    ['inconsistent', 'd_bucket{p="a",le="1"} 1\nd_bucket{p="a",le="+Inf"} 2\nd_bucket{p="b",le="2"} 1\nd_bucket{p="b",le="+Inf"} 2\n'],
    ['inconsistent', 'd_bucket{p="a",le="1"} 1\nd_bucket{p="a",le="+Inf"} 2\nd_bucket{p="b",le="+Inf"} 2\n'],
  ])('of a page, %s', (code, text) => {
    expect(() => page(text)).toThrow(expect.objectContaining({ code }) as Error)
  })
})

/** A histogram of the given schema, as it tells itself: what holds nothing is left out. */
function nativeOf(schema: number, counts: ReadonlyMap<number, number>): NativeBucket[] {
  const base = 2 ** (2 ** -schema)
  return [...counts].map(([at, count]) => ({ left: base ** (at - 1), right: base ** at, count }))
}

describe('native histograms', () => {
  test('have the same bounds, whichever buckets hold something', () => {
    const one = native(nativeOf(3, new Map([[-24, 5]])), 5, 's')
    const other = native(
      nativeOf(
        3,
        new Map([
          [-30, 1],
          [-24, 5],
          [-3, 2],
        ]),
      ),
      8,
      's',
    )
    expect(one.le).toEqual(other.le)
    expect(one.le[0]).toBeCloseTo(0.9765625, 9)
    expect(one.le.at(-1)).toBe(128_000)
    // -24 at schema 3 ends at 2^-3 s.
    expect(one.count[one.le.indexOf(125)]).toBe(5)
    expect(one.count[one.le.indexOf(125) - 1]).toBe(0)
    expect(other.count[other.le.indexOf(125)]).toBe(6)
  })

  test('of a low resolution have the bounds that they have, and no others', () => {
    expect(native(nativeOf(0, new Map([[-3, 2]])), 2, 's').le).toHaveLength(18)
    expect(native([], 0, 's').count.every((count) => count === 0)).toBe(true)
  })

  test.each([
    ['malformed', [{ left: 0.1, right: 0.3, count: 1 }, ...nativeOf(3, new Map([[5, 1]]))], 2],
    [
      'inconsistent',
      [
        { left: 0.5, right: 1, count: 1 },
        { left: 0.25, right: 1.1, count: 1 },
      ],
      2,
    ],
    ['not-a-number', [{ left: 0.5, right: Number.NaN, count: 1 }], 1],
    ['inconsistent', nativeOf(3, new Map([[-24, 5]])), 4],
  ] as const)('%s: %j', (code, buckets, total) => {
    expect(() => native(buckets, total, 's')).toThrow(expect.objectContaining({ code }) as Error)
  })

  test('lose no request: what is beyond the last bound is the rest', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5 }),
        fc.dictionary(fc.integer({ min: -60, max: 40 }).map(String), fc.integer({ min: 1, max: 1000 }), { maxKeys: 30 }),
        (schema, counts) => {
          const buckets = nativeOf(schema, new Map(Object.entries(counts).map(([at, count]) => [Number(at), count])))
          const total = buckets.reduce((sum, { count }) => sum + count, 0)
          const { le, count } = native(buckets, total, 's')
          for (const [at, bound] of le.entries()) {
            const below = buckets.filter(({ right }) => right * 1000 <= bound * (1 + 1e-6)).reduce((sum, each) => sum + each.count, 0)
            expect(count[at]).toBe(below)
          }
        },
      ),
    )
  })
})
