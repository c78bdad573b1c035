import { expect, test } from 'vitest'
import { given, line, policyOf } from '../../../agents/observability/log-curator.faults.ts'
import { logCurator } from '../../../agents/observability/log-curator.ts'
import { catchesUnplanted, faultsMissed } from '../faults.ts'

const assess = (logs = given(), policy = policyOf()) => logCurator.assess({ logs, policy }, {})

test('everything the roster says it catches is planted, with a twin, and found', () => {
  expect(catchesUnplanted(logCurator, ['a plain-text line', 'a missing field', 'a multi-line stack trace outside JSON'])).toEqual([])
  expect(faultsMissed(logCurator)).toEqual([])
})

test('what it measured, and how often each field was there', () => {
  const report = assess(given([line(1), line(2, 'json', ['tenant']), line(3, 'text')]))
  expect(report.measurements).toMatchObject([
    {
      gate: 'slo',
      metrics: { lines: 3, json_lines: 2, complete_lines: 1, incomplete_lines: 2, errors: 2 },
      measured: { n: 3, query: 'logs/shop.jsonl' },
    },
  ])
  expect(report.files[0]?.content).toMatchObject({ retention: '30d', samples: [{ lines: 3, json: 2, fields: { tenant: 1, trace_id: 2 } }] })
})

test('each kind of fault is told once, at its first line', () => {
  const lines = [line(1), line(2, 'text'), line(3, 'text'), line(4, 'stack')]
  expect(assess(given(lines)).findings).toMatchObject([
    { rule: 'log.plain-text', path: 'logs/shop.jsonl', line: 2, message: expect.stringContaining('2 of 4 lines') },
    { rule: 'log.stack-trace', line: 4 },
  ])
  expect(assess(given([line(1, 'text')], { source: 'loki:loki.example' })).findings[0]).toMatchObject({ subject: 'loki:loki.example' })
})

test('the fields are those of the config', () => {
  expect(assess(given([line(1, 'json', ['tenant'])]), policyOf({ retention: '7d', fields: ['release', 'sha'] })).findings).toEqual([])
  expect(() => assess(given(), { ...policyOf(), text: 'version: 2' })).toThrow('cannot be used')
})
