import { expect, test } from 'vitest'
import type { MetricsPort, ReleaseRecord, StorePort } from '../../../app/release/ports.ts'
import { sampled } from '../../../app/release/sampling.ts'
import { KEY, NOW, recordOf, rolloutOf, samplesOf } from '../../support/release.ts'
import { worldOf } from '../../support/release-ports.ts'

const STAGE = { stage: 'waiting', since: NOW, startedAt: NOW, shiftedAt: NOW } as const

async function looks(count: number, over: Partial<Pick<ReleaseRecord, 'revision'>> = {}) {
  const world = worldOf()
  const record = recordOf({ state: 'canary', ...over }, { rollout: rolloutOf(STAGE), rollouts: 1 })
  const lease = await world.store.lease(`release/${KEY}`, 'begin', NOW, 1_000)
  if (lease === null) throw new Error('no lease')
  await world.store.commit({ release: record, expected: null, lease, intents: [], events: [], verdicts: [] })
  const asked: string[] = []
  const store: StorePort = new Proxy<StorePort>(world.store, {
    get: (target, property) => {
      const member: unknown = Reflect.get(target, property, target)
      if (typeof member !== 'function') return member
      return (...given: unknown[]): unknown => {
        asked.push(String(property))
        return Reflect.apply(member, target, given)
      }
    },
  })
  const all = samplesOf(NOW, NOW + count * 1_000)
  const metrics: MetricsPort = { sample: async () => all[(world.now - NOW) / 1_000] ?? { at: world.now, canary: null, stable: null, note: '' } }
  const ports = { ...world.ports, store, metrics }
  let last = await sampled({ ports }, record)
  for (let at = 1; at <= count; at++) {
    world.now = NOW + at * 1_000
    last = await sampled({ ports }, record)
  }
  return { kept: await world.store.samples(KEY, '1/prod'), last, asked }
}

test('while a step waits, what is decided from is what is kept, and most of it goes in bunches', async () => {
  const { kept, last, asked } = await looks(3_600)
  expect(last).toEqual(kept)
  expect(kept.length).toBeLessThan(900)
  expect(asked.filter((name) => name === 'dropSamples').length).toBeLessThan(60)
})

test('nothing goes when the release is another than was looked at', async () => {
  const { kept } = await looks(1_200, { revision: 9 })
  expect(kept).toHaveLength(1_201)
})
