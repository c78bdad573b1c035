import { describe, expect, test } from 'vitest'
import { tracesAnswered, tracesIn } from '../../../../agents/collect/metrics/exemplars.ts'
import { parseOpenMetrics } from '../../../../agents/collect/metrics/openmetrics.ts'

const traces = (text: string) => tracesIn(parseOpenMetrics(text).series)

describe('of a page', () => {
  test('the newest traces, each once, whatever their label is called', () => {
    const page = [
      'r_total{code="500"} 3 # {trace_id="old"} 1 100.5',
      'r_total{code="501"} 3 # {traceID="new",span_id="x"} 1 300.5',
      'r_total{code="502"} 3 # {trace_id="new"} 1 200',
      'r_total{code="503"} 3 # {span_id="none"} 1 400',
      'r_total{code="504"} 3',
    ]
    expect(traces(page.join('\n'))).toEqual(['new', 'old'])
  })

  test('five at most', () => {
    const page = Array.from({ length: 9 }, (_, at) => `r_total{code="${500 + at}"} 3 # {trace_id="t${at}"} 1 ${at}`)
    expect(traces(page.join('\n'))).toEqual(['t8', 't7', 't6', 't5', 't4'])
  })

  test.each([
    '# {trace_id="a"}',
    '# {trace_id="a"} x',
    '# {trace_id="a"} 1 x',
    '# {trace_id="a"} 1 2 3',
    '# {trace_id="a} 1',
    `# {trace_id="${'a'.repeat(121)}"} 1`,
    '# trace',
  ])('%s is none, and takes no total away', (exemplar) => {
    expect(parseOpenMetrics(`r_total 7 ${exemplar}`).series).toMatchObject([{ name: 'r_total', value: 7 }])
    expect(traces(`r_total 7 ${exemplar}`)).toEqual([])
  })
})

const answer = (exemplars: unknown) => JSON.stringify({ status: 'success', data: [{ seriesLabels: {}, exemplars }] })

const one = (id: string, timestamp: number) => ({ labels: { trace_id: id }, value: '0.5', timestamp })

describe('of an answer', () => {
  test('the newest traces', () => {
    expect(tracesAnswered(answer([one('a', 1), one('b', 3), one('c', 2)]))).toEqual(['b', 'c', 'a'])
  })

  test.each(['', '<html>', '{"status":"error"}', answer([{ labels: { trace_id: 1 }, value: '1', timestamp: 1 }]), answer('all')])(
    '%j tells none',
    (text) => {
      expect(tracesAnswered(text)).toEqual([])
    },
  )
})
