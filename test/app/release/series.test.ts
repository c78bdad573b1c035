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
