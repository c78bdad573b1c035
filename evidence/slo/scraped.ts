/** Pages of the same instances, one after the other -> what a query counted between the first and the last. Pure. */
import type { CounterQuery, Matcher, Term } from './counters.ts'

export interface PageSeries {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
  /** Which instance told it. */
  readonly instance: string
}

export interface Page {
  /** Epoch milliseconds. */
  readonly at: number
  readonly series: readonly PageSeries[]
}

export interface NotCounted {
  readonly code: 'absent' | 'several' | 'not-a-number' | 'inconsistent'
  readonly message: string
}

const MOST_LABEL = 500

/** Increments of each counter, restarts seen; between every two pages. @returns one value less than there are pages, or why there is none */
export function countedBetween(query: CounterQuery, pages: readonly Page[]): readonly number[] | NotCounted {
  const steps = pages.slice(1).map(() => 0)
  for (const term of query.terms) {
    const found = pages.map((page) => valuesOf(term, query.zero, page))
    const bad = found.find((one): one is NotCounted => 'code' in one)
    if (bad !== undefined) return bad
    const values = found as readonly ReadonlyMap<string, number>[]
    for (const [at, before] of values.slice(0, -1).entries()) {
      const after = values[at + 1] ?? new Map<string, number>()
      const lost = [...before.keys()].find((key) => !after.has(key))
      if (lost !== undefined) return { code: 'inconsistent', message: `a series of ${term.selector} was there and is gone: ${lost}` }
      for (const [key, value] of after) {
        const was = before.get(key) ?? 0
        // A counter that fell was restarted: what it shows was counted since.
        steps[at] = (steps[at] ?? 0) + term.sign * (value >= was ? value - was : value)
      }
    }
  }
  return steps
}

function valuesOf(term: Term, zero: boolean, page: Page): ReadonlyMap<string, number> | NotCounted {
  const named = page.series.filter((one) => one.name === term.metric)
  if (named.some((one) => [...one.labels.values()].some((label) => label.length > MOST_LABEL)))
    return { code: 'inconsistent', message: `${term.metric} has a label of more than ${MOST_LABEL} characters` }
  const matching = named.filter((one) => term.matchers.every((matcher) => matches(matcher, one.labels.get(matcher.label) ?? '')))
  if (matching.length === 0) {
    const tells = named.length > 0 && term.matchers.every(({ label }) => named.every((one) => one.labels.has(label)))
    if (zero && tells) return new Map()
    return {
      code: 'absent',
      message: `nothing counts ${term.selector}${zero ? ', and the page does not tell it from the rest' : ''}. Absence is not zero`,
    }
  }
  if (!term.summed && matching.length > 1)
    return { code: 'several', message: `${term.selector} has ${matching.length} series where one value belongs: sum() it` }
  const values = new Map<string, number>()
  for (const one of matching) {
    const key = `${one.instance} ${JSON.stringify([...one.labels].toSorted(([a], [b]) => (a < b ? -1 : 1)))}`
    if (values.has(key)) return { code: 'inconsistent', message: `${term.metric} holds the same series twice` }
    if (!Number.isFinite(one.value) || one.value < 0)
      return { code: 'not-a-number', message: `${term.selector} holds ${one.value}, which is no running total` }
    values.set(key, one.value)
  }
  return values
}

/** As Prometheus matches: the whole value, and a label that is not there is empty. */
function matches({ op, value }: Matcher, label: string): boolean {
  switch (op) {
    case '=':
      return label === value
    case '!=':
      return label !== value
    case '=~':
      return new RegExp(`^(?:${value})$`, 's').test(label)
    default:
      return !new RegExp(`^(?:${value})$`, 's').test(label)
  }
}
