/**
 * An operator's PromQL -> a query for one running total, or why it is none. Pure; nothing is asked.
 *
 * Prometheus answers `x > 0.05` with nothing both when all is well and when there is no x. So a query here gives a number and nothing else: what is
 * compared is compared by us, and what is absent stays absent.
 */
import { bare, below, children, endsInZero, first, operatorOf, outsideSums, parsePromql, type Node } from '../../../evidence/slo/promql-tree.ts'

export interface Selector {
  /** As written: `http_requests_total{code=~"5.."}`. */
  readonly text: string
  /** Of the metric; null when only labels name it. */
  readonly name: string | null
  readonly matchers: readonly { readonly label: string; readonly text: string }[]
}

export interface TotalQuery {
  readonly text: string
  /** It ends in `or vector(0)`: absence is zero, because the operator says so. */
  readonly zero: boolean
  /** At least one. */
  readonly selectors: readonly Selector[]
}

export type Read = { readonly query: TotalQuery } | { readonly problem: string }

export const MAX_QUERY = 2000
const MAX_SELECTORS = 8
const COMPARISONS = new Set(['Eql', 'Neq', 'Gtr', 'Gte', 'Lss', 'Lte'])
const SETS = new Set(['And', 'Unless', 'Or'])
const SHIFTS = new Set(['OffsetExpr', 'StepInvariantExpr', 'AnchoredExpr', 'SmoothedExpr'])
const NO_TOTALS = new Set(['rate', 'irate', 'increase', 'delta', 'idelta', 'deriv', 'predict_linear', 'changes', 'resets'])
const OUT_OF_NOTHING = new Set(['vector', 'absent', 'absent_over_time'])

export function totalQuery(text: string): Read {
  if (text.length > MAX_QUERY) return { problem: `a query of at most ${MAX_QUERY} characters` }
  const parsed = parsePromql(text)
  if ('broken' in parsed) return { problem: `PromQL; this cannot be read from character ${parsed.broken + 1} on` }
  const whole = bare(parsed.top)
  const zero = endsInZero(whole, text)
  const body = zero ? bare(first(whole)) : whole
  const problem = problemIn(body, text, zero)
  if (problem !== null) return { problem }
  const selectors = below(body)
    .filter((node) => node.name === 'VectorSelector')
    .map((node) => selector(node, text))
  if (selectors.length === 0) return { problem: 'a query that names a metric' }
  if (selectors.length > MAX_SELECTORS) return { problem: `a query of at most ${MAX_SELECTORS} selectors; sum them up in a recording rule` }
  return { query: { text, zero, selectors } }
}

/** A query for a histogram: classic buckets summed by their bound, or native histograms summed up. */
export function histogramQuery(text: string): Read {
  const read = totalQuery(text)
  if ('problem' in read) return read
  if (read.query.zero) return { problem: 'a query without or vector(0): a number is no histogram' }
  const parsed = parsePromql(text)
  if ('broken' in parsed) return { problem: 'PromQL' }
  const top = bare(parsed.top)
  const by = top.getChild('AggregateModifier')
  const isSum = top.name === 'AggregateExpr' && first(top).getChild('Sum') !== null
  const labels = by === null ? [] : below(by).filter((node) => node.name === 'LabelName')
  const isByBound =
    by !== null && by.getChild('By') !== null && labels.length === 1 && labels.every((node) => text.slice(node.from, node.to) === 'le')
  if (!isSum || !(by === null || isByBound))
    return { problem: 'sum by (le) (http_request_duration_seconds_bucket{…}), or sum(http_request_duration_seconds{…}) of a native histogram' }
  return read
}

function problemIn(body: Node, text: string, zero: boolean): string | null {
  const above = outsideSums(body).flatMap((node) => operators(node, text))
  // Under a sum a comparison chooses series; with `or vector(0)` behind it, it would still turn absence into health.
  const compared = zero ? below(body).flatMap((node) => operators(node, text)) : above
  const comparison = compared.find(({ name }) => COMPARISONS.has(name))
  if (comparison !== undefined)
    return `a query that gives the number itself, without ${comparison.text}: a comparison drops what it does not match, and absence would look like health. The limit is the guard of the repository's config`
  const set = above.find(({ name }) => SETS.has(name))
  if (set !== undefined)
    return `a query without ${set.text} outside a sum: it drops or replaces series. Only or vector(0), at the end, may stand for errors that never happened`
  for (const node of below(body)) {
    if (SHIFTS.has(node.name)) return `a query about now, without ${wordsOf(node, text)}`
    const name = node.name === 'FunctionCall' ? text.slice(first(node).from, first(node).to) : ''
    if (NO_TOTALS.has(name)) return `a running total such as sum(http_requests_total), not ${name}(): increments are counted by us`
    if (OUT_OF_NOTHING.has(name)) return `a query without ${name}(): it makes a number where there is none`
  }
  return null
}

function operators(node: Node, text: string): { readonly name: string; readonly text: string }[] {
  return node.name === 'BinaryExpr' ? [{ name: operatorOf(node), text: wordsOf(node, text) }] : []
}

function selector(node: Node, text: string): Selector {
  const name = node.getChild('Identifier')
  const matchers = below(node)
    .filter((child) => child.name === 'UnquotedLabelMatcher')
    .map((child) => ({
      label: text.slice(first(child).from, first(child).to),
      text: children(child)
        .map((part) => text.slice(part.from, part.to))
        .join(''),
    }))
  return { text: text.slice(node.from, node.to), name: name === null ? null : text.slice(name.from, name.to), matchers }
}

/**
 * Selectors that show whether the metric tells errors from the rest: of each metric that also counts the requests, with the labels by which errors differ
 * merely present. `http_requests_total{track="canary",code=~"5.."}` -> `http_requests_total{track="canary",code!=""}`; null where a selector has none.
 */
export function graded(errors: Selector, requests: readonly Selector[]): string | null {
  const same = requests.filter(({ name }) => name !== null && name === errors.name)
  const shared = new Set(same.flatMap(({ matchers }) => matchers.map((matcher) => matcher.text)))
  const differing = errors.matchers.filter((matcher) => !shared.has(matcher.text))
  if (same.length === 0 || differing.length === 0) return null
  const kept = errors.matchers.filter((matcher) => shared.has(matcher.text)).map((matcher) => matcher.text)
  return `${errors.name}{${[...kept, ...new Set(differing.map(({ label }) => `${label}!=""`))].join(',')}}`
}

/** What a node adds to its operands: `>`, `> bool`, `offset 5m`. */
function wordsOf(node: Node, text: string): string {
  const [left, second] = children(node)
  if (left === undefined || second === undefined) return text.slice(node.from, node.to)
  if (node.name !== 'BinaryExpr') return text.slice(left.to, node.to).trim()
  return `${text.slice(second.from, second.to)}${node.getChild('BoolModifier') === null ? '' : ' bool'}`
}
