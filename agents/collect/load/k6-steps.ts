/**
 * Steps of capacity by a script of k6: what its load does is done by so many users, each beginning again as soon as it is through (a closed model), which says
 * how much gets done and nothing about how long anybody waits. A second script beside it asks for that; the script itself stays as it is.
 */
import { basename } from 'node:path'
import type { Step } from '../inputs.load.ts'
import { K6Lines, type K6Request } from './k6-lines.ts'
import type { Planned } from './k6-plan.ts'

/** As in `closed.ts`: a span for the users to come in, which is not counted, and then so many that are. */
const SLICES = 5
/** Between two steps, for what the one before left under way. */
const GAP_MS = 500
/** k6 brings it; no module of ours. */
const OF_K6 = JSON.stringify('k6/execution')

export interface StepsAsked {
  readonly users: readonly number[]
  readonly ms: number
}

/** How long all steps take. */
export function stepsMs({ users, ms }: StepsAsked): number {
  return users.length * (ms + GAP_MS)
}

/** @param script its file name @param planned scenarios of the load: each is called as often as its share of the iterations @returns text of the second script */
export function stepsScript(script: string, planned: readonly Planned[], { ms, users }: StepsAsked): string {
  const calls = planned.map(({ due, exec }) => [exec, Math.max(1, due)] as const)
  const scenarios = Object.fromEntries(
    users.map((vus, at) => [
      nameOf(vus),
      { executor: 'constant-vus', vus, duration: `${ms}ms`, startTime: `${at * (ms + GAP_MS)}ms`, gracefulStop: '0s', exec: 'rcStep' },
    ]),
  )
  const first = JSON.stringify(`./${basename(script)}`)
  return `import execution from ${OF_K6}
import * as script from ${first}
export * from ${first}

const calls = ${JSON.stringify(calls)}
const all = calls.reduce((sum, [, often]) => sum + often, 0)
export const options = Object.assign({}, script.options, {
  vus: undefined, duration: undefined, iterations: undefined, stages: undefined, thresholds: undefined,
  scenarios: ${JSON.stringify(scenarios)},
})

export function rcStep(data) {
  execution.vu.metrics.tags.rc_start = String(Math.floor(execution.scenario.startTime))
  // Spread as evenly as whole numbers allow, and each time alike.
  let at = ((execution.scenario.iterationInTest * 0.6180339887498949) % 1) * all
  const [name] = calls.find(([, often]) => (at -= often) < 0) || calls[0]
  return script[name](data)
}
`
}

export class K6Steps {
  readonly #asked: StepsAsked
  readonly #slices: ReadonlyMap<string, { readonly answered: number[]; bad: number }>
  readonly #lines = new K6Lines({ request: (one) => this.#count(one), iterations: () => {} })

  constructor(asked: StepsAsked) {
    this.#asked = asked
    this.#slices = new Map(asked.users.map((users) => [nameOf(users), { answered: Array.from({ length: SLICES }, () => 0), bad: 0 }]))
  }

  take(chunk: Buffer): string | null {
    return this.#lines.take(chunk)
  }

  /** None when not every line could be read: nobody knows then how much got done. */
  end(): Step[] {
    if (this.#lines.end() > 0) return []
    const width = this.#asked.ms / (SLICES + 1)
    return this.#asked.users.map((users) => {
      const { answered = [], bad = 0 } = this.#slices.get(nameOf(users)) ?? {}
      return { users, slices: answered.map((one) => ({ ms: width, answered: one })), bad }
    })
  }

  #count({ at, isFailed, scenario, start, status }: K6Request): void {
    const of = this.#slices.get(scenario ?? '')
    if (of === undefined || start === null) return
    const slice = Math.floor(((at - start) * (SLICES + 1)) / this.#asked.ms) - 1
    if (slice < 0 || slice >= SLICES) return
    if (isFailed || status === '0') of.bad += 1
    else of.answered[slice] = (of.answered[slice] ?? 0) + 1
  }
}

function nameOf(users: number): string {
  return `users_${users}`
}
