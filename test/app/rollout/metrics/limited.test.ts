import { expect, test } from 'vitest'
import { limitedMetrics } from '../../../../app/rollout/metrics/limited.ts'
import { metricsSources } from '../../../../app/rollout/metrics/sources.ts'
import { REPOSITORY } from '../../../support/release.ts'

const clock = { now: () => 5 }
const SEEN = { at: 5, canary: null, stable: null, note: 'seen' }
const metrics = { sample: async () => SEEN, history: async () => ({ samples: [], note: 'seen' }) }

test('a source of others is no source, and remembers nothing', async () => {
  const port = limitedMetrics({ metrics, clock }, { metrics: { scrape: ['other/*'] } }, REPOSITORY)
  expect(await port.sample('scrape')).toEqual(await metricsSources({}, clock).sample('scrape'))
  expect(await port.history?.('scrape', 1)).toBeNull()
})

test('one of its own, and one of everybody, is asked', async () => {
  const port = limitedMetrics({ metrics, clock }, { metrics: { scrape: ['acme/shop'] } }, REPOSITORY)
  expect([await port.sample('scrape'), await port.sample('page')]).toEqual([SEEN, SEEN])
  expect(await port.history?.('scrape', 1)).toEqual({ samples: [], note: 'seen' })
  const forgetful = { sample: async () => SEEN }
  expect('history' in limitedMetrics({ metrics: forgetful, clock }, undefined, REPOSITORY)).toBe(false)
})
