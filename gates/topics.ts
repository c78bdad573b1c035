/**
 * A gate that asks for several topics: each is judged by its own thresholds and its own reasons, and the gate holds when all that were asked for hold. What a
 * topic that is declared absent would have said is not missed. Pure.
 */
import { digestOf } from '../evidence/core/digest.ts'
import type { Exception } from '../evidence/model/config/exceptions.ts'
import type { Finding } from '../evidence/model/finding.ts'
import type { GateId } from '../evidence/model/phases.ts'
import { milliseconds } from '../evidence/model/primitives.ts'
import { pass } from '../evidence/model/verdict.ts'
import type { Decision, Measured, Reason } from '../evidence/model/verdict.ts'
import { excepted, expiredReasons } from './exceptions.ts'
import type { GateInput, Testimony } from './gate.ts'
import { named, no, numbersOf, worst } from './statement.ts'

type Code = Reason['code']

export interface TopicRule {
  readonly topic: string
  /** Of the topic's own numbers; open errors are held to zero beside them. */
  readonly thresholds: Readonly<Record<string, string>>
  readonly unmeasured: Reason
  /** Warnings that say something could not be seen: indeterminate while they are open. */
  readonly unseen?: RegExp
  /** Rule of a finding -> the reason it is; every other error is `other`, by default the gate's `findings`. */
  readonly codes?: Readonly<Record<string, Code>>
  readonly other?: Code
  /** Reasons that say it could not be measured, and not that it is bad. */
  readonly blind?: readonly Code[]
  /** Findings that an exception may let stand: rule -> the number that counts them, held to as many as stand; null: none does. Undefined: all, uncounted. */
  readonly exceptable?: Readonly<Record<string, string | null>>
}

export interface TopicCodes {
  readonly findings: Code
  readonly contradiction: Code
  readonly expired: Code
  readonly notMeasured: Code
}

export interface TopicsAsked {
  readonly gate: GateId
  readonly rules: readonly TopicRule[]
  readonly codes: TopicCodes
  readonly exceptions: readonly Exception[]
  /** What makes statements old, and how old they may be: a duration. Undefined: they do not grow old. */
  readonly age?: { readonly most: string; readonly code: Code }
}

type Given = Pick<GateInput<unknown>, 'evidence' | 'now'>

/** Topics that are declared absent are not in the evidence, and are not asked for. */
export function judgeTopics(of: TopicsAsked, { evidence, now }: Given): Decision {
  const { codes, gate, rules } = of
  const none: Reason = rules[0]?.unmeasured ?? { code: codes.notMeasured, message: 'Nothing was looked at', next: 'Run the phase again.' }
  const known = new Set(rules.map(({ topic }) => topic))
  const strange = [...evidence.keys()].filter((topic) => !known.has(topic))
  const decisions = rules
    .filter(({ topic }) => evidence.has(topic))
    .map((rule) =>
      worst(
        (evidence.get(rule.topic) ?? []).map((testimony) => judge(of, rule, testimony, now)),
        rule.unmeasured,
      ),
    )
  const without = strange.map((topic) => no('indeterminate', [{ ...none, code: codes.notMeasured, message: `${gate} has no rules for ${topic}` }]))
  return together([...decisions, ...without], none)
}

function judge(of: TopicsAsked, rule: TopicRule, testimony: Testimony, now: number): Decision {
  const { codes, exceptions } = of
  const { unseen, exceptable } = rule
  const read = numbersOf(testimony, of.gate, rule.thresholds, { unmeasured: rule.unmeasured, contradiction: codes.contradiction })
  if ('verdict' in read) return read
  const { opinion, errors } = read
  const today = new Date(now).toISOString().slice(0, 10)
  const allowed = exceptable === undefined ? exceptions : exceptions.filter((exception) => Object.hasOwn(exceptable, exception.rule))
  const hidden = unseen === undefined ? [] : testimony.predicate.findings.filter((finding: Finding) => unseen.test(finding.rule))
  const [open, dark] = [excepted(errors, allowed, today), excepted(hidden, allowed, today)]
  const standing = errors.filter((finding) => !open.open.includes(finding))
  const thresholds = {
    ...rule.thresholds,
    ...counted(rule, standing),
    open_errors: '=0',
    ...(unseen === undefined ? {} : { unseen: '=0' }),
  }
  const metrics = {
    ...opinion.metrics,
    open_errors: open.open.length,
    excepted_errors: standing.length,
    ...(unseen === undefined ? {} : { unseen: dark.open.length }),
  }
  const numbers = { metrics, measured: opinion.measured }
  const reasons = [
    ...expiredReasons([...open.expired, ...dark.expired], codes.expired),
    ...reasonsOf(open.open, rule, codes),
    ...stale(of, testimony, now),
  ]
  if (reasons.length === 0 && dark.open.length > 0)
    reasons.push({ code: codes.notMeasured, message: named(dark.open), next: dark.open[0]?.next ?? rule.unmeasured.next })
  if (reasons.length === 0) return pass({ ...numbers, thresholds }, codes.notMeasured)
  const blind = new Set<Code>([...(rule.blind ?? []), codes.notMeasured, ...(of.age === undefined ? [] : [of.age.code])])
  return no(reasons.every(({ code }) => blind.has(code)) ? 'indeterminate' : 'fail', reasons, numbers, thresholds)
}

/** What may stand is counted, so that none hides behind it. */
function counted({ exceptable = {} }: TopicRule, standing: readonly Finding[]): Record<string, string> {
  const counts = Map.groupBy(standing, ({ rule }) => exceptable[rule] ?? null)
  return Object.fromEntries([...counts].flatMap(([metric, findings]) => (metric === null ? [] : [[metric, `<=${findings.length}`] as const])))
}

function reasonsOf(errors: readonly Finding[], { codes = {}, other }: TopicRule, { findings: otherwise }: TopicCodes): Reason[] {
  const kinds = Map.groupBy(errors, ({ rule }) => codes[rule] ?? other ?? otherwise)
  return [...kinds].map(([code, findings]) => ({ code, message: named(findings).slice(0, 1900), next: findings[0]?.next ?? 'Fix each finding.' }))
}

/** Evidence grows old while it waits. */
function stale({ age }: TopicsAsked, { topic, predicate }: Testimony, now: number): Reason[] {
  if (age === undefined) return []
  const old = now - Date.parse(predicate.made_at)
  if (old <= milliseconds(age.most)) return []
  const message = `What is said of ${topic} is ${Math.floor(old / 60_000)} minutes old, ${age.most} is allowed`
  return [{ code: age.code, message, next: `Run phase ${predicate.response.phase} again.` }]
}

/** Of one topic each: the numbers of all, and every reason against. Numbers of one name are added up. */
export function together(decisions: readonly Decision[], none: Reason): Decision {
  const [first, ...more] = decisions
  if (first === undefined || more.length === 0) return worst(decisions, none)
  const metrics: Record<string, number> = {}
  for (const [name, value] of decisions.flatMap((decision) => Object.entries(decision.metrics))) metrics[name] = (metrics[name] ?? 0) + value
  const thresholds: Record<string, string> = Object.assign({}, ...decisions.map((decision) => decision.thresholds))
  const measured = measuredTogether(decisions.flatMap((decision) => decision.measured ?? []))
  const decision = worst(decisions, none)
  return decision.verdict === 'pass'
    ? pass({ metrics, thresholds, measured }, none.code)
    : no(decision.verdict, decision.reasons, { metrics, measured }, thresholds)
}

function joined(texts: readonly string[], most: number): string {
  return [...new Set(texts)].join('; ').slice(0, most)
}

/** What several topics looked at, as one. */
function measuredTogether(all: readonly Measured[]): Measured | null {
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
