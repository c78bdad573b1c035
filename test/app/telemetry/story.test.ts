import { expect, test } from 'vitest'
import { attributesOf, storyOf } from '../../../app/telemetry/story.ts'
import { link, type LedgerEntry } from '../../../evidence/ledger/chain.ts'
import { HEAD, KEY, recordOf } from '../../support/release.ts'

type Row = readonly [seconds: number, type: string, data: LedgerEntry['data']]

function ledgerOf(rows: readonly Row[]): readonly LedgerEntry[] {
  const entries: LedgerEntry[] = []
  for (const [seconds, type, data] of rows)
    entries.push(link(entries.at(-1) ?? null, { release: KEY, at: new Date(seconds * 1000).toISOString(), type, data }))
  return entries
}

const move = (seconds: number, from: string, to: string, why = ''): Row => [seconds, 'state', { from, to, why }]
const GREEN: readonly Row[] = [
  [10, 'opened', { version: 'v2.0.0' }],
  [20, 'evidence.believed', { topic: 'commits', nested: { a: 1 } }],
  [25, 'effect.done', { kind: 'check.update' }],
  move(30, 'proving', 'ready'),
  move(40, 'ready', 'canary'),
  [50, 'judge', { step: 10 }],
  move(60, 'canary', 'ga'),
]
const TELLER = { env: 'prod', tenant: null }
const short = (spans: ReturnType<typeof storyOf>): unknown[] => spans.map(({ name, start, end, root, error }) => [name, start, end, root, error])

test('the release and each state it went through, with the times of its ledger', () => {
  const spans = storyOf(recordOf({ state: 'ga' }), ledgerOf(GREEN), TELLER)
  expect(short(spans)).toEqual([
    ['release v2.0.0', 10_000, 60_000, true, undefined],
    ['state proving', 10_000, 30_000, undefined, undefined],
    ['state ready', 30_000, 40_000, undefined, undefined],
    ['state canary', 40_000, 60_000, undefined, undefined],
  ])
  expect(spans[0]?.attributes).toEqual({ release: 'v2.0.0', env: 'prod', sha: HEAD, repository: 'acme/shop', outcome: 'ga' })
  expect(spans[1]?.events).toEqual([
    { name: 'opened', at: 10_000, attributes: { version: 'v2.0.0' } },
    { name: 'evidence.believed', at: 20_000, attributes: { topic: 'commits' } },
  ])
  expect(spans[3]?.events).toEqual([{ name: 'judge', at: 50_000, attributes: { step: 10 } }])
})

test('a rollback is an error of the release and of the state, and says why', () => {
  const rows = [
    ...GREEN.slice(0, 6),
    move(55, 'canary', 'rolling_back', 'errors 5 %'),
    move(60, 'rolling_back', 'rolled_back', 'golden paths are green'),
  ]
  const spans = storyOf(recordOf({ state: 'rolled_back' }), ledgerOf(rows), TELLER)
  expect(short(spans).filter((span) => (span as unknown[])[4] !== undefined)).toEqual([
    ['release v2.0.0', 10_000, 60_000, true, 'golden paths are green'],
    ['state rolling_back', 55_000, 60_000, undefined, 'errors 5 %'],
  ])
})

test('what went on after an end is told without what was told then', () => {
  const rows = [...GREEN, move(70, 'ga', 'rolling_back', 'asked for'), move(80, 'rolling_back', 'rolled_back')]
  expect(short(storyOf(recordOf({ state: 'rolled_back' }), ledgerOf(rows), TELLER))).toEqual([
    ['state ga', 60_000, 70_000, undefined, undefined],
    ['state rolling_back', 70_000, 80_000, undefined, 'asked for'],
  ])
})

test('a ledger without a change of state tells nothing', () => {
  expect(storyOf(recordOf(), [], TELLER)).toEqual([])
  expect(storyOf(recordOf(), ledgerOf(GREEN.slice(0, 2)), TELLER)).toEqual([])
})

test('attributes are what is plain', () => {
  expect(attributesOf({ a: 'x', b: 1, c: true, d: null, e: {}, f: [1] })).toEqual({ a: 'x', b: 1, c: true })
})
