import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { MetricsError } from '../../../../agents/collect/metrics/metrics-error.ts'
import { parseOpenMetrics } from '../../../../agents/collect/metrics/openmetrics.ts'

const plain = (text: string) => parseOpenMetrics(text).series.map(({ name, labels, value }) => [name, Object.fromEntries(labels), value])

test('counters with comments, times and exemplars', () => {
  const text = `# TYPE http_requests counter
# HELP http_requests What was asked, in \\n lines.
http_requests_total{code="200",version="v1.0.0"} 1027 1395066363.5
http_requests_total{code="500",version="v1.0.0",} 3 # {trace_id="a b"} 1.0 1395066363.5
http_requests_created{code="200",version="v1.0.0"} 1.395e9
   
# EOF
`
  expect(plain(text)).toEqual([
    ['http_requests_total', { code: '200', version: 'v1.0.0' }, 1027],
    ['http_requests_total', { code: '500', version: 'v1.0.0' }, 3],
    ['http_requests_created', { code: '200', version: 'v1.0.0' }, 1_395_000_000],
  ])
  expect(parseOpenMetrics(text).ended).toBe(true)
})

test('the Prometheus format has no end mark, and may end lines like Windows', () => {
  expect(plain('a_total 1\r\nb_total{ x = "1" , y = "2" } 2 1395066363000\r\n')).toEqual([
    ['a_total', {}, 1],
    ['b_total', { x: '1', y: '2' }, 2],
  ])
})

test('escapes in label values, and marks that only look like syntax', () => {
  expect(plain(String.raw`a{p="C:\\DIR\\",q="\"x\" # {y=\"1\"}",r="one\ntwo",s="}"} 1`)).toEqual([
    ['a', { p: 'C:\\DIR\\', q: '"x" # {y="1"}', r: 'one\ntwo', s: '}' }, 1],
  ])
})

test.each([
  ['NaN', Number.NaN],
  ['+Inf', Infinity],
  ['-Inf', -Infinity],
  ['1e3', 1000],
  ['.5', 0.5],
  ['-0', -0],
])('the number %s', (text, value) => {
  expect(parseOpenMetrics(`a ${text}`).series[0]?.value).toBe(value)
})

test.each([
  'a',
  'a ',
  'a x',
  'a 0x10',
  'a 1_000',
  'a 1 2 3',
  'a 1 x',
  'a,b 1',
  '1a 1',
  '{} 1',
  'a{ 1',
  'a{b} 1',
  'a{b=} 1',
  'a{b=1} 1',
  'a{b="1} 1',
  'a{b="1" c="2"} 1',
  'a{b="1",b="2"} 1',
  'a{1b="1"} 1',
  String.raw`a{b="\t"} 1`,
  'a 1\n# EOF\nb 1',
  '<html>',
  '{"a":1}',
])('%j is not read as anything', (text) => {
  expect(() => parseOpenMetrics(text)).toThrow(expect.objectContaining({ name: 'MetricsError', code: 'malformed' }))
})

test('too many series are refused', () => {
  expect(() => parseOpenMetrics('a 1\n'.repeat(50_001))).toThrow(expect.objectContaining({ code: 'too-large' }))
})

const label = fc.stringMatching(/^[a-z_]{1,8}$/)
const series = fc.record({
  name: fc.stringMatching(/^[a-z_:]{1,12}$/),
  labels: fc.dictionary(label, fc.string({ unit: 'binary' }), { noNullPrototype: true }),
  value: fc.double(),
})
const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
const spelt = (value: number) =>
  Object.is(value, -0) ? '-0' : Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'

test('whatever is written by the rules is read back', () => {
  fc.assert(
    fc.property(fc.array(series, { maxLength: 8 }), (all) => {
      const lines = all.map(({ name, labels, value }) => {
        const inner = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`)
        return `${name}{${inner.join(',')}} ${spelt(value)}`
      })
      expect(plain(lines.join('\n'))).toEqual(all.map(({ name, labels, value }) => [name, labels, value]))
    }),
  )
})

function outcome(text: string): string {
  try {
    return parseOpenMetrics(text).series.every(({ value }) => typeof value === 'number') ? 'numbers' : 'something else'
  } catch (error) {
    return error instanceof MetricsError ? error.code : String(error)
  }
}

test('any text is read or refused, and refused with a code', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      expect(outcome(text)).toMatch(/^(numbers|malformed)$/)
    }),
  )
})
