/**
 * A gate that asks for several topics: each is judged by its own thresholds and its own reason codes, and the gate holds when all that were asked for hold.
 * What a topic that is declared absent would have said is not missed. Pure.
 */
import type { Finding } from '../evidence/model/finding.ts'
import type { GateId } from '../evidence/model/phases.ts'
import { milliseconds } from '../evidence/model/primitives.ts'
import { pass } from '../evidence/model/verdict.ts'
import type { Decision, Reason } from '../evidence/model/verdict.ts'
import type { GateInput, Testimony } from './gate.ts'
import { named, no, numbersOf, worst } from './statement.ts'
import { measuredTogether } from './topics.ts'

export interface TopicRules {
  /** Metric -> what it must keep. */
  readonly thresholds: Readonly<Record<string, string>>
  /** Rule of a finding -> the reason it is. */
  readonly codes: Readonly<Record<string, Reason['code']>>
  /** Of every other finding that is an error. */
  readonly other: Reason['code']
  /** Reasons that say it could not be measured, and not that it is bad. */
  readonly blind: readonly Reason['code'][]
}

export interface TopicGate {
  readonly gate: GateId
  readonly notMeasured: Reason['code']
  readonly contradiction: Reason['code']
  /** What makes them old, and how old they may be: a duration. Undefined: they do not grow old. */
  readonly age?: { readonly most: string; readonly code: Reason['code'] }
}

/** @param rules by topic; every topic that the gate reads has some */
export function judgeMeasured<Policy>(
  of: TopicGate,
  { evidence, now }: Pick<GateInput<Policy>, 'evidence' | 'now'>,
  rules: Readonly<Record<string, TopicRules>>,
): Decision {
  const unmeasured: Reason = {
    code: of.notMeasured,
    message: `No statement carries numbers for ${of.gate}`,
    next: 'Run the phase again and look at the log of the agents.',
  }
  const decisions = [...evidence].map(([topic, testimonies]) => {
    const own = rules[topic]
    if (own === undefined) return no('indeterminate', [{ ...unmeasured, message: `${of.gate} has no rules for ${topic}` }])
    return worst(
      testimonies.map((testimony) => judge(of, testimony, own, now)),
      { ...unmeasured, message: `No statement carries numbers on ${topic}` },
    )
  })
  return together(decisions, unmeasured)
}

function judge(of: TopicGate, testimony: Testimony, { thresholds, codes, other, blind }: TopicRules, now: number): Decision {
  const unmeasured: Reason = {
    code: of.notMeasured,
    message: `The statement on ${testimony.topic} carries no numbers for ${of.gate}`,
    next: 'Run the phase again.',
  }
  const read = numbersOf(testimony, of.gate, thresholds, { unmeasured, contradiction: of.contradiction })
  if ('verdict' in read) return read
  const { opinion, errors } = read
  const { metrics, measured } = opinion
  const reasons = [...reasonsOf(errors, codes, other), ...staleness(of, testimony, now)]
  if (reasons.length === 0) return pass({ metrics, thresholds, measured }, of.notMeasured)
  const unseen = new Set([...blind, ...(of.age === undefined ? [] : [of.age.code])])
  return no(reasons.every(({ code }) => unseen.has(code)) ? 'indeterminate' : 'fail', reasons, { metrics, measured }, thresholds)
}

function reasonsOf(errors: readonly Finding[], codes: TopicRules['codes'], other: Reason['code']): Reason[] {
  const kinds = Map.groupBy(errors, ({ rule }) => codes[rule] ?? other)
  return [...kinds].map(([code, findings]) => ({
    code,
    message: named(findings).slice(0, 1900),
    next: findings[0]?.next ?? 'Do what each finding says.',
  }))
}

/** Evidence grows old while it waits. */
function staleness({ age }: TopicGate, { topic, predicate }: Testimony, now: number): Reason[] {
  if (age === undefined) return []
  const old = now - Date.parse(predicate.made_at)
  if (old <= milliseconds(age.most)) return []
  const message = `What is said of ${topic} is ${Math.floor(old / 60_000)} minutes old, ${age.most} is allowed`
  return [{ code: age.code, message, next: `Run phase ${predicate.response.phase} again.` }]
}

/** Of one topic each: the numbers of all, and every reason against. Numbers of the same name are added up. */
export function together(decisions: readonly Decision[], none: Reason): Decision {
  const [first, ...more] = decisions
  if (first === undefined || more.length === 0) return worst(decisions, none)
  const [metrics, thresholds]: [Record<string, number>, Record<string, string>] = [{}, {}]
  for (const decision of decisions) {
    for (const [name, value] of Object.entries(decision.metrics)) metrics[name] = (metrics[name] ?? 0) + value
    Object.assign(thresholds, decision.thresholds)
  }
  const measured = measuredTogether(decisions.flatMap((decision) => decision.measured ?? []))
  const decision = worst(decisions, none)
  return decision.verdict === 'pass'
    ? pass({ metrics, thresholds, measured }, none.code)
    : no(decision.verdict, decision.reasons, { metrics, measured }, thresholds)
}
