import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { closedOf, planOfScript, spanOf } from '../../../../agents/collect/load/k6-plan.ts'

const INSPECTED = readFileSync(join(import.meta.dirname, '../../../fixtures/k6/inspect.json'), 'utf8')
const plan = (scenarios: object, over: object = {}) => planOfScript(JSON.stringify({ scenarios, totalDuration: '1m0s', maxVUs: 3, ...over }))

test('what k6 derives of a script: parts by name, iterations that are due, and how long it takes', () => {
  expect(planOfScript(INSPECTED)).toEqual({
    scenarios: [
      { name: 'load', executor: 'constant-arrival-rate', open: true, part: 'load', exec: 'mixed', due: 5, startMs: 1000, ms: 1000 },
      { name: 'spike', executor: 'ramping-arrival-rate', open: true, part: 'spike', exec: 'slow', due: 5, startMs: 3000, ms: 500 },
      { name: 'warm_up', executor: 'shared-iterations', open: false, part: 'warm-up', exec: 'front', due: 0, startMs: 0, ms: 0 },
    ],
    totalMs: 630_000,
    users: 3,
  })
})

test.each(['constant-vus', 'ramping-vus', 'shared-iterations', 'per-vu-iterations', 'externally-controlled', 'an-executor-of-tomorrow'])(
  '%s is closed, unless it warms up',
  (executor) => {
    expect(
      closedOf(plan({ users: { executor }, load: { executor: 'constant-arrival-rate' }, warm_up: { executor } }) ?? none()).map(({ name }) => name),
    ).toEqual(['users'])
  },
)

function none(): never {
  throw new Error('no plan')
}

const first = (scenario: object) => plan({ load: scenario })?.scenarios[0]

test('a rate is that of its unit, and a ramp owes what lies under it', () => {
  expect(first({ executor: 'constant-arrival-rate', rate: 90, timeUnit: '1m0s', duration: '2m0s' })).toMatchObject({ due: 180, ms: 120_000 })
  const stages = [
    { target: 20, duration: '10s' },
    { target: 20, duration: '10s' },
    { target: 0, duration: '5s' },
  ]
  expect(first({ executor: 'ramping-arrival-rate', startRate: 10, stages })).toMatchObject({ due: 150 + 200 + 50, ms: 25_000 })
  expect(first({ executor: 'ramping-arrival-rate', startRate: null, stages: null })).toMatchObject({ due: 0, ms: 0 })
})

test.each([
  ['1h2m3s', 3_723_000],
  ['1.5s', 1500],
  ['250ms', 250],
  ['100µs', 0.1],
  ['0s', 0],
])('%s', (text, ms) => {
  expect(spanOf(text)).toBeCloseTo(ms, 9)
})

test.each([
  ['no JSON', 'level=error'],
  ['no scenarios', '{"totalDuration":"1s","maxVUs":1}'],
  ['a list', '[]'],
  ['a span that is none', JSON.stringify({ scenarios: {}, totalDuration: 'soon', maxVUs: 1 })],
  ['a rate without end', '{"scenarios":{"load":{"executor":"constant-arrival-rate","rate":1e999}},"totalDuration":"1s","maxVUs":1}'],
  [
    'a thousand scenarios',
    JSON.stringify({
      scenarios: Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`s${at}`, { executor: 'constant-vus' }])),
      totalDuration: '1s',
      maxVUs: 1,
    }),
  ],
])('what k6 does not say is no plan: %s', (_what, text) => {
  expect(planOfScript(text)).toBeNull()
})
