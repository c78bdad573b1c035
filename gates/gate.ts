/**
 * The contract of a gate: a pure question about evidence (SPEC part 4).
 *
 * A gate file says what it reads, the strict schema of its policy, and `decide`. It never sees absence, a foreign commit, a bad policy or a missing
 * self-test receipt: `evaluate` answers for those, always with a no. So a gate cannot allow by accident; all it can do is judge measurements that exist.
 * A gate imports no agent: it names a topic of evidence, not who made it.
 */
import type { z } from 'zod'
import type { Config } from '../evidence/model/config.ts'
import type { AgentResponsePredicate } from '../evidence/model/statement.ts'
import type { GateId, Phase } from '../evidence/model/phases.ts'
import type { Decision, Reason, Verdict } from '../evidence/model/verdict.ts'

/** One believed agent response, as a gate sees it. */
export interface Testimony {
  readonly topic: string
  /** SHA-256 of the statement's exact bytes. */
  readonly digest: string
  readonly predicate: AgentResponsePredicate
}

/** Numbers of the config that gates hold measurements against, beside their own settings: `budgets`, and `targets.headroom`. */
export type Limits = Config['budgets'] & Pick<Config['targets'], 'headroom'>

export function limitsOf({ budgets, targets }: Pick<Config, 'budgets' | 'targets'>): Limits {
  return { ...budgets, headroom: targets.headroom }
}

export interface GateInput<Policy> {
  /** By topic; every topic of `reads` that is not declared absent is there with at least one testimony, or `decide` is not called. */
  readonly evidence: ReadonlyMap<string, readonly Testimony[]>
  /** The verdicts of other gates on this commit; only for a gate with `readsVerdicts`. */
  readonly verdicts: readonly Verdict[]
  readonly policy: Policy
  /** Of the config, defaults filled in. */
  readonly budgets: Limits
  /** Epoch milliseconds: a fact like any other. */
  readonly now: number
}

/** A planted input: `decide` must answer with a no for `red`, with a pass for `green`. */
export interface Planted<Policy> {
  readonly name: string
  readonly expected: 'red' | 'green'
  readonly input: GateInput<Policy>
}

export interface Gate<Policy = unknown> {
  readonly id: GateId
  readonly phase: Phase
  /** One sentence; shown in the check and in `gates explain`. */
  readonly question: string
  readonly why: string
  /** Raise it when the same evidence can be decided differently. */
  readonly version: number
  /** Topics of agent-response evidence this gate requires. */
  readonly reads: readonly string[]
  /** Kinds of collected input (InputDigest.kind) whose change makes the evidence stale. */
  readonly dependsOn: readonly string[]
  /** Of those, kinds that are input of these topics only; absent: of every topic. */
  readonly inputOf?: Readonly<Record<string, readonly string[]>>
  /** Those it holds numbers against; shown with its settings. */
  readonly budgets?: readonly (keyof Limits)[]
  /** True for the gate over gates. */
  readonly readsVerdicts?: boolean
  readonly policy: z.ZodType<Policy>
  readonly notMeasured: Reason['code']
  decide(input: GateInput<Policy>): Decision
  /** At least one red and one green; run as the gate's self-test. */
  planted(): readonly Planted<Policy>[]
}

/** Keeps the policy's type between `policy`, `decide` and `planted`. */
export function gate<Policy>(definition: Gate<Policy>): Gate<Policy> {
  return definition
}
