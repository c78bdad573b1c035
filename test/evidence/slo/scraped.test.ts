import { expect, test } from 'vitest'
import { counterQuery, type CounterQuery } from '../../../evidence/slo/counters.ts'
import { countedBetween, type Page } from '../../../evidence/slo/scraped.ts'

function query(text: string): CounterQuery {
  const read = counterQuery(text)
  if ('problem' in read) throw new Error(read.problem)
  return read.query
}

/** `code -> total`, of one instance or of several. */
function page(at: number, ...instances: readonly Readonly<Record<string, number>>[]): Page {
  return {
    at,
    series: instances.flatMap((counts, index) =>
      Object.entries(counts).map(([code, value]) => ({ name: 'r_total', labels: new Map([['code', code]]), value, instance: String(index) })),
    ),
  }
}

const ALL = 'sum(r_total)'
const BAD = 'sum(r_total{code=~"5.."}) or vector(0)'

test('increments add up over codes, instances and pages; a code that appears counts from zero; a restart counts from zero', () => {
  const pages = [page(0, { 200: 10 }, { 200: 100 }), page(1, { 200: 15, 500: 2 }, { 200: 110 }), page(2, { 200: 20, 500: 2 }, { 200: 3 })]
  expect(countedBetween(query(ALL), pages)).toEqual([17, 8])
  expect(countedBetween(query(BAD), pages)).toEqual([2, 0])
  expect(
    countedBetween(query('sum(r_total) - sum(r_total{code!~"2.."})'), [pages[0] ?? page(0), page(1, { 200: 15 }, { 200: 110, 404: 1 })]),
  ).toMatchObject({
    code: 'absent',
  })
})

test('no error ever is zero, where the page tells errors from the rest and the query says so', () => {
  const pages = [page(0, { 200: 1 }), page(1, { 200: 2 })]
  expect(countedBetween(query(BAD), pages)).toEqual([0])
  expect(countedBetween(query('sum(r_total{code=~"5.."})'), pages)).toMatchObject({ code: 'absent' })
  expect(countedBetween(query('sum(r_total{status=~"5.."}) or vector(0)'), pages)).toMatchObject({ code: 'absent' })
  expect(countedBetween(query('sum(other_total) or vector(0)'), pages)).toMatchObject({ code: 'absent' })
})

test.each([
  ['several series where one belongs', 'r_total', [page(0, { 200: 1, 500: 1 }), page(1, { 200: 1, 500: 1 })], 'several'],
  ['not a number', ALL, [page(0, { 200: Number.NaN }), page(1, { 200: 1 })], 'not-a-number'],
  ['less than nothing', ALL, [page(0, { 200: 1 }), page(1, { 200: -1 })], 'not-a-number'],
  ['a series that is gone', ALL, [page(0, { 200: 1, 500: 1 }), page(1, { 200: 2 })], 'inconsistent'],
  ['a series twice', ALL, [page(0, { 200: 1 }), { at: 1, series: [...page(1, { 200: 2 }).series, ...page(1, { 200: 2 }).series] }], 'inconsistent'],
])('%s', (_what, text, pages, code) => {
  expect(countedBetween(query(text), pages)).toMatchObject({ code })
})

test.each([
  ['code="200"', 1],
  ['code!="200"', 2],
  ['code=~"2.."', 1],
  ['code=~"2"', 0],
  ['code!~"2.."', 2],
  ['absent=""', 3],
])('{%s} matches as Prometheus does', (matcher, expected) => {
  const before = page(0, { 200: 0, 500: 0 })
  expect(countedBetween(query(`sum(r_total{${matcher}}) or vector(0)`), [before, page(1, { 200: 1, 500: 2 })])).toEqual([expected])
})
