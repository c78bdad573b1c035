/** What a gate of several topics does with each of them: the same law for all, with thresholds of its own; the worst of them decides. Pure. */
import { digestOf } from '../evidence/core/digest.ts'
import type { Finding } from '../evidence/model/finding.ts'
import type { GateId } from '../evidence/model/phases.ts'
import { pass } from '../evidence/model/verdict.ts'
import type { Decision, Measured, Reason } from '../evidence/model/verdict.ts'
import { excepted, expiredReasons, type Exception } from './exceptions.ts'
import type { GateInput, Testimony } from './gate.ts'
import { named, no, numbersOf, worst } from './statement.ts'

export interface TopicRule {
  readonly topic: string
  /** Of the topic's own numbers; open errors are held to zero beside them. */
  readonly thresholds: Readonly<Record<string, string>>
  readonly unmeasured: Reason
  /** Warnings that say something could not be seen: indeterminate while they are open. */
  readonly unseen?: RegExp
}

export interface TopicCodes {
  readonly findings: Reason['code']
  readonly contradiction: Reason['code']
  readonly expired: Reason['code']
  readonly notMeasured: Reason['code']
}

export interface TopicsAsked {
  readonly gate: GateId
  readonly rules: readonly TopicRule[]
  readonly codes: TopicCodes
  readonly exceptions: readonly Exception[]
}

/** Topics that are declared absent are not in the evidence, and are not asked for. */
export function judgeTopics(of: TopicsAsked, { evidence, now }: Pick<GateInput<unknown>, 'evidence' | 'now'>): Decision {
  const today = new Date(now).toISOString().slice(0, 10)
  const [first] = of.rules
  const none: Reason = first?.unmeasured ?? { code: of.codes.notMeasured, message: 'Nothing was looked at', next: 'Run the phase again.' }
  const decisions = of.rules.filter(({ topic }) => evidence.has(topic)).map((rule) => judgeTopic(of, rule, evidence.get(rule.topic) ?? [], today))
  const decision = worst(decisions, none)
  return decision.verdict === 'pass' ? together(decisions, of.codes.notMeasured) : decision
}

function judgeTopic(of: TopicsAsked, rule: TopicRule, testimonies: readonly Testimony[], today: string): Decision {
  return worst(
    testimonies.map((testimony) => judge(of, rule, testimony, today)),
    rule.unmeasured,
  )
}

function judge({ gate, codes, exceptions }: TopicsAsked, rule: TopicRule, testimony: Testimony, today: string): Decision {
  const { unseen } = rule
  const thresholds = { ...rule.thresholds, open_errors: '=0', ...(unseen === undefined ? {} : { unseen: '=0' }) }
  const read = numbersOf(testimony, gate, thresholds, { unmeasured: rule.unmeasured, contradiction: codes.contradiction })
  if ('verdict' in read) return read
  const { opinion, errors } = read
  const hidden = unseen === undefined ? [] : testimony.predicate.findings.filter((finding: Finding) => unseen.test(finding.rule))
  const [open, dark] = [excepted(errors, exceptions, today), excepted(hidden, exceptions, today)]
  const metrics = {
    ...opinion.metrics,
    open_errors: open.open.length,
    excepted_errors: errors.length - open.open.length,
    ...(unseen === undefined ? {} : { unseen: dark.open.length }),
  }
  const reasons: Reason[] = expiredReasons([...open.expired, ...dark.expired], codes.expired)
  if (open.open.length > 0) reasons.push({ code: codes.findings, message: named(open.open), next: open.open[0]?.next ?? 'Fix each finding.' })
  if (reasons.length > 0) return no('fail', reasons, { metrics, measured: opinion.measured }, thresholds)
  if (dark.open.length > 0)
    return no(
      'indeterminate',
      [{ code: codes.notMeasured, message: named(dark.open), next: dark.open[0]?.next ?? rule.unmeasured.next }],
      { metrics, measured: opinion.measured },
      thresholds,
    )
  return pass({ metrics, thresholds, measured: opinion.measured }, codes.notMeasured)
}

/** Several passes as one: counts of one name are added up. */
export function together(decisions: readonly Decision[], notMeasured: Reason['code']): Decision {
  const metrics: Record<string, number> = {}
  for (const [name, value] of decisions.flatMap((decision) => Object.entries(decision.metrics))) metrics[name] = (metrics[name] ?? 0) + value
  const thresholds: Record<string, string> = Object.assign({}, ...decisions.map((decision) => decision.thresholds))
  return pass({ metrics, thresholds, measured: measuredTogether(decisions.flatMap(({ measured }) => measured ?? [])) }, notMeasured)
}

function joined(texts: readonly string[], most: number): string {
  return [...new Set(texts)].join('; ').slice(0, most)
}

/** What several topics looked at, as one. */
export function measuredTogether(all: readonly Measured[]): Measured | null {
  const [first] = all
  if (first === undefined || all.length === 1) return first ?? null
  return {
    n: all.reduce((sum, { n }) => sum + n, 0),
    window: joined(
      all.map(({ window }) => window),
      200,
    ),
    source: joined(
      all.map(({ source }) => source),
      200,
    ),
    query: joined(
      all.map(({ query }) => query),
      2000,
    ),
    data_digest: digestOf(all.map(({ data_digest: digest }) => digest)),
  }
}
