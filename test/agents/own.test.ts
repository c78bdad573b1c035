import { describe, expect, test } from 'vitest'
import type { OwnRecord } from '../../agents/collect/inputs.own.ts'
import { OWN_ID, ownAnswer, ownPath } from '../../agents/own.ts'
import { replayOwn } from '../../agents/replay-own.ts'
import { sha256 } from '../../evidence/core/digest.ts'
import { SPECIMEN_SHA, specimen } from '../../gates/specimen.ts'

const CONTEXT = { phase: 'P0', sha: SPECIMEN_SHA, traceId: '5'.repeat(32), now: Date.parse('2026-01-15T12:00:00.000Z') } as const
const VERDICT = { gate: 'audit', metrics: { open: 0 }, thresholds: { open: '=0' }, measured: { n: 2, window: 'w', source: 's', query: 'q' } }
const { origin } = specimen({ gate: 'slo', topic: 'x', phase: 'P0', metrics: {}, thresholds: {}, n: 1, findings: [] }).predicate

const record = (answer: object | string | null, of: Partial<OwnRecord> = {}): OwnRecord => ({
  name: 'board',
  topic: 'board',
  feeds: ['audit'],
  asked: 'sh board.sh',
  base: 'b'.repeat(40),
  request: {
    phase: 'P0',
    op: 'EVIDENCE',
    scope: { env: 'all', services: ['*'], tenants: ['*'] },
    inputs: { params: {}, feature_flags: {}, budgets: {}, risk_ids: [] },
    capabilities: [],
    trace_id: CONTEXT.traceId,
  },
  answer: answer === null || typeof answer === 'string' ? answer : JSON.stringify(answer),
  failure: answer === null ? 'it did not end within 2m' : null,
  said: '',
  files: [],
  ...of,
})

test('an answer becomes a response like any other, and its record lies beside it', () => {
  const { files, response } = ownAnswer(record({ result: 'ok', verdicts: [VERDICT], notes: 'looked', next: 'nothing' }), CONTEXT)
  expect(response).toMatchObject({
    topic: 'board',
    agent: { id: OWN_ID, name: 'board' },
    response: {
      phase: 'P0',
      result: 'ok',
      notes: 'looked',
      trace_id: CONTEXT.traceId,
      verdicts: [{ gate: 'audit', verdict: 'pass', sha: SPECIMEN_SHA }],
    },
  })
  expect(files.map(({ path }) => path)).toEqual([expect.stringMatching(/^inputs\/[0-9a-f]{64}$/)])
  expect(`inputs/${sha256(files[0]?.bytes ?? '')}`).toBe(files[0]?.path)
})

test('its findings and files are told as its own', () => {
  const finding = { rule: 'board.open', severity: 'error', message: 'one is open', next: 'Close it.' }
  const file = { path: 'a/b.json', sha256: sha256('{}'), size: 2 }
  const { files, response } = ownAnswer(
    record({ result: 'ok', findings: [finding], artifacts: [{ path: 'a/b.json' }] }, { files: [file] }),
    CONTEXT,
    new Map([['a/b.json', '{}']]),
  )
  expect(response.findings).toEqual([finding])
  expect(response.response.artifacts[0]).toEqual({ path: ownPath('board', 'a/b.json'), sha256: file.sha256, sig: null, type: 'report' })
  expect(files[0]).toEqual({ path: 'own/board/a/b.json', bytes: '{}' })
})

describe('never a pass', () => {
  test.each<[string, OwnRecord, string]>([
    ['no answer', record(null), 'did not end'],
    ['no JSON', record('{"result":'), 'not JSON'],
    ['a key that stands twice', record('{"result":"ok","result":"ok"}'), 'not JSON'],
    ['another phase', record({ result: 'ok', phase: 'P1' }), 'answered about P1'],
    ['two words about one gate', record({ result: 'ok', verdicts: [VERDICT, VERDICT] }), 'twice'],
    ['a path that climbs out', record({ result: 'ok', artifacts: [{ path: '../x' }] }), 'artifacts.0.path'],
    [
      'a number that is none',
      record('{"result":"ok","verdicts":[{"gate":"audit","metrics":{"open":"0"},"thresholds":{},"measured":{}}]}'),
      'metrics.open',
    ],
  ])('%s', (_what, of, words) => {
    const { response } = ownAnswer(of, CONTEXT)
    expect(response.response).toMatchObject({ result: 'fail', verdicts: [{ gate: 'audit', verdict: 'indeterminate', measured: null }] })
    expect(response.response.notes).toContain(words)
  })

  test('an agent that could not look passes nothing', () => {
    const { response } = ownAnswer(record({ result: 'blocked', verdicts: [VERDICT] }), CONTEXT)
    expect(response.response).toMatchObject({ result: 'blocked', verdicts: [] })
  })
})

describe('replayed from its record', () => {
  const { files, response } = ownAnswer(record({ result: 'ok', verdicts: [VERDICT] }), CONTEXT)
  const pack = new Map(files.map(({ path, bytes }) => [path, Buffer.from(bytes)]))

  test('the same answer comes out', () => {
    expect(replayOwn(pack, { ...response, origin })).toMatchObject({ result: 'same', recomputed: 'ok' })
  })

  test('a number that was changed is named; without the record nothing is known', () => {
    const verdicts = response.response.verdicts.map((verdict) => ({ ...verdict, metrics: { open: 7 } }))
    const changed = replayOwn(pack, { ...response, response: { ...response.response, verdicts }, origin })
    expect([changed.result, changed.differences.map(({ field }) => field)]).toEqual(['differs', ['response.response.verdicts[0].metrics.open']])
    expect(replayOwn(new Map(), { ...response, origin })).toMatchObject({ result: 'indeterminate', recomputed: null })
  })
})
