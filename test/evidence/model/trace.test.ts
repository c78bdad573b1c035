import { expect, test } from 'vitest'
import { releaseOfKey, rootSpanOf, traceOf, traceparent } from '../../../evidence/model/trace.ts'

test('the App and a job find the same trace from the key of an intent', () => {
  const trace = traceOf('7#12')
  expect(trace).toMatch(/^(?!0{32})[0-9a-f]{32}$/)
  expect(traceOf(releaseOfKey('7#12/evidence/P0/aaaaaaaaaaaa/bbbbbbbbbbbb/0'))).toBe(trace)
  expect(traceOf('7#13')).not.toBe(trace)
})

test('the root span and the header are those of W3C Trace Context', () => {
  const trace = traceOf('7#12')
  expect(rootSpanOf(trace)).toMatch(/^(?!0{16})[0-9a-f]{16}$/)
  expect(traceparent(trace)).toBe(`00-${trace}-${rootSpanOf(trace)}-01`)
})
