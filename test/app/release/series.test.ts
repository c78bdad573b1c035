import { expect, test } from 'vitest'
import { seriesFiles } from '../../../app/release/series.ts'
import { RolloutSeries } from '../../../evidence/pack/documents.ts'
import { NOW, rolloutOf, samplesOf } from '../../support/release.ts'

test('a packed series holds what the judge saw, and not what the router counted', async () => {
  const samples = samplesOf(NOW, NOW + 2_000).map((sample, at) => (at === 1 ? { ...sample, traces: ['4bf9'] } : sample))
  const files = await seriesFiles(
    'v2.0.0',
    rolloutOf({ stage: 'baking', startedAt: NOW, shiftedAt: NOW }),
    samples.map((sample) => ({ ...sample, routed: { canary: 1, stable: 9 } })),
    () => Promise.resolve(null),
  )
  expect(files.size).toBe(1)
  const [bytes = new Uint8Array()] = files.values()
  expect(RolloutSeries.parse(JSON.parse(Buffer.from(bytes).toString())).samples).toEqual(samples)
})

test('what somebody else looked at while the judge spoke, and kept later, was no reason for its word', async () => {
  const samples = samplesOf(NOW, NOW + 4_000)
  const said = { step: 10, at: NOW + 3_500, decision: 'advance' as const, code: 'certified', sentence: 'Advance.', metrics: {} }
  const times = { startedAt: NOW, shiftedAt: NOW, bakeUntil: NOW, deadline: NOW + 90_000, sampleMs: 1_000 }
  const of = async (seen: { readonly seen?: number }) => {
    const rollout = rolloutOf({ step: 10, stage: 'baking', startedAt: NOW, shiftedAt: NOW, judged: [{ ...said, ...seen, ...times }] })
    const [bytes = new Uint8Array()] = (await seriesFiles('v2.0.0', rollout, samples, () => Promise.resolve(null))).values()
    return RolloutSeries.parse(JSON.parse(Buffer.from(bytes).toString())).samples.map(({ at }) => at - NOW)
  }
  expect(await of({ seen: NOW + 2_000 })).toEqual([0, 1_000, 2_000])
  expect(await of({})).toEqual([0, 1_000, 2_000, 3_000])
})
