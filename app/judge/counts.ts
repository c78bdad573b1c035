/** What a metrics source counts as a request, as a failed one, and as how long it took; and when two descriptions of failure are the same. Pure. */
import type { Matcher } from '../../evidence/slo/counters.ts'

/** A metric, and which of its series. */
export interface Counted {
  readonly metric: string
  readonly matchers: readonly Matcher[]
}

export interface Counts {
  readonly requests: readonly Counted[]
  readonly errors: readonly Counted[]
  /** Names without `_bucket`; null: it tells no latency. */
  readonly latency: { readonly counted: readonly Counted[]; readonly unit: 's' | 'ms' } | null
}

/** Labels that the server of metrics gives to a target: they say whose requests, not which. */
const ATTACHED = new Set(['job', 'namespace', 'cluster', 'service', 'instance', 'pod', 'env', 'environment', 'tenant'])

export function attached({ label }: Matcher): boolean {
  return ATTACHED.has(label)
}

/** `code=~"5.."`; a plain value is written as a pattern, which says the same. */
export function matcherWords({ label, op, value }: Matcher): string {
  const pattern = /^[\w ./:-]*$/.test(value) && !value.includes('.') ? { '=': '=~', '!=': '!~', '=~': '=~', '!~': '!~' }[op] : op
  return `${label}${pattern}"${value}"`
}

/** How a part is told from the whole: `http_requests_total{code=~"5.."}`, sorted. */
export function differing(part: readonly Counted[], whole: readonly Counted[]): readonly string[] {
  const found = part.map(({ metric, matchers }) => {
    const shared = new Set(whole.filter((one) => one.metric === metric).flatMap((one) => one.matchers.map(matcherWords)))
    const own = matchers.filter((one) => !attached(one) && !shared.has(matcherWords(one)))
    return `${metric}{${own.map(matcherWords).toSorted().join(',')}}`
  })
  return [...new Set(found)].toSorted()
}

const OPPOSITE = new Map([
  ['=~', '!~'],
  ['!~', '=~'],
  ['=', '!='],
  ['!=', '='],
])

/** Good -> bad, where one matcher makes the difference; null: it is no plain opposite. */
export function negated(parts: readonly string[]): readonly string[] | null {
  const [part, ...more] = parts
  const [, metric, label, op, value] = /^([^{]+)\{([^=!~]+)(=~|!~|!=|=)("[^"]*")\}$/.exec(part ?? '') ?? []
  if (more.length > 0 || op === undefined) return null
  return [`${metric}{${label}${OPPOSITE.get(op)}${value}}`]
}
