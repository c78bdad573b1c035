/** An objective -> the PromQL that says how much was good or bad, and of how much, in a window. Pure. */
import { counterQuery, over, valueQuery, type CounterQuery } from './counters.ts'
import type { Slo } from './registry.ts'

/** Which half of a share a number is. */
export type Part = 'good' | 'bad' | 'total'

export interface Question {
  readonly part: Part
  readonly query: string
}

const OPERATORS = { lte: '<=', gte: '>=', lt: '<', gt: '>' } as const
/** A threshold that is counted by occurrences is looked at this often. */
const LOOK = '60s'

/** @param window a PromQL duration such as `1h` */
export function questionsOf(slo: Slo, window: string): readonly [Question, Question] {
  const { indicator } = slo
  if (indicator.kind === 'ratio' && slo.slice === null)
    return [
      { part: indicator.counts, query: over(counter(indicator.part), 'increase', window) },
      { part: 'total', query: over(counter(indicator.total), 'increase', window) },
    ]
  const slices = `((${goodSlice(slo)}))[${window}:${slo.slice === null ? LOOK : `${slo.slice.ms / 1000}s`}]`
  return [
    { part: 'good', query: `sum_over_time(${slices})` },
    { part: 'total', query: `count_over_time(${slices})` },
  ]
}

/** Share of what was bad in a window, for rules: absent where nothing was counted. */
export function badShare(slo: Slo, window: string): string {
  const { indicator } = slo
  if (indicator.kind === 'ratio' && slo.slice === null) {
    const [part, total] = [over(counter(indicator.part), 'rate', window), over(counter(indicator.total), 'rate', window)]
    return indicator.counts === 'bad' ? `(${part}) / (${total})` : `1 - (${part}) / (${total})`
  }
  const [good, total] = questionsOf(slo, window)
  return `1 - ${good.query} / ${total.query}`
}

/** Selectors of everything an objective is measured by. */
export function selectorsOf({ indicator }: Slo): readonly string[] {
  if (indicator.kind === 'threshold') {
    const read = valueQuery(indicator.query)
    return 'query' in read ? read.query.selectors : []
  }
  return [...new Set([indicator.part, indicator.total].flatMap((text) => counter(text).terms.map((term) => term.selector)))]
}

/** 1 for a good slice, 0 for a bad one, nothing where nothing was measured. */
function goodSlice({ indicator, slice }: Slo): string {
  if (indicator.kind === 'threshold') {
    const good = `(${indicator.query}) ${OPERATORS[indicator.op]} bool ${indicator.value}`
    // What is not a number is neither good nor bad.
    const known = `(${good}) and ((${indicator.query}) >= -Inf)`
    return slice === null ? known : `avg_over_time((${known})[${slice.ms / 1000}s:${LOOK}]) >= bool ${slice.target}`
  }
  const window = `${(slice?.ms ?? 0) / 1000}s`
  const [part, total] = [over(counter(indicator.part), 'rate', window), over(counter(indicator.total), 'rate', window)]
  const share = indicator.counts === 'good' ? `(${part}) / (${total})` : `1 - (${part}) / (${total})`
  return `((${share}) >= bool ${slice?.target ?? 1}) and ((${total}) > 0)`
}

/** The registry refused what is none. */
function counter(text: string): CounterQuery {
  const read = counterQuery(text)
  return 'query' in read ? read.query : { text, zero: false, terms: [] }
}
