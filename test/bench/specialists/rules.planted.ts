/** Objectives for slo-librarian and promtool: such as can be held, and such as have one thing wrong. */

export interface PlantedQuery {
  readonly class: string
  readonly name: string
  readonly bad: string
  readonly total: string
}

export const NO_PROMQL = 'a query that is no PromQL'
export const TYPES = 'a query that Prometheus cannot evaluate'
export const MEANING = 'a query that says something else'
export const UNHELD = 'an objective that cannot be held'

const BAD = 'sum(shop_total{code=~"5.."})'
const TOTAL = 'sum(shop_total)'

const faults = (name: string, queries: Readonly<Record<string, string | readonly [bad: string, total: string]>>): PlantedQuery[] =>
  Object.entries(queries).map(([what, query]) =>
    typeof query === 'string' ? { class: name, name: what, bad: query, total: TOTAL } : { class: name, name: what, bad: query[0], total: query[1] },
  )

export const QUERIES: readonly PlantedQuery[] = [
  ...faults(NO_PROMQL, {
    'a bracket that stays open': 'sum(shop_total{code=~"5.."}',
    'a quote that stays open': 'sum(shop_total{code=~"5..})',
    'a word too many': 'sum(shop_total) of all',
    'an operator without its right': 'sum(shop_total) or',
    'a matcher that is none': 'sum(shop_total{code~="5.."})',
    nothing: '',
    healthy: BAD,
    'healthy, of several metrics': 'sum(shop_total{code="500"}) + sum(shop_total{code="503"}) or vector(0)',
  }),
  ...faults(TYPES, {
    'a function that is not there': 'summe(shop_total)',
    'a range where one moment belongs': 'sum(shop_total[5m])',
    'one moment where a range belongs': 'sum(rate(shop_total))',
    'an argument too few': 'histogram_quantile(0.99)',
    'a text': '"shop_total"',
    'a pattern that does not compile': 'sum(shop_total{code=~"5(.."})',
    'a matcher that everything fits': 'sum({code=~".*"})',
    'a set of numbers': 'sum(shop_total) and 1',
  }),
  ...faults(MEANING, {
    'a question instead of a count': 'sum(shop_total{code=~"5.."}) > 10',
    'a rate of what is a rate': 'sum(rate(shop_total{code=~"5.."}[5m]))',
    'a share instead of a count': `${BAD} / ${TOTAL}`,
    'a number': '1',
    'a mean of counters': 'avg(shop_total{code=~"5.."})',
    'bad of one and total of another': [BAD, 'sum(cart_total)'],
  }),
]

/** What stands around the queries: ours is asked about the objective, promtool about the rules that it would give. */
export const OBJECTIVES: Readonly<Record<string, string>> = {
  healthy: 'target: 0.999',
  'more than all': 'target: 1.5',
  'less than nothing': 'target: -0.1',
  'all of it': 'target: 1',
  'a share of a hundred as one of one': 'target: 99.9',
  'a word': 'target: most',
  'none at all': "displayName: 'none'",
}
