import { expect, test } from 'vitest'
import { crowd } from './crowd.ts'
import { control, FAULTS, tryFaults } from './faults.ts'
import { RULES } from './peers/index.ts'
import { plan } from './plan.ts'
import { POLICY, simulate, type Scenario } from './scenario.ts'

const of = (errors: readonly [number, number], rest: Partial<Scenario> = {}): Scenario => ({
  name: 'here',
  world: { kind: 'iid', traffic: 600, ratio: 1, errors, minutes: 20 },
  policy: POLICY,
  history: true,
  peers: 'errors',
  untilAdvance: false,
  runs: 1,
  ...rest,
})

test('a canary that fails fifty times as often comes back within a minute, and every rule says what it says by itself', () => {
  const { decision, seconds, requests, peers } = simulate(of([0.001, 0.05]), 0)
  expect(decision).toBe('roll_back')
  expect(seconds).toBeLessThanOrEqual(60)
  expect(requests).toBe((seconds / 10) * 100)
  expect(peers).toHaveLength(RULES.length)
  expect(peers[0]).toBe(600)
})

test('a healthy one does not, and the same run is the same again', () => {
  const scenario = of([0.001, 0.001])
  expect(simulate(scenario, 1)).toMatchObject({ decision: null, seconds: Infinity, requests: 12_000 })
  expect(simulate(scenario, 1)).toEqual(simulate(scenario, 1))
})

test('an advance ends it only where that is asked', () => {
  const world = { kind: 'iid', traffic: 6000, ratio: 9, minutes: 20 } as const
  const rest = { world, peers: null, policy: { ...POLICY, bake: 0 } }
  expect(simulate(of([0.001, 0.001], { ...rest, untilAdvance: true }), 2).decision).toBe('advance')
  expect(simulate(of([0.001, 0.001], rest), 2).decision).toBeNull()
})

test('threads answer what one would have, in the order of the runs', async () => {
  const scenario = of([0.001, 0.01], { runs: 30, peers: null })
  const said: string[] = []
  const found = await crowd([scenario], (line) => void said.push(line), 2)
  expect(found.get('here')).toEqual(Array.from({ length: 30 }, (_, run) => simulate(scenario, run)))
  expect(said.at(-1)).toBe('30 of 30 canaries')
})

test('the plan: names of their own, at least one run of each, the limits of every kind', () => {
  for (const all of [1, 1000]) {
    const questions = plan(all)
    expect(new Set(questions.map(({ scenario }) => scenario.name)).size).toBe(questions.length)
    expect(questions.every(({ scenario }) => scenario.runs >= 1)).toBe(true)
  }
  expect(plan(1000).find(({ scenario }) => scenario.name === 'bursty, 6000/min, 1:9')?.scenario.runs).toBe(1000)
})

test('what metrics do when they break never advances, and is named', () => {
  const found = tryFaults(1)
  expect(found).toHaveLength(2 * FAULTS.length - 1)
  expect(found.filter(({ advances, unnamed }) => advances > 0 || unnamed)).toEqual([])
  expect(control(1)).toBeGreaterThan(50)
})
