/**
 * What the judge said of each step, said again from the packed series, and held against the config and the ledger. A step that no judge ended (a person,
 * a router, the store away) is named as such. Pure.
 */
import { differences } from '../../evidence/core/difference.ts'
import type { Difference } from '../../evidence/core/difference.ts'
import type { LedgerEntry } from '../../evidence/ledger/chain.ts'
import { z } from 'zod'
import type { Config } from '../../evidence/model/config.ts'
import type { RolloutSeries } from '../../evidence/pack/documents.ts'
import type { Replayed } from '../../evidence/pack/replayed.ts'
import { HeldObjective } from '../../evidence/slo/held.ts'
import type { Objective } from '../../gates/judge/burn.ts'
import type { Verified } from '../../evidence/verify/verifier.ts'
import { endsAtOnce, type Judgement } from '../../gates/judge/guard.ts'
import { JUDGE_VERSION } from '../../gates/judge/judge.ts'
import { judgementOf, type Comparison } from './judgement.ts'
import { policyOf } from './policy.ts'
import { replayRefusals } from './replay-refused.ts'

export interface RolloutQuestion {
  readonly series: readonly RolloutSeries[]
  readonly ledger: readonly LedgerEntry[]
  /** Believed ones. */
  readonly statements: readonly Verified[]
  /** null when it cannot be read. */
  readonly config: Config | null
}

/** One row for each step that has a series, and one for each way back that was refused. */
export function replayRollout(question: RolloutQuestion): readonly Replayed[] {
  const steps = question.series
    .toSorted((a, b) => (a.environment === b.environment ? a.step - b.step : a.environment < b.environment ? -1 : 1))
    .map((one) => stepOf(question, one))
  return [...steps, ...replayRefusals(question)]
}

function stepOf(question: RolloutQuestion, series: RolloutSeries): Replayed {
  const { judged, environment, step } = series
  const subject = `${step} % of ${environment}`
  if (judged === null) return unjudged(question, series, subject)
  if (series.compare !== undefined && series.compare.judge_version !== JUDGE_VERSION) return another(series.compare.judge_version, judged, subject)
  const again = judgement(series, judged)
  const stated = { decision: judged.decision, code: judged.code, sentence: judged.sentence, metrics: judged.metrics }
  const found = [
    ...differences(stated, again, 'judged'),
    ...settings(question, series, judged),
    ...(isNoted(question.ledger, series, judged) ? [] : differences(null, judged.sentence, `ledger.${entryOf(judged)}`)),
  ]
  const result = found.length === 0 ? 'same' : 'differs'
  return { subject, packed: judged.decision, recomputed: again.decision, result, differences: found, why: '' }
}

type Judged = NonNullable<RolloutSeries['judged']>

/** Rules of another version say something else of the same numbers; to say it again takes the release of this program that has them. */
function another(version: number, { decision }: Judged, subject: string): Replayed {
  const why = `it was judged by rules of version ${version}, and these are version ${JUDGE_VERSION}`
  return { subject, packed: decision, recomputed: null, result: 'not-computed', differences: [], why }
}

function judgement({ samples, guard, compare, step: percent, sample_ms: sampleMs }: RolloutSeries, judged: Judged): Judgement {
  const { at: now, started_at: startedAt, shifted_at: shiftedAt, bake_until: bakeUntil, deadline } = judged
  const seen = samples.filter((sample) => sample.at <= now)
  const policy = { limit: guard.limit, falseAlarm: guard.false_alarm, miss: guard.miss, certify: guard.certify, minimum: guard.minimum }
  return judgementOf({ policy, comparison: comparisonOf(compare), samples: seen, percent, startedAt, shiftedAt, now, bakeUntil, deadline, sampleMs })
}

/** null: errors alone were compared. */
export function comparisonOf(compare: RolloutSeries['compare']): Comparison | null {
  if (compare === undefined) return null
  const { judge_version: _version, warm_up_s: warmUp, ...rest } = compare
  return { ...rest, warmUp }
}

/** What the judge was told to tolerate and to wait for, against the config. A breach, or being worse, ends a step at any time, so its times are not the config's. */
function settings({ config, ledger }: RolloutQuestion, { environment, step, guard, compare }: RolloutSeries, judged: Judged): readonly Difference[] {
  const named = config?.environments[environment]
  if (named === undefined) return differences(environment, null, 'config.environments')
  const policy = policyOf(named, agreedObjectives(ledger, environment))
  const { limit, falseAlarm, miss, certify, minimum } = policy.guard
  const tolerated = { limit, false_alarm: falseAlarm, miss, certify, minimum }
  const times = endsAtOnce(judged.code)
    ? []
    : [
        ...differences(judged.bake_until - judged.shifted_at, policy.bake[step], 'bake'),
        ...differences(judged.deadline - judged.shifted_at, policy.deadline[step], 'deadline'),
      ]
  const compared = compare === undefined ? [] : differences(comparisonOf(compare), policy.compare, 'compare')
  return [...differences(guard, tolerated, 'guard'), ...compared, ...times]
}

/** The files they come from are not in the pack; the ledger has had them since before the traffic moved. What is no list of them agrees with nothing. */
function agreedObjectives(ledger: readonly LedgerEntry[], environment: string): readonly Objective[] {
  const said = ledger.find(({ type, data }) => type === 'decision' && data['environment'] === environment)?.data['objectives']
  const read = z.array(HeldObjective).safeParse(said ?? [])
  return read.success ? read.data : []
}

function entryOf(judged: Judged): 'advance' | 'rollback' {
  return judged.decision === 'advance' ? 'advance' : 'rollback'
}

function isNoted(ledger: readonly LedgerEntry[], { environment, step }: RolloutSeries, judged: Judged): boolean {
  return ledger.some(
    ({ type, data }) =>
      (type === entryOf(judged) || (type === 'rollback.refused' && judged.decision === 'roll_back')) &&
      data['environment'] === environment &&
      data['step'] === step &&
      data['reason'] === judged.sentence,
  )
}

/** Nothing was judged: then the ledger may not say that something was. */
function unjudged({ ledger }: RolloutQuestion, { environment, step }: RolloutSeries, subject: string): Replayed {
  const of = (type: string): LedgerEntry | undefined =>
    ledger.findLast((entry) => entry.type === type && entry.data['environment'] === environment && entry.data['step'] === step)
  const [advance, back, late] = [of('advance'), of('rollback') ?? of('rollback.refused'), of('rollback.entered')]
  const spoke = advance ?? (late === undefined && back?.data['code'] === 'slo_breach' ? back : undefined)
  if (spoke !== undefined) {
    const found = differences(null, spoke.data['reason'], 'judged')
    return { subject, packed: null, recomputed: null, result: 'differs', differences: found, why: 'the ledger says that the judge ended this step' }
  }
  const why =
    late !== undefined
      ? 'it was taken back while the store did not answer; not all that was seen then was kept'
      : back === undefined
        ? 'no judge ended this step'
        : `not the judge ended this step: ${String(back.data['reason'])}`.slice(0, 500)
  return { subject, packed: back === undefined ? null : 'roll_back', recomputed: null, result: 'not-computed', differences: [], why }
}
