import { expect, test } from 'vitest'
import { lookProblems, MetricsEntry, sourceOf } from '../../../../app/rollout/metrics/entries.ts'

const arm = (track: string) => ({ requests: `sum(r_total{track="${track}"})`, errors: `sum(r_total{track="${track}",code=~"5.."})` })
const ASKED = { kind: 'prometheus', url: 'http://127.0.0.1:9090', interval: '10s', canary: arm('canary'), stable: arm('stable') } as const
const page = { url: 'http://127.0.0.1:9101/metrics' }
const SCRAPED = { kind: 'openmetrics', canary: page, stable: page, requests: 'r', errors: { metric: 'r', label: 'code', matches: '5..' } } as const

test('each kind has its own keys', () => {
  expect(MetricsEntry.parse(ASKED)).toEqual({ ...ASKED, headers: {} })
  expect(MetricsEntry.parse(SCRAPED)).toEqual(SCRAPED)
  expect(MetricsEntry.safeParse({ ...ASKED, kind: 'openmetrics' }).success).toBe(false)
  expect(MetricsEntry.safeParse({ ...ASKED, token: 'a-token' }).success).toBe(false)
  expect(MetricsEntry.safeParse({ ...ASKED, token_env: 'a token' }).success).toBe(false)
  expect(MetricsEntry.safeParse({ ...ASKED, stable: ASKED.canary }).success).toBe(false)
})

test.each([
  ['4s', []],
  ['3999ms', ['4000ms or more: a is scraped every 10s, and between two scrapes every version stands still']],
])('looks every %s at what is scraped every 10 s', (look, problems) => {
  expect(lookProblems(look, { a: MetricsEntry.parse(ASKED), b: SCRAPED })).toEqual(problems)
})

test('a token is in the environment, and in nothing else', () => {
  const entry = MetricsEntry.parse({ ...ASKED, token_env: 'T' })
  const { kind, ...source } = ASKED
  expect(sourceOf(entry, { T: 'x' })).toEqual({ kind, source: { ...source, headers: {}, token: 'x' } })
  expect(sourceOf(MetricsEntry.parse(ASKED), { T: 'x' })).toEqual({ kind, source: { ...source, headers: {}, token: null } })
  expect([sourceOf(entry, {}), sourceOf(entry, { T: 'a\nb' })]).toEqual(['T', 'T'])
})
