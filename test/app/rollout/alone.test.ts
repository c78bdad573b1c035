import { expect, test } from 'vitest'
import { decideAlone, running, weightNow } from '../../../app/rollout/alone.ts'
import type { Rollout } from '../../../app/release/state.ts'
import { NOW, recordOf, rolloutOf, samplesOf, SETTINGS } from '../../support/release.ts'

const AT = { startedAt: NOW, shiftedAt: NOW }
const known = (rollout: Partial<Rollout>, samples = samplesOf(NOW, NOW + 20_000)) => ({
  record: recordOf({ state: 'canary' }, { rollouts: 1, rollout: rolloutOf(rollout) }),
  outbox: [],
  samples,
})
const bad = samplesOf(NOW, NOW + 20_000, { share: 0.2 })

test.each([
  ['healthy and certified: it does not advance', known({ stage: 'baking', ...AT }), 20_000, null],
  ['healthy and just past the deadline', known({ stage: 'baking', ...AT }, samplesOf(NOW, NOW + 119_000)), 119_000, null],
  ['healthy and long past the deadline', known({ stage: 'baking', ...AT }, samplesOf(NOW, NOW + 120_000)), 120_000, 'deadline'],
  ['a breach', known({ stage: 'baking', ...AT }, bad), 20_000, 'slo_breach'],
  ['a breach while the next step is deployed', known({ stage: 'deploying', step: 50, startedAt: NOW }, bad), 20_000, 'slo_breach'],
  ['a breach while nobody knows whether the first shift happened', known({ stage: 'shifting' }, bad), 20_000, 'slo_breach'],
  ['a breach while a person is asked', known({ stage: 'waiting', upTo: 10, ...AT }, bad), 20_000, 'slo_breach'],
  ['nothing measured, before the deadline', known({ stage: 'baking', ...AT }, []), 80_000, null],
  ['nothing measured, at the deadline', known({ stage: 'baking', ...AT }, []), 90_000, 'deadline'],
  ['a deployment that does not answer', known({ stage: 'deploying' }, []), 90_000, 'deadline'],
  ['decided already', known({ stage: 'withdrawing', why: { code: 'manual', sentence: 'x' }, ...AT }, []), 1, 'manual'],
])('%s', (_, of, after, code) => {
  expect(decideAlone(of, NOW + after, SETTINGS)?.code ?? null).toBe(code)
})

test('only what moves traffic is watched', () => {
  expect(running(recordOf())).toBeNull()
  for (const stage of ['done', 'withdrawn'] as const) expect(running(known({ stage }).record)).toBeNull()
  for (const stage of ['deploying', 'shifting', 'baking', 'waiting', 'withdrawing'] as const)
    expect(running(known({ stage }).record)?.stage).toBe(stage)
})

test('the weight that the record knows of', () => {
  expect(weightNow(rolloutOf())).toBe(0)
  expect(weightNow(rolloutOf({ step: 50, startedAt: NOW }))).toBe(10)
  expect(weightNow(rolloutOf({ step: 50, ...AT }))).toBe(50)
  expect(weightNow(rolloutOf({ step: 50, ...AT, stage: 'withdrawn' }))).toBe(0)
})
