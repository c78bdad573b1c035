import { expect, test } from 'vitest'
import { DIGESTS, fullOf, MERGED, NOW, pullOf, recordOf, rolloutOf, rowOf, samplesOf, SETTINGS, Story } from '../../support/release.ts'
import { stateOf } from '../../../app/rollout/next.ts'
import type { Rollout } from '../../../app/release/state.ts'

const FULL = fullOf({ pull: pullOf(MERGED) })

function at(over: Partial<Rollout>): Story {
  const rollout = rolloutOf({ digests: DIGESTS, ...over })
  const story = new Story(recordOf({ state: stateOf(rollout) }, { rollout, rollouts: 1 }))
  story.rows.set('7#3/seal/proven/1', rowOf({ kind: 'pack.seal', key: '7#3/seal/proven/1', outcome: 'proven' }, { id: null }))
  return story
}

const BAKING: Partial<Rollout> = { stage: 'baking', since: NOW, startedAt: NOW, shiftedAt: NOW }

test('when traffic has moved, the step and the moment are kept', () => {
  const story = at({ stage: 'shifting' })
  story.tick()
  story.carryOut()
  story.now = NOW + 2_000
  story.tick()
  expect(story.data.rollout).toMatchObject({ stage: 'baking', moved: [{ step: 10, at: NOW + 2_000 }], sampleMs: SETTINGS.sampleMs })
})

test('the word that ends a step is kept with all it was said from', () => {
  const story = at(BAKING)
  story.now = NOW + 8_000
  story.look(FULL, samplesOf(NOW, story.now))
  expect(story.data.rollout?.judged).toMatchObject([
    {
      step: 10,
      at: NOW + 8_000,
      decision: 'advance',
      code: 'certified',
      metrics: { requests: 800, errors: 0 },
      startedAt: NOW,
      shiftedAt: NOW,
      bakeUntil: NOW + 6_000,
      deadline: NOW + 90_000,
      sampleMs: SETTINGS.sampleMs,
    },
  ])
  expect(story.events.find((event) => event.type === 'advance')?.data['reason']).toBe(story.data.rollout?.judged[0]?.sentence)
})

test.each<[string, number, number]>([
  ['breach', 4_000, 0.3],
  ['deadline', 90_000, 0.012],
])('a %s is a word that ends a step', (code, after, share) => {
  const story = at(BAKING)
  story.now = NOW + after
  story.tick(samplesOf(NOW, story.now, { share, rate: code === 'breach' ? 100 : 1 }))
  expect(story.data.rollout?.judged).toMatchObject([{ decision: 'roll_back', code }])
  expect(story.data.rollout?.why?.sentence).toBe(story.data.rollout?.judged[0]?.sentence)
})

test('what only holds is no such word', () => {
  const story = at(BAKING)
  story.now = NOW + 3_000
  story.tick(samplesOf(NOW, story.now))
  expect(story.data.rollout?.judged).toEqual([])
})
