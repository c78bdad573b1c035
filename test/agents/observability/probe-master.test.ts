import { expect, test } from 'vitest'
import { SloPolicy } from '../../../evidence/model/config/slo.ts'
import { readJourneys } from '../../../evidence/probes/journeys.ts'
import { answer, given } from '../../../agents/observability/probe-master.faults.ts'
import { isWalked, routesOf } from '../../../agents/observability/probe-master.routes.ts'
import { probeMaster } from '../../../agents/observability/probe-master.ts'
import { catchesUnplanted, faultsMissed } from '../faults.ts'

const policy = { base: 'a'.repeat(40), path: '.github/release-conductor.yml', text: '' }
const assess = (probes = given()) => probeMaster.assess({ probes, policy }, SloPolicy.parse({}))

test('everything the roster says it catches is planted, with a twin, and found', () => {
  const catches = ['a failing step', 'a slow journey', 'an uncovered critical route', 'a probe that follows a redirect to another host']
  expect(catchesUnplanted(probeMaster, catches)).toEqual([])
  expect(faultsMissed(probeMaster)).toEqual([])
})

test('what it measured, and a file for each journey', () => {
  const report = assess()
  expect(report.measurements).toMatchObject([
    {
      gate: 'slo',
      metrics: { journeys: 1, green_journeys: 1, steps_asked: 2, slowest_ms: 100, routes: 3, walked_routes: 2, uncovered_critical: 0 },
      measured: { n: 2 },
    },
  ])
  expect(report.findings).toMatchObject([{ rule: 'probe.uncovered', severity: 'info', subject: 'GET /about' }])
  expect(report.files).toMatchObject([
    {
      path: 'probes/buy.json',
      content: { journey: 'buy', trace_id: '5'.repeat(32), steps: [{ answer: { status: 200 } }, { answer: { status: 201 } }] },
    },
  ])
})

test('after a step that fails the rest is not charged, and was not asked', () => {
  const stopped = assess(given([answer(0, 500), answer(1, null, { why: 'the step before failed', ms: 0 })]))
  expect(stopped.findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule)).toEqual(['probe.status'])
  expect(stopped.measurements[0]?.metrics).toMatchObject({ steps_asked: 1, green_journeys: 0 })
})

test('a catalogue that cannot be read measures nothing, and says where it is wrong', () => {
  const broken = assess(given([], { catalogue: { path: 'slo/golden_paths.yaml', text: 'version: 1\njourneys: 7\n', why: null } }))
  expect(broken.findings[0]).toMatchObject({ rule: 'probe.catalogue-invalid', path: 'slo/golden_paths.yaml', line: 2 })
  expect(broken.measurements[0]?.measured.n).toBe(0)
})

test.each([
  ['/orders/{id}', '/orders/17', true],
  ['/orders/{id}', '/orders/17?full=1', true],
  ['/orders/{id}', '/orders', false],
  ['/orders/{id}', '/orders/17/lines', false],
  ['/orders', '/orders/', true],
])('%s is walked by %s: %s', (route, path, is) => {
  const read = readJourneys(`version: 1\njourneys: [{ name: a, steps: [{ path: "${path}" }] }]\n`)
  const journeys = 'journeys' in read ? read.journeys : []
  expect(isWalked({ method: 'GET', path: route, isCritical: false }, journeys)).toBe(is)
  expect(isWalked({ method: 'POST', path: route, isCritical: false }, journeys)).toBe(false)
})

test('routes of JSON and YAML; what is no OpenAPI 3 has none to tell', () => {
  expect(routesOf('{"openapi":"3.0.3","paths":{"/a":{"x-critical":true,"get":{},"put":{"x-critical":false},"parameters":[]}}}')).toEqual([
    { method: 'GET', path: '/a', isCritical: true },
    { method: 'PUT', path: '/a', isCritical: false },
  ])
  expect(routesOf('openapi: 3.1.0\n')).toEqual([])
  for (const text of ['swagger: "2.0"\npaths: {}\n', '[]', 'a: &a [*a]\n', '']) expect(routesOf(text)).toBeNull()
})
