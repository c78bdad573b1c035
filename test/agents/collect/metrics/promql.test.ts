import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { graded, histogramQuery, MAX_QUERY, totalQuery, type TotalQuery } from '../../../../agents/collect/metrics/promql.ts'

function query(text: string): TotalQuery {
  const read = totalQuery(text)
  if ('problem' in read) throw new Error(read.problem)
  return read.query
}

function problem(text: string): string {
  const read = totalQuery(text)
  return 'problem' in read ? read.problem : ''
}

test.each([
  'http_requests_total',
  'sum(http_requests_total{track="canary"})',
  'sum by (job) (http_requests_total{track="canary"})',
  '(sum(a) + sum(b)) * 2 - -c',
  'sum(x{path="a > b or c == d"}) # > 5',
  "sum(x{path='rate('})",
  'sum(x{a!="b",c=~"d|e"})',
  'sum(x * on(pod) group_left () (kube_pod_info > 0))',
  'sum(x and on(pod) y)',
  'sum(last_over_time(x[2m]))',
  'sum(job:http_requests:total)',
  'round(sum(x))',
])('%s is a running total', (text) => {
  expect(query(text)).toMatchObject({ text, zero: false })
})

test.each(['sum(x) or vector(0)', '(sum(x)) or (vector(0))', '(sum(x) or vector(0.0))', 'sum(x or y) or vector(0) # never', 'sum(x) OR vector(0)'])(
  '%s says that absence is zero',
  (text) => {
    expect(query(text).zero).toBe(true)
  },
)

test.each([
  ['sum(rate(x[5m])) > 0.01', '>'],
  ['sum(x) > 5', '>'],
  ['sum(x) >= 5', '>='],
  ['sum(x) < 5', '<'],
  ['sum(x) <= 5', '<='],
  ['sum(x) == 5', '=='],
  ['sum(x) != 5', '!='],
  ['sum(x) > bool 5', '> bool'],
  ['5 < sum(x)', '<'],
  ['x{a="b"}>5', '>'],
  ['(((sum(x) > 5)))', '>'],
  ['-(sum(x) > 5)', '>'],
  ['sum(x) * (sum(y) > 5)', '>'],
  ['round(sum(x) > 5)', '>'],
  ['sum(x) > on() group_left () sum(y)', '>'],
  ['sum(x)\n# quiet\n>\n5', '>'],
  ['(sum(x) > 5) or vector(0)', '>'],
  ['sum(x) > 5 or vector(0)', '>'],
  ['sum(x > 5) or vector(0)', '>'],
])('%j is refused for its %s', (text, operator) => {
  expect(problem(text)).toContain(`without ${operator}: a comparison drops what it does not match`)
})

test.each([
  ['sum(x) and sum(y)', 'without and outside'],
  ['sum(x) unless sum(y)', 'without unless outside'],
  ['sum(x) or sum(y)', 'without or outside'],
  ['sum(x) or vector(1)', 'without or outside'],
  ['vector(0) or sum(x)', 'without or outside'],
  ['sum(x) or on() vector(0)', 'without or outside'],
  ['sum(x) or vector(0) or vector(0)', 'without or outside'],
  ['sum(x or vector(0))', 'vector()'],
  ['sum(x) + vector(0)', 'vector()'],
  ['absent(x)', 'absent()'],
  ['sum(rate(x[5m]))', 'not rate()'],
  ['sum(increase(x[5m])) or vector(0)', 'not increase()'],
  ['x offset 5m', 'without offset 5m'],
  ['sum(x @ 1609746000)', 'without @ 1609746000'],
  ['1', 'names a metric'],
  ['time()', 'names a metric'],
  ['', 'PromQL'],
  ['sum(x', 'from character 6'],
  ['sum(x))', 'from character 7'],
  ['sum(x) default 0', 'PromQL'],
  [Array.from({ length: 9 }, (_, at) => `sum(x${at})`).join('+'), 'at most 8 selectors'],
  ['x'.repeat(MAX_QUERY + 1), 'at most 2000 characters'],
])('%j is refused: %s', (text, why) => {
  expect(problem(text)).toContain(why)
})

test('a comparison is seen in whatever stands around it', () => {
  const operand = fc.constantFrom('x', 'sum(x)', 'x{a="> b"}', 'last_over_time(x[5m])', '5', 'sum by (a) (x)')
  const around = fc.constantFrom(
    (inner: string) => `(${inner})`,
    (inner: string) => `-${inner}`,
    (inner: string) => `abs(${inner})`,
    (inner: string) => `y / ${inner}`,
    (inner: string) => `${inner} # ;\n + y`,
  )
  fc.assert(
    fc.property(
      operand,
      fc.constantFrom('>', '<', '>=', '<=', '==', '!='),
      operand,
      fc.array(around, { maxLength: 6 }),
      (left, operator, right, all) => {
        const text = all.reduce((inner, wrap) => wrap(inner), `(${left} ${operator} ${right})`)
        expect(problem(text)).toContain(`without ${operator}:`)
      },
    ),
  )
})

test('whatever is written is answered, and without a metric it is refused', () => {
  const words = [
    'x',
    '0',
    '(',
    ')',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '\\',
    '`',
    '#',
    ',',
    '=',
    '~',
    '!',
    '<',
    '>',
    '+',
    '-',
    '@',
    ':',
    ' ',
    '\n',
    ' or ',
    'sum',
    ' by ',
  ]
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...words), maxLength: 60 }), (text) => {
      const read = totalQuery(text)
      expect('problem' in read ? read.problem.length : read.query.selectors.length).toBeGreaterThan(0)
    }),
    { numRuns: 2000 },
  )
})

test('selectors are told as written, in order', () => {
  expect(query('sum(a{x="1", y=~"2|}"}) + last_over_time(b[5m]) + sum({__name__="c"}) or vector(0)').selectors).toEqual([
    {
      text: 'a{x="1", y=~"2|}"}',
      name: 'a',
      matchers: [
        { label: 'x', text: 'x="1"' },
        { label: 'y', text: 'y=~"2|}"' },
      ],
    },
    { text: 'b', name: 'b', matchers: [] },
    { text: '{__name__="c"}', name: null, matchers: [{ label: '__name__', text: '__name__="c"' }] },
  ])
})

test.each([
  ['sum(r{track="canary", code=~"5.."})', 'sum(r{track = "canary"})', 'r{track="canary",code!=""}'],
  ['sum(r{code=~"5..",code!="501"})', 'sum(r)', 'r{code!=""}'],
  ['sum(r{track="canary"})', 'sum(r{track="canary"})', null],
  ['sum(e{code=~"5.."})', 'sum(r)', null],
  ['sum({__name__="r",code=~"5.."})', 'sum(r)', null],
])('what would show that %s tells errors from %s', (errors, requests, expected) => {
  expect(query(errors).selectors.map((each) => graded(each, query(requests).selectors))).toEqual([expected])
})

test.each([
  'sum by (le) (d_bucket{track="canary"})',
  '(sum(d_bucket) by (le))',
  'sum(d{track="canary"})',
  'sum by (le) (last_over_time(d_bucket[1m]))',
])('%s is a query for a histogram', (text) => {
  expect(histogramQuery(text)).toMatchObject({ query: { text } })
})

test.each([
  ['d_bucket', /^sum by \(le\)/],
  ['sum by (job) (d_bucket)', /^sum by \(le\)/],
  ['sum by (le, job) (d_bucket)', /^sum by \(le\)/],
  ['sum without (le) (d_bucket)', /^sum by \(le\)/],
  ['max by (le) (d_bucket)', /^sum by \(le\)/],
  ['sum by (le) (d_bucket) * 2', /^sum by \(le\)/],
  ['sum by (le) (d_bucket) or vector(0)', /a number is no histogram/],
  ['histogram_quantile(0.9, sum by (le) (d_bucket))', /^sum by \(le\)/],
  ['sum by (le) (rate(d_bucket[5m]))', /not rate\(\)/],
  ['sum by (le', /PromQL/],
])('%j is none', (text, words) => {
  const read = histogramQuery(text)
  expect('problem' in read ? read.problem : '').toMatch(words)
})
