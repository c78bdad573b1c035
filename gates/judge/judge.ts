/**
 * Canary against the stable version of the same time: roll back, advance or hold. Pure; the same ticks give the same answers.
 *
 * One false-alarm budget: the evidence of all metrics is averaged with fixed weights and compared with 1/falseAlarm at each tick (an average of e-values is
 * one, whatever they have to do with each other: Vovk and Wang, Annals of Statistics 2021). A metric counts only while the minimum effect is not excluded.
 * An advance needs the bake, measured; data now; the certified ratios excluded. No data is never a reason for one.
 */
import { BurnGuard, type Burn, type Objective } from './burn.ts'
import { Errors } from './errors.ts'
import type { FacetReading } from './facet.ts'
import { Latency } from './latency.ts'
import { logSum } from './mixture.ts'
import type { JudgePolicy } from './policy.ts'
import { HOLE_S, holeBefore, Watch, type Silence } from './presence.ts'
import { sentenceOf } from './sentence.ts'
import type { Arm, Tick } from './tick.ts'

/** Of the rules here: a series is judged again by the version that judged it. */
export const JUDGE_VERSION = 4

export type Code = 'worse' | 'burn' | 'absent' | 'deadline' | 'no-data' | 'warming-up' | 'baking' | 'undecided' | 'certified'

export interface MetricState extends Omit<FacetReading, 'evidence'> {
  readonly state: Silence['state']
  /** Seconds without data up to now. */
  readonly hole_s: number
  /** Natural log of this metric's evidence that the canary is worse. */
  readonly evidence: number
}

export interface Judgement {
  readonly t: number
  readonly decision: 'hold' | 'advance' | 'roll_back'
  readonly code: Code
  /** One sentence with the numbers. */
  readonly reason: string
  readonly metrics: { readonly errors: MetricState; readonly latency: MetricState | null }
  /** Of all metrics together that the canary is worse, natural log. */
  readonly evidence: number
  /** An error budget that burns too fast. */
  readonly burn: Burn | null
  /** Objectives of which nothing was told although the canary serves. */
  readonly untold: readonly Objective[]
  /** Seconds between the end of the history and the first tick, of which nothing is known; 0: none that is worth a name. */
  readonly unseen_s: number
}

/** What a sentence is made of. */
export interface Finding {
  readonly policy: JudgePolicy
  readonly code: Code
  readonly metrics: Judgement['metrics']
  /** All metrics together, natural log. */
  readonly evidence: number
  readonly burn: Burn | null
  readonly untold: readonly Objective[]
  /** Seconds between the history and the first tick, where they are a hole. */
  readonly unseen: number
  /** Seconds of measured time, since the start, and since the canary's first request. */
  readonly measured: number
  readonly passed: number
  readonly served: number
}

interface Heard {
  readonly t: number
  readonly silence: ReturnType<Watch['add']>
  readonly warming: boolean
}

/** Latency's part of the false-alarm budget; and where a service says that it has none, and shows none before the first tick that compares. */
const LATENCY_WEIGHT = 0.3
const UNTOLD_WEIGHT = 0.25

/** Ticks within so many seconds count as one block of time. */
const BLOCK_S = 5

export class Judge {
  private readonly policy: JudgePolicy
  private readonly errors: Errors
  private readonly latency: Latency
  private readonly guard: BurnGuard
  private readonly watch: Watch
  private readonly history: readonly Tick[]
  private unseen = 0
  private start: number | null = null
  private served: number | null = null
  private block = -Infinity
  private before: number | null = null
  private measured = 0
  private advanced = false
  /** Fixed before anything speaks for or against the canary. */
  private latencyWeight: number | null = null
  private final: Judgement | null = null

  /** @param history ticks from before the canary; of the stable version alone is enough */
  constructor(policy: JudgePolicy, history: readonly Tick[] = []) {
    this.policy = policy
    this.errors = new Errors(policy)
    this.latency = new Latency(policy)
    this.guard = new BurnGuard(policy.objectives)
    this.watch = new Watch(policy)
    this.history = history
    for (const { baseline } of history) {
      this.errors.learn(baseline)
      this.latency.learn(baseline)
      this.watch.learn(baseline)
    }
  }

  /** What is to be said after all these ticks; null when there are none. */
  static after(policy: JudgePolicy, ticks: readonly Tick[], history: readonly Tick[] = []): Judgement | null {
    const judge = new Judge(policy, history)
    let heard: Heard | null = null
    for (const tick of ticks) heard = judge.take(tick)
    return heard === null ? null : judge.decide(heard)
  }

  /** @param tick later than the one before */
  observe(tick: Tick): Judgement {
    const heard = this.take(tick)
    if (this.final !== null) return { ...this.final, t: tick.t }
    const judgement = this.decide(heard)
    if (judgement.decision === 'roll_back') this.final = judgement
    if (judgement.decision === 'advance') this.advanced = true
    return judgement
  }

  private take(tick: Tick): Heard {
    const { t } = tick
    if (this.start === null) this.unseen = holeBefore(t, this.history)
    this.start ??= t
    if (tick.canary !== null && tick.canary.requests > 0) this.served ??= t
    const silence = this.watch.add(tick)
    const canary = this.heard(tick.canary)
    const baseline = this.heard(tick.baseline)
    const warming = this.served !== null && t - this.served < this.policy.warmUp
    const anew = t - this.block >= BLOCK_S
    if (anew) this.block = t
    const frozen = silence.errors.state === 'frozen'
    if (!warming && !frozen) {
      if (canary !== null && baseline !== null) this.latencyWeight ??= this.weighs(silence.latency === null)
      this.errors.observe(canary, baseline, anew)
      this.latency.observe(canary, baseline, anew)
    }
    this.guard.add(t, canary, baseline)
    const quiet = silence.errors.state !== 'ok' || silence.latency?.state === 'no_data' || silence.latency?.state === 'partial'
    if (!quiet && !warming && this.before !== null) this.measured += Math.min(t - this.before, HOLE_S)
    this.before = t
    return { t, silence, warming }
  }

  private weighs(untold: boolean): number {
    return untold && this.policy.absence.latency === 'zero' ? UNTOLD_WEIGHT : LATENCY_WEIGHT
  }

  /** With what the policy says that silence about errors means. */
  private heard(arm: Arm | null): Arm | null {
    return arm !== null && arm.errors === null && this.policy.absence.errors === 'zero' ? { ...arm, errors: 0 } : arm
  }

  private decide({ t, silence, warming }: Heard): Judgement {
    const [burn, untold] = [this.guard.read(), this.guard.untold()]
    const weight = this.latencyWeight ?? LATENCY_WEIGHT
    const [errors, latency] = [this.errors.read(1 - weight), this.latency.read(weight)]
    const metrics = { errors: stateOf(errors, silence.errors), latency: silence.latency === null ? null : stateOf(latency, silence.latency) }
    const evidence = logSum([...errors.evidence, ...latency.evidence])
    const passed = t - (this.start ?? t)
    const served = this.served === null ? 0 : t - this.served
    const of = { policy: this.policy, metrics, evidence, burn, untold, unseen: this.unseen, measured: this.measured, passed, served }
    const code = this.code({ ...of, code: 'undecided' }, warming)
    const decision = code === 'certified' ? 'advance' : isEnd(code) ? 'roll_back' : 'hold'
    return { t, decision, code, reason: sentenceOf({ ...of, code }), metrics, evidence, burn, untold, unseen_s: this.unseen }
  }

  private code({ policy, metrics, evidence, burn, untold, measured, passed }: Finding, warming: boolean): Code {
    if (evidence >= -Math.log(policy.falseAlarm)) return 'worse'
    if (burn !== null && !burn.shared) return 'burn'
    const all = [
      { ...metrics.errors, absence: policy.absence.errors },
      // Never told, where the policy says that this is no lack: there is nothing to certify.
      ...(isUntold(metrics.latency, policy) ? [] : [{ ...metrics.latency, absence: policy.absence.latency }]),
    ]
    if (all.some(({ state, hole_s: hole, absence }) => absence === 'fail' && state !== 'ok' && hole > HOLE_S)) return 'absent'
    if (!this.advanced && passed >= policy.deadline) {
      const ready =
        !warming &&
        all.every(({ state, certified }) => state === 'ok' && certified) &&
        measured >= policy.bake &&
        burn === null &&
        untold.length === 0
      if (!ready) return 'deadline'
    }
    if (all.some(({ state }) => state !== 'ok')) return 'no-data'
    if (warming) return 'warming-up'
    if (measured < policy.bake) return 'baking'
    const isClear = burn === null && untold.length === 0 && evidence < -Math.log(policy.miss)
    return isClear && all.every(({ certified }) => certified) ? 'certified' : 'undecided'
  }
}

/** Was latency never compared, and need it not be? */
function isUntold(latency: MetricState | null, { absence }: JudgePolicy): latency is null {
  return latency === null || (absence.latency === 'zero' && latency.canary === null)
}

function isEnd(code: Code): boolean {
  return code === 'worse' || code === 'burn' || code === 'absent' || code === 'deadline'
}

function stateOf({ evidence, ...reading }: FacetReading, { state, hole }: Silence): MetricState {
  const weight = evidence.reduce((sum, part) => sum + part.weight, 0)
  return { state, hole_s: hole, evidence: logSum(evidence) - Math.log(weight), ...reading }
}
