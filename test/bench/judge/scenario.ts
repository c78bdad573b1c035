/** What is simulated: a world, what the judge knows of it, and how many canaries. Data, so that a thread can be sent one. */
import { Judge } from '../../../gates/judge/judge.ts'
import type { JudgePolicy } from '../../../gates/judge/policy.ts'
import { POLICY as DEFAULTS } from '../../support/judge-policy.ts'
import { LATENCY_RULES, RULES } from './peers/index.ts'
import { canary, history, type World } from './world.ts'

export interface Scenario {
  readonly name: string
  readonly world: Omit<World, 'seed'>
  readonly policy: JudgePolicy
  /** Does the judge know the six hours before? */
  readonly history: boolean
  /** Which rules of others see the same ticks. */
  readonly peers: 'errors' | 'latency' | null
  /** An advance ends it too. */
  readonly untilAdvance: boolean
  readonly runs: number
}

export interface Outcome {
  readonly decision: 'advance' | 'roll_back' | null
  /** Seconds, and requests of the canary, until then. */
  readonly seconds: number
  readonly requests: number
  /** Seconds until each rule's rollback, in the order of the rules; Infinity is never. */
  readonly peers: readonly number[]
}

export const POLICY: JudgePolicy = { ...DEFAULTS, deadline: 1e9 }

export function rulesOf({ peers }: Pick<Scenario, 'peers'>): typeof RULES {
  return peers === null ? [] : peers === 'errors' ? RULES : LATENCY_RULES
}

/** One canary, from its seed; the same for every scenario, so that differences between them are no luck of the draw. */
export function simulate(scenario: Scenario, run: number): Outcome {
  const world = { ...scenario.world, seed: Math.imul(run + 1, 0x9e3779b1) }
  // A world without latency says so.
  const absence = { ...scenario.policy.absence, latency: world.latency == null ? ('zero' as const) : scenario.policy.absence.latency }
  const judge = new Judge({ ...scenario.policy, absence }, scenario.history ? [...history(world)] : [])
  const peers = rulesOf(scenario).map((rule) => rule.start())
  const fired = peers.map(() => Infinity)
  let decision: Outcome['decision'] = null
  let [seconds, requests] = [Infinity, 0]
  for (const tick of canary(world)) {
    for (const [at, peer] of peers.entries()) if (fired[at] === Infinity && peer.observe(tick) !== null) fired[at] = tick.t
    if (decision === null) {
      requests += tick.canary?.requests ?? 0
      const said = judge.observe(tick).decision
      if (said === 'roll_back' || (said === 'advance' && scenario.untilAdvance)) [decision, seconds] = [said, tick.t]
    }
    if (decision !== null && fired.every((t) => t < Infinity)) break
  }
  return { decision, seconds, requests, peers: fired }
}
