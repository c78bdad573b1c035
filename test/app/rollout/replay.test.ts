import { describe, expect, test } from 'vitest'
import { replayRollout, type RolloutQuestion } from '../../../app/rollout/replay.ts'
import { policyOf } from '../../../app/rollout/policy.ts'
import { judgementOf } from '../../../app/rollout/judgement.ts'
import { comparisonOf } from '../../../app/rollout/replay.ts'
import { JUDGE_VERSION } from '../../../gates/judge/judge.ts'
import type { LedgerEntry } from '../../../evidence/ledger/chain.ts'
import type { RolloutSeries } from '../../../evidence/pack/documents.ts'
import type { Replayed } from '../../../evidence/pack/replayed.ts'
import { configOf, configText, NOW, samplesOf } from '../../support/release.ts'

const { guard } = policyOf(configOf().config.environments['prod'] ?? never(), [])

function never(): never {
  throw new Error('the builder has prod')
}

/** A step of some seconds, judged as the App judges it. @param share of canary requests that fail */
function series(share = 0, over: Partial<RolloutSeries> = {}, seconds = 8): RolloutSeries {
  const at = NOW + seconds * 1_000
  const samples = samplesOf(NOW, at, { share })
  const times = { started_at: NOW, shifted_at: NOW, bake_until: NOW + 6_000, deadline: NOW + 90_000 }
  const { decision, code, sentence, metrics } = judgementOf({
    policy: { ...guard, falseAlarm: over.guard?.false_alarm ?? guard.falseAlarm },
    comparison: comparisonOf(over.compare),
    percent: 10,
    samples,
    startedAt: NOW,
    shiftedAt: NOW,
    now: at,
    sampleMs: 1_000,
    bakeUntil: times.bake_until,
    deadline: times.deadline,
  })
  if (decision === 'hold') throw new Error('the judge ends this step')
  return {
    schema_version: 1,
    version: 'v2.0.0',
    environment: 'prod',
    step: 10,
    guard: { limit: guard.limit, false_alarm: guard.falseAlarm, miss: guard.miss, certify: guard.certify, minimum: guard.minimum },
    sample_ms: 1_000,
    moved: [{ step: 10, at: NOW }],
    judged: { at, decision, code, sentence, metrics: { ...metrics }, ...times },
    samples,
    ...over,
  }
}

function entry(type: string, data: Record<string, unknown>): LedgerEntry {
  return {
    index: 0,
    release: '7#3',
    at: '2026-11-22T12:00:00.000Z',
    type,
    data: { environment: 'prod', step: 10, ...data },
    previous: null,
    hash: 'f'.repeat(64),
  }
}

function ask(one: RolloutSeries, over: Partial<RolloutQuestion> = {}): Replayed {
  const ledger = one.judged === null ? [] : [entry(one.judged.decision === 'advance' ? 'advance' : 'rollback', { reason: one.judged.sentence })]
  const [row] = replayRollout({ series: [one], ledger, statements: [], config: configOf().config, ...over })
  return row ?? never()
}

const fields = (row: Replayed): string[] => row.differences.map(({ field }) => field)

test.each([
  ['an advance', 0, 'advance', 8],
  ['a breach', 0.3, 'roll_back', 8],
  ['a canary that keeps the guard and is worse than the stable version', 0.009, 'roll_back', 40],
])('%s comes out the same', (_what, share, word, seconds) => {
  expect(ask(series(share, {}, seconds))).toMatchObject({ subject: '10 % of prod', packed: word, recomputed: word, result: 'same', differences: [] })
})

test('what came after the word was no reason for it', () => {
  const one = series()
  const later = { at: NOW + 9_000, canary: { requests: 900, errors: 900 }, stable: null, note: '' }
  expect(ask({ ...one, samples: [...one.samples, later] }).result).toBe('same')
})

const spoilt = (one: RolloutSeries, change: (judged: NonNullable<RolloutSeries['judged']>) => object): RolloutSeries => ({
  ...one,
  judged: one.judged && { ...one.judged, ...change(one.judged) },
})

test.each<[string, RolloutSeries, string[]]>([
  [
    'errors taken out of the series',
    { ...series(0.3), samples: series(0).samples },
    [
      'judged.code',
      'judged.decision',
      'judged.metrics.dispersion',
      'judged.metrics.error_rate',
      'judged.metrics.errors',
      'judged.metrics.log_evidence',
      'judged.metrics.worse',
      'judged.sentence',
    ],
  ],
  [
    'a sample taken out',
    { ...series(), samples: series().samples.slice(0, -1) },
    ['judged.metrics.log_evidence', 'judged.metrics.requests', 'judged.sentence'],
  ],
  ['another metric', spoilt(series(), (judged) => ({ metrics: { ...judged.metrics, errors: 9 } })), ['judged.metrics.errors']],
  ['a guard that the config does not have', series(0, { guard: { ...series().guard, miss: 0.06 } }), ['guard.miss']],
  ['a shorter bake', spoilt(series(), () => ({ bake_until: NOW + 1_000 })), ['bake']],
  ['another deadline', spoilt(series(), () => ({ deadline: NOW + 10_000 })), ['deadline']],
  ['another sentence', spoilt(series(), () => ({ sentence: 'Advance: all is well.' })), ['judged.sentence']],
])('%s is named', (_what, one, expected) => {
  const row = ask(one)
  expect([row.result, fields(row)]).toEqual(['differs', expected])
})

describe('the objectives that a canary was held to', () => {
  const compare = {
    judge_version: JUDGE_VERSION,
    minimum: { errors: 1.25, latency: 1.1 },
    certify: { errors: 2, latency: 1.25 },
    absence: { errors: 'indeterminate', latency: 'zero' },
    objectives: [{ name: 'availability', target: 0.99999 }],
    warm_up_s: 0,
  } satisfies RolloutSeries['compare']
  // A version that is somewhat worse, where only the objective minds.
  const { config } = configOf(configText({}, ', judge: { false_alarm: 0.000000001 }'))
  const burnt = series(0.0005, { compare, guard: { ...series().guard, false_alarm: 1e-9 } }, 310)
  const decided = entry('decision', { objectives: compare.objectives })
  const noted = (one: RolloutSeries) => entry('rollback', { reason: one.judged?.sentence })

  test('send it back again, and stand in the ledger since before traffic moved', () => {
    expect(burnt.judged).toMatchObject({ decision: 'roll_back', code: 'burn' })
    expect(ask(burnt, { config, ledger: [decided, noted(burnt)] })).toMatchObject({ result: 'same', differences: [] })
  })

  test.each<[string, RolloutSeries, LedgerEntry[], string]>([
    ['are not those of the ledger', burnt, [entry('decision', {}), noted(burnt)], 'compare.objectives'],
    ['were taken out of the series', { ...burnt, compare: { ...compare, objectives: [] } }, [decided, noted(burnt)], 'judged.code'],
    ['are no list in the ledger', burnt, [entry('decision', { objectives: 'all' }), noted(burnt)], 'compare.objectives'],
  ])('and when they %s, that is named', (_what, one, ledger, field) => {
    const row = ask(one, { config, ledger })
    expect(row.result).toBe('differs')
    expect(fields(row).some((name) => name.startsWith(field))).toBe(true)
  })
})

test('a word that the ledger does not have, or an environment that the config does not have, is named', () => {
  expect(fields(ask(series(), { ledger: [] }))).toEqual(['ledger.advance'])
  expect(fields(ask(series(0.3), { ledger: [] }))).toEqual(['ledger.rollback'])
  expect(fields(ask(series(), { config: null }))).toEqual(['config.environments'])
  expect(fields(ask(series(0, { environment: 'moon' })))).toContain('config.environments')
})

test.each<[string, LedgerEntry[], string, string]>([
  ['by nobody yet', [], 'not-computed', 'no judge ended this step'],
  ['by a person', [entry('rollback', { code: 'manual', reason: 'Roll back: pat said so: x' })], 'not-computed', 'pat said so'],
  [
    'while the store did not answer',
    [entry('rollback.entered', { reason: 'r' }), entry('rollback', { code: 'slo_breach', reason: 'r' })],
    'not-computed',
    'while the store did not answer',
  ],
  ['by the judge, as the ledger says', [entry('advance', { reason: 'Advance: x' })], 'differs', 'the ledger says that the judge'],
  [
    'by a breach, as the ledger says',
    [entry('rollback', { code: 'slo_breach', reason: 'Roll back: x' })],
    'differs',
    'the ledger says that the judge',
  ],
])('a step without a judgement, ended %s', (_how, ledger, result, why) => {
  expect(ask(series(0, { judged: null }), { ledger })).toMatchObject({ result, why: expect.stringContaining(why) })
})

test('a breach whose way back was refused comes out the same, and is named when nobody says that it was', () => {
  const one = series(0.3)
  expect(ask(one, { ledger: [entry('rollback.refused', { reason: one.judged?.sentence })] }).result).toBe('same')
  expect(ask(series(0, { judged: null }), { ledger: [entry('rollback.refused', { code: 'slo_breach', reason: 'Roll back: x' })] }).result).toBe(
    'differs',
  )
  expect(fields(ask(series(), { ledger: [entry('rollback.refused', { reason: series().judged?.sentence })] }))).toEqual(['ledger.advance'])
})

test('steps stand in the order of environment and percent', () => {
  const all = [series(0, { step: 100 }), series(0, { step: 50 }), series(0, { environment: 'alpha', step: 100 })]
  expect(replayRollout({ series: all, ledger: [], statements: [], config: null }).map((row) => row.subject)).toEqual([
    '100 % of alpha',
    '50 % of prod',
    '100 % of prod',
  ])
})
