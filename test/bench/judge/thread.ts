/** A thread of the simulation: a scenario and a range of runs in, their outcomes out. */
import { parentPort } from 'node:worker_threads'
import { simulate, type Scenario } from './scenario.ts'

export interface Task {
  readonly scenario: Scenario
  readonly from: number
  readonly to: number
}

parentPort?.on('message', ({ scenario, from, to }: Task) => {
  const outcomes = []
  for (let run = from; run < to; run++) outcomes.push(simulate(scenario, run))
  parentPort?.postMessage(outcomes, [])
})
