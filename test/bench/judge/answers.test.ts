import { expect, test } from 'vitest'
import { holds } from '../row.ts'
import {
  advances,
  comparison,
  falseAdvances,
  falseRollbacks,
  minutesOfRule,
  mustFail,
  quantile,
  requests,
  speed,
  waldRequests,
  type Answer,
} from './answers.ts'
import { PLAIN, RULES } from './peers/index.ts'
import { POLICY, type Outcome, type Scenario } from './scenario.ts'

const scenario: Scenario = {
  name: 'here',
  world: { kind: 'iid', traffic: 600, ratio: 1, errors: [0.001, 0.01] },
  policy: POLICY,
  history: true,
  peers: 'errors',
  untilAdvance: false,
  runs: 1,
}
const outcome = (of: Partial<Outcome> = {}): Outcome => ({
  decision: null,
  seconds: Infinity,
  requests: 36_000,
  peers: RULES.map(() => Infinity),
  ...of,
})
const back = (minutes: number, of: Partial<Outcome> = {}) => outcome({ decision: 'roll_back', seconds: minutes * 60, requests: minutes * 600, ...of })
const fired = (rule: string, minutes: number) => outcome({ peers: RULES.map(({ name }) => (name === rule ? minutes * 60 : Infinity)) })
const advanced = (many: number) => Array.from({ length: 100 }, (_, at) => outcome({ decision: at < many ? 'advance' : null }))
const ok = (answer: Answer, outcomes: readonly Outcome[]) => answer(outcomes, scenario).map(holds)

test('false rollbacks: a share of all, at most so many percent', () => {
  const outcomes = [back(3), ...Array.from({ length: 99 }, () => outcome({ decision: 'advance' }))]
  expect(falseRollbacks(1)(outcomes, scenario)[0]).toMatchObject({ ours: 1, limit: 1, unit: '%' })
  expect(ok(falseRollbacks(1), outcomes)).toEqual([true])
  expect(ok(falseRollbacks(1), [back(3), ...outcomes])).toEqual([false])
  expect(ok(falseRollbacks(null), [back(3)])).toEqual([true])
})

test('a rule that must fail does so at least so often', () => {
  expect(ok(mustFail(PLAIN, 30), [fired(PLAIN, 3), outcome(), outcome()])).toEqual([true])
  expect(ok(mustFail(PLAIN, 30), [fired(PLAIN, 3), outcome(), outcome(), outcome()])).toEqual([false])
  expect(ok(mustFail('of nobody', 30), [fired(PLAIN, 3)])).toEqual([false])
})

test('speed: median, 95th percentile, and against a rule', () => {
  const limits = { median: 2, p95: 4, faster: { [PLAIN]: 2 } }
  const outcomes = [back(1), back(2), back(4)].map((one) => ({ ...one, peers: fired(PLAIN, 4).peers }))
  expect(speed(limits)(outcomes, scenario).map(({ ours }) => ours)).toEqual([2, 4, 2])
  expect(ok(speed(limits), outcomes)).toEqual([true, true, true])
  expect(ok(speed(limits), [...outcomes, back(5), back(5)])).toEqual([false, false, false])
})

test('what never ends is not fast, and a rule that never ends is slower than what does', () => {
  expect(ok(speed({ median: 2, faster: { [PLAIN]: 2 } }), [outcome(), outcome()])).toEqual([false, false])
  expect(ok(speed({ faster: { [PLAIN]: 100 } }), [back(50), back(50)])).toEqual([true])
  expect(ok(speed({ median: 2 }), [])).toEqual([false])
  expect(ok(speed({ median: 2 }), [outcome({ decision: 'advance', seconds: 60 })])).toEqual([false])
})

test("requests are held against Wald's bound", () => {
  const [row] = requests(1.4)([back(2)], scenario)
  expect(row?.ours).toBe(1200)
  expect(row?.peer?.value).toBeCloseTo(1072, 0)
  expect(ok(requests(1.4), [back(2.5)])).toEqual([true])
  expect(ok(requests(1.4), [back(2.6)])).toEqual([false])
})

test.each([
  [0.002, 1, 27_065],
  [0.005, 1, 3155],
  [0.01, 1, 1072],
  [0.05, 1, 148],
  [0.002, 9, 13_611],
  [0.005, 9, 1377],
  [0.01, 9, 424],
  [0.05, 9, 50],
])('the bound of 0.1 %% against %d with 1:%d', (rate, ratio, expected) => {
  expect(waldRequests(0.001, rate, ratio, 0.01)).toBeCloseTo(expected, -0.5)
})

test('an advance: requests until then, rounded up to a tick; who never advances needs endlessly many', () => {
  const done = (requests: number) => outcome({ decision: 'advance', requests })
  expect(ok(advances(12_450), [done(12_500)])).toEqual([true])
  expect(ok(advances(12_450), [done(12_501)])).toEqual([false])
  expect(ok(advances(12_450), [done(100), outcome(), back(1)])).toEqual([false])
})

test('false advances: at most as many as are tolerated, and the error of so many runs', () => {
  expect(falseAdvances(5)(advanced(9), scenario)[0]?.limit).toBeCloseTo(9.27, 2)
  expect([ok(falseAdvances(5), advanced(9)), ok(falseAdvances(5), advanced(10))]).toEqual([[true], [false]])
})

test('a quantile is one of the values', () => {
  const values = Array.from({ length: 100 }, (_, at) => 100 - at)
  expect([quantile(values, 0.95), quantile([3], 0.95), quantile(values, 1)]).toEqual([95, 3, 100])
  expect(quantile([], 0.95)).toBeNaN()
})

test('minutes of a rule are in the order of the runs', () => {
  expect(minutesOfRule([fired(PLAIN, 3), outcome()], scenario, PLAIN)).toEqual([3, Infinity])
})

test('the comparison tells shares where nothing is wrong, and times where something is', () => {
  const columns = [
    { head: 'healthy', isHealthy: true, scenario, outcomes: [back(1), outcome(), outcome()] },
    { head: 'worse', isHealthy: false, scenario, outcomes: [back(1.5), back(2), back(12)] },
    { head: 'hardly', isHealthy: false, scenario, outcomes: [back(1.5), back(2), outcome()] },
    { head: 'bad', isHealthy: false, scenario, outcomes: [back(1), outcome(), outcome()] },
    { head: 'never', isHealthy: false, scenario, outcomes: [outcome()] },
  ]
  const { head, rows } = comparison('title', columns)
  expect(head).toEqual(['judge', 'healthy', 'worse', 'hardly', 'bad', 'never'])
  expect(rows).toHaveLength(1 + RULES.length)
  expect(rows[0]).toEqual(['ours', '33.3 %', '2 / 12', '2 / - (66.7 %)', '(33.3 %)', 'never'])
  expect(rows.at(-1)).toEqual([PLAIN, '0 %', 'never', 'never', 'never', 'never'])
})
