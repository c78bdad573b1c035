import { expect, test } from 'vitest'
import { TickLine, tickOf } from '../../../gates/judge/tick.ts'

const latency = { le: [50, 100], count: [40, 90] }

test('a line becomes a tick; what is absent or null is no data', () => {
  const line = { t: 10, canary: { requests: 100, errors: null, latency_ms: latency }, baseline: null, more: 1 }
  expect(tickOf(TickLine.parse(line))).toEqual({
    t: 10,
    canary: { requests: 100, errors: null, latency: { le: [50, 100], buckets: [40, 50, 10] } },
    baseline: null,
  })
  expect(tickOf(TickLine.parse({ t: 10, canary: { errors: 1 } }))).toEqual({ t: 10, canary: null, baseline: null })
})

test.each<[string, object]>([
  ['more errors than requests', { canary: { requests: 1, errors: 2 } }],
  ['half a request', { canary: { requests: 1.5 } }],
  ['a negative count', { canary: { requests: -1 } }],
  ['bounds that fall', { canary: { requests: 99, latency_ms: { le: [9, 3], count: [1, 2] } } }],
  ['counts that fall', { canary: { requests: 99, latency_ms: { le: [3, 9], count: [2, 1] } } }],
  ['a count too few', { canary: { requests: 99, latency_ms: { le: [3, 9], count: [2] } } }],
  ['more in buckets than requests', { canary: { requests: 9, latency_ms: latency } }],
  ['arms with other bounds', { canary: { requests: 99, latency_ms: latency }, baseline: { requests: 99, latency_ms: { le: [50], count: [1] } } }],
  ['no time', { t: undefined }],
  ['text', { canary: { requests: '1' } }],
])('%s cannot be read', (_what, line) => {
  expect(TickLine.safeParse({ t: 1, ...line }).success).toBe(false)
})
