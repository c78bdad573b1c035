/**
 * PromQL of an indicator -> what can be asked of it over a time. A ratio is made of running totals, summed up: only such a query can be turned into what
 * was counted in a window (`increase` of each counter, so that restarts are seen), or be added up from a page that was scraped. A threshold is a value.
 * Pure; nothing is asked.
 */
import { bare, below, children, endsInZero, first, last, operatorOf, outsideSums, parsePromql, type Node } from './promql-tree.ts'

export interface Matcher {
  readonly label: string
  readonly op: '=' | '!=' | '=~' | '!~'
  readonly value: string
}

export interface Term {
  readonly sign: 1 | -1
  /** `sum(x)`; else the selector itself, which must then have one series. */
  readonly summed: boolean
  /** As written. */
  readonly selector: string
  readonly metric: string
  readonly matchers: readonly Matcher[]
  /** Of the selector in the text. */
  readonly from: number
  readonly to: number
}

export interface CounterQuery {
  readonly text: string
  /** It ends in `or vector(0)`: absence is zero, because its writer says so. */
  readonly zero: boolean
  readonly terms: readonly Term[]
}

export interface ValueQuery {
  readonly text: string
  /** Selectors as written: what must be fresh. */
  readonly selectors: readonly string[]
}

const MOST_QUERY = 2000
const MOST_TERMS = 8
const SIGNS = new Map([
  ['Add', 1],
  ['Sub', -1],
])
const CUTS = new Set(['Eql', 'Neq', 'Gtr', 'Gte', 'Lss', 'Lte', 'And', 'Unless', 'Or'])

function expressionOf(text: string): { readonly whole: Node } | { readonly problem: string } {
  if (text.trim() === '' || text.length > MOST_QUERY) return { problem: `a PromQL query of at most ${MOST_QUERY} characters` }
  const parsed = parsePromql(text)
  if ('broken' in parsed) return { problem: `PromQL; this cannot be read from character ${parsed.broken + 1} on` }
  return { whole: bare(parsed.top) }
}

/** `sum(a{code=~"5.."}) + sum(b) or vector(0)` */
export function counterQuery(text: string): { readonly query: CounterQuery } | { readonly problem: string } {
  const read = expressionOf(text)
  if ('problem' in read) return read
  const zero = endsInZero(read.whole, text)
  const terms = termsOf(zero ? bare(first(read.whole)) : read.whole, 1, text)
  if ('problem' in terms) return terms
  if (terms.terms.length > MOST_TERMS) return { problem: `at most ${MOST_TERMS} sums; write a recording rule` }
  return { query: { text, zero, terms: terms.terms } }
}

function termsOf(node: Node, sign: 1 | -1, text: string): { readonly terms: readonly Term[] } | { readonly problem: string } {
  if (node.name === 'VectorSelector') return termOf(node, sign, false, text)
  if (node.name === 'AggregateExpr') {
    const parts = children(node)
    const body = parts.at(-1)
    const inner = body === undefined ? node : bare(first(body))
    if (text.slice(parts[0]?.from, parts[0]?.to) !== 'sum' || parts.length !== 2)
      return { problem: 'a sum of a counter without by or without, such as sum(http_requests_total): one number is compared with one number' }
    if (inner.name !== 'VectorSelector')
      return { problem: `a counter inside the sum, not ${text.slice(inner.from, inner.to)}: what was counted in a window is asked by us` }
    return termOf(inner, sign, true, text)
  }
  const second = node.name === 'BinaryExpr' ? SIGNS.get(operatorOf(node)) : undefined
  if (second !== undefined && node.getChild('MatchingModifierClause') === null) {
    const left = termsOf(bare(first(node)), sign, text)
    if ('problem' in left) return left
    const right = termsOf(bare(last(node)), (sign * second) as 1 | -1, text)
    return 'problem' in right ? right : { terms: [...left.terms, ...right.terms] }
  }
  return {
    problem: `running totals such as sum(http_requests_total), added or subtracted, not ${text.slice(node.from, node.to)}: rates and windows are made by us`,
  }
}

function termOf(node: Node, sign: 1 | -1, summed: boolean, text: string): ReturnType<typeof termsOf> {
  const name = node.getChild('Identifier')
  if (name === null) return { problem: 'a selector that names its metric, such as http_requests_total{job="shop"}' }
  const matchers: Matcher[] = []
  for (const one of below(node).filter((child) => child.name === 'UnquotedLabelMatcher')) {
    const [label, op, value] = children(one).map((part) => text.slice(part.from, part.to))
    const read = stringOf(value ?? '')
    if (label === undefined || op === undefined || read === null) return { problem: 'matchers such as code=~"5..", in double quotes' }
    if ((op === '=~' || op === '!~') && !compiles(read)) return { problem: `a regular expression such as 5.., not ${read}` }
    matchers.push({ label, op: op as Matcher['op'], value: read })
  }
  const selector = text.slice(node.from, node.to)
  return { terms: [{ sign, summed, selector, metric: text.slice(name.from, name.to), matchers, from: node.from, to: node.to }] }
}

/** Double or single quotes with the escapes of JSON; null for other literals. */
function stringOf(literal: string): string | null {
  const inner = /^'(?:[^'\\]|\\.)*'$/.test(literal)
    ? `"${literal
        .slice(1, -1)
        .replaceAll(String.raw`\'`, "'")
        .replaceAll('"', String.raw`\"`)}"`
    : literal
  try {
    const value: unknown = JSON.parse(inner)
    return typeof value === 'string' && value.length <= 500 ? value : null
  } catch {
    return null
  }
}

function compiles(pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`) instanceof RegExp
  } catch {
    return false
  }
}

/** `sum(a)`, `increase`, `1h` -> `sum(increase(a[1h]))` */
export function over(query: CounterQuery, how: 'increase' | 'rate', window: string): string {
  return query.terms
    .toSorted((a, b) => b.from - a.from)
    .reduce((text, { from, to }) => `${text.slice(0, from)}${how}(${text.slice(from, to)}[${window}])${text.slice(to)}`, query.text)
}

/** A threshold's query gives one value, and compares nothing: absence would look like health. */
export function valueQuery(text: string): { readonly query: ValueQuery } | { readonly problem: string } {
  const read = expressionOf(text)
  if ('problem' in read) return read
  const cut = outsideSums(read.whole).find((node) => node.name === 'BinaryExpr' && CUTS.has(operatorOf(node)))
  if (cut !== undefined)
    return { problem: 'a query that gives the value itself, without comparing or joining: op and value of the objective compare it' }
  const selectors = below(read.whole).filter((node) => node.name === 'VectorSelector')
  if (selectors.length === 0) return { problem: 'a query that names a metric' }
  if (selectors.length > MOST_TERMS) return { problem: `at most ${MOST_TERMS} selectors; write a recording rule` }
  if (below(read.whole).some((node) => ['OffsetExpr', 'StepInvariantExpr', 'SubqueryExpr'].includes(node.name)))
    return { problem: 'a query about now, without offset, @ or a subquery' }
  return { query: { text, selectors: [...new Set(selectors.map((node) => text.slice(node.from, node.to)))] } }
}
