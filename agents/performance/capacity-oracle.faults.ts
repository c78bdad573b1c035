/** Planted faults of capacity-oracle: a service that does more the more ask, up to a point; and the same with one thing wrong. */
import type { PlantedInput } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'
import { at, type Law } from './capacity-oracle.fit.ts'
import { given as loaded } from './perf-engineer.faults.ts'

type Needs = 'load' | 'policy'
type Given = Inputs['load']
type Step = Given['steps'][number]

/** Twenty milliseconds for one; most gets done by 31 users: 417 answers a second. */
const HEALTHY: Law = { lambda: 50, alpha: 0.06, beta: 0.001 }

const WOBBLES = [0, 1, -1, 0.5, -0.5]

/** @param wobble how far the spans differ, as a share */
export function step(law: Law, users: number, { bad = 0, wobble = 0.01, factor = 1 } = {}): Step {
  const of = (index: number) => Math.round(2 * factor * at(law, users) * (1 + wobble * (WOBBLES[index % 5] ?? 0)))
  return { users, slices: Array.from({ length: 5 }, (_, index) => ({ ms: 2000, answered: of(index) })), bad }
}

export function steps(law: Law = HEALTHY, users: readonly number[] = [1, 2, 4, 8, 16, 32]): readonly Step[] {
  return users.map((one) => step(law, one))
}

/** Under the same load as that of perf-engineer. */
export function given(measured: readonly Step[] = steps(), over: Partial<Given> = {}): Given {
  return { ...loaded(), steps: [...measured], ...over }
}

/** @param perf what `gates.perf` says @param headroom what must be left */
export function policyOf(perf: object = { peak: 320 }, headroom = 0.2): Inputs['policy'] {
  const config = { version: 1, release: { base: ['main'] }, targets: { headroom }, gates: { perf } }
  return { base: 'a'.repeat(40), path: '.github/release-conductor.yml', text: JSON.stringify(config) }
}

function red(catches: string, rule: string, load: Given, perf?: object): PlantedInput<Needs> {
  return { catches, expected: 'red', inputs: { load, policy: policyOf(perf) }, rules: [rule] }
}

function green(catches: string, load: Given, perf?: object): PlantedInput<Needs> {
  return { catches, expected: 'green', inputs: { load, policy: policyOf(perf) } }
}

/** Beyond sixteen users they stand in each other's way. */
const RETROGRADE: Law = { lambda: 50, alpha: 0.05, beta: 0.005 }
const USERS = [1, 2, 4, 8, 16, 32]

export const planted: readonly PlantedInput<Needs>[] = [
  green('headroom under 0.20', given()),
  red('headroom under 0.20', 'capacity.headroom', given(), { peak: 340 }),
  green('headroom under 0.20', given(), { peak: 640, replicas: { target: 1, production: 2 } }),
  red('headroom under 0.20', 'capacity.headroom', given(), { peak: 400, replicas: { target: 2, production: 1 } }),
  red('headroom under 0.20', 'capacity.no-peak', given(), {}),
  red('retrograde scaling', 'capacity.retrograde', given(steps(RETROGRADE)), { peak: 100 }),
  green('retrograde scaling', given(steps(RETROGRADE, [1, 2, 4, 8, 14])), { peak: 100 }),
  green('retrograde scaling', given(USERS.map((users) => step(HEALTHY, users, { wobble: 0.02, factor: users === 32 ? 0.97 : 1 }))), { peak: 300 }),
  red('too few points to fit', 'capacity.too-few-points', given(steps(HEALTHY, [1, 8, 32]))),
  green('too few points to fit', given(steps(HEALTHY, [1, 8, 16, 32]))),
  red('too few points to fit', 'capacity.too-few-points', given(USERS.map((users) => step(HEALTHY, users, { bad: users > 4 ? 9000 : 0 })))),
  red('too few points to fit', 'capacity.too-few-points', given([], { failure: 'stage.shop.example could not be reached.' })),
]
