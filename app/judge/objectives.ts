/**
 * Objectives of OpenSLO files -> those a canary can be held to by what is told of it: shares of its requests that did not fail, or that took no longer than
 * a bound of the histogram. The others are named with why, so that nobody takes silence about them for health. Pure.
 */
import { counterQuery, type Matcher, type Term } from '../../evidence/slo/counters.ts'
import type { Slo } from '../../evidence/slo/registry.ts'
import type { Objective } from '../../gates/judge/burn.ts'
import { attached, differing, matcherWords, negated, type Counted, type Counts } from './counts.ts'

export interface Held {
  readonly objectives: readonly Objective[]
  readonly others: readonly Other[]
}

/** An objective that the canary is not held to. */
export interface Other {
  readonly name: string
  readonly why: string
}

/** @param counts what the metrics source counts; null: ticks of somebody's own, whose requests and failures are the objectives' */
export function heldTo(slos: readonly Slo[], counts: Counts | null): Held {
  const [objectives, others]: [Objective[], Other[]] = [[], []]
  for (const slo of slos) {
    const found = objectiveOf(slo, counts)
    if (typeof found === 'string') others.push({ name: slo.id, why: found })
    else objectives.push(found)
  }
  return { objectives, others }
}

function objectiveOf({ id: name, target, indicator, slice }: Slo, counts: Counts | null): Objective | string {
  if (indicator.kind === 'threshold') return 'it is about the value of a query, not about a share of requests'
  if (slice !== null) return 'it is about time slices, not about requests'
  if (target === 0) return 'its target is 0, which nothing can miss'
  const [part, total] = [termsOf(indicator.part), termsOf(indicator.total)]
  const bucket = part.find(({ metric, matchers }) => metric.endsWith('_bucket') && matchers.some(({ label }) => label === 'le'))
  if (bucket !== undefined) {
    const within = withinOf(bucket, part, total, indicator.counts, counts)
    return typeof within === 'string' ? within : { name, target, within_ms: within }
  }
  const why = counts === null ? null : foreign(part, total, indicator.counts, counts)
  return why ?? { name, target }
}

function termsOf(text: string): readonly Term[] {
  const read = counterQuery(text)
  return 'query' in read ? read.query.terms : []
}

/** Milliseconds, or why it cannot be told. */
function withinOf(bucket: Term, part: readonly Term[], total: readonly Term[], counts: 'good' | 'bad', told: Counts | null): number | string {
  const metric = bucket.metric.slice(0, -'_bucket'.length)
  const all = [...part.filter((term) => term !== bucket), ...total]
  const isShare = all.every((term) => term.sign === 1 && (term.metric === `${metric}_count` || isWhole(term, bucket.metric)))
  const shaped = counts === 'good' ? part.length === 1 && bucket.sign === 1 : part.length === 2 && bucket.sign === -1
  if (!isShare || !shaped || total.length !== 1) return 'it is more than the share of requests in one bucket of a histogram'
  const [le, ...more] = bucket.matchers.filter(({ label }) => label === 'le')
  const bound = Number(le?.value)
  if (le?.op !== '=' || more.length > 0 || !(bound > 0) || !Number.isFinite(bound)) return 'it names no single bound such as le="0.25"'
  const unit = told === null ? unitOf(metric) : told.latency?.unit
  if (told !== null && told.latency === null) return 'the metrics source tells no latency'
  if (unit === undefined) return `nothing says whether ${metric} is in seconds or milliseconds`
  if (told?.latency != null) {
    const same = told.latency.counted.filter((one) => one.metric === metric)
    if (same.length === 0) return `it is about ${metric}, and the metrics source tells ${names(told.latency.counted)}`
    const apart = [bucket, ...all].flatMap((term) => only(term, same))
    if (apart.length > 0) return `it is only about requests with ${apart.join(', ')}`
  }
  return bound * (unit === 's' ? 1000 : 1)
}

/** `x_bucket{le="+Inf"}` is all of them. */
function isWhole({ metric, matchers }: Term, bucket: string): boolean {
  return metric === bucket && matchers.some(({ label, op, value }) => label === 'le' && op === '=' && /^\+?inf$/i.test(value))
}

function unitOf(metric: string): 's' | 'ms' | undefined {
  if (metric.endsWith('_seconds')) return 's'
  return /_(?:milliseconds|ms|millis)$/.test(metric) ? 'ms' : undefined
}

/** Why a share of failed requests is not the source's; null: it is. */
function foreign(part: readonly Term[], total: readonly Term[], counts: 'good' | 'bad', told: Counts): string | null {
  if ([...part, ...total].some(({ sign }) => sign === -1)) return 'its queries subtract'
  const unknown = total.find(({ metric }) => !told.requests.some((one) => one.metric === metric))
  if (unknown !== undefined) return `it is about ${unknown.metric}, and the metrics source counts ${names(told.requests)}`
  const apart = total.flatMap((term) => only(term, told.requests))
  if (apart.length > 0) return `it is only about requests with ${apart.join(', ')}`
  const theirs = differing(told.errors, told.requests)
  const named = differing(part, total)
  const ours = counts === 'bad' ? named : negated(named)
  if (ours === null || ours.join(' ') !== theirs.join(' '))
    return `what fails for it is ${counts === 'good' ? 'not ' : ''}${named.join(' ')}, and the metrics source counts ${theirs.join(' ')}`
  return null
}

/** Matchers by which a term leaves out requests that the source counts. */
function only({ metric, matchers }: Pick<Term, 'metric' | 'matchers'>, counted: readonly Counted[]): string[] {
  const bare = metric.replace(/_(?:bucket|count)$/, '')
  const known = counted.filter((one) => one.metric === metric || one.metric === bare).flatMap((one) => one.matchers.map(matcherWords))
  return matchers.filter((one: Matcher) => one.label !== 'le' && !attached(one) && !known.includes(matcherWords(one))).map(matcherWords)
}

function names(counted: readonly Counted[]): string {
  return [...new Set(counted.map(({ metric }) => metric))].join(', ')
}
