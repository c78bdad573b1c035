import { describe, expect, test } from 'vitest'
import type { Sample } from '../../../app/release/ports.ts'
import { DIGESTS, fullOf, MERGED, NOW, pullOf, recordOf, rolloutOf, rowOf, samplesOf, SETTINGS, Story } from '../../support/release.ts'
import { stateOf } from '../../../app/rollout/steps.ts'
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

/** A healthy canary, seen every second, to which the router gives `share` of 1,000 requests a second. @param share null: it does not say */
const routed = (from: number, to: number, share: number | null): Sample[] =>
  samplesOf(from, to).map((sample) => {
    const all = sample.at - from
    return { ...sample, routed: share === null ? null : { canary: Math.round(all * share), stable: Math.round(all * (1 - share)) } }
  })

describe('a share that does not follow', () => {
  test.each([
    ['share-off', 0, 'Hold at 10 %: the router gave 0 of 6000 requests to the new version, 0.00 % instead of 10 % (share-off).'],
    ['share-off', 0.4, 'Hold at 10 %: the router gave 2400 of 6000 requests to the new version, 40.00 % instead of 10 % (share-off).'],
    ['share-unknown', null, 'Hold at 10 %: the router has not said which share it gives to the new version; it is asked again (share-unknown).'],
  ])('holds as %s with %s, says so in the status comment, and goes back at the deadline', (code, share, sentence) => {
    const story = at(BAKING)
    story.look(FULL)
    story.carryOut()
    story.now = NOW + 7_000
    expect(story.tick(routed(NOW, story.now, share)).wantsFull).toBe(true)
    story.look(FULL, routed(NOW, story.now, share))
    expect(story.data.rollout).toMatchObject({ stage: 'baking', step: 10, share: code })
    expect(story.data.sentence).toBe(sentence)
    expect(story.effects('comment.write').at(-1)?.body.replaceAll('\\', '')).toContain(sentence)
    const comments = story.effects('comment.write').length
    story.now = NOW + 8_000
    expect(story.tick(routed(NOW, story.now, share)).wantsFull).toBe(false)
    story.look(FULL, routed(NOW, story.now, share))
    expect(story.effects('comment.write')).toHaveLength(comments)
    story.now = NOW + 90_000
    story.tick(routed(NOW, story.now, share))
    expect(story.data.rollout).toMatchObject({ stage: 'withdrawing', why: { code: 'deadline' } })
    expect(story.data.rollout?.why?.sentence).toMatch(/^Roll back: the deadline came while the router /)
  })

  test('goes on as soon as it follows', () => {
    const story = at(BAKING)
    story.now = NOW + 7_000
    story.look(FULL, routed(NOW, story.now, 0.2))
    expect(story.data.rollout?.share).toBe('share-off')
    story.now = NOW + 20_000
    expect(story.tick(routed(NOW, story.now, 0.1)).wantsFull).toBe(true)
    story.look(FULL, routed(NOW, story.now, 0.1))
    expect(story.data.rollout).toMatchObject({ stage: 'deploying', step: 50 })
    expect(story.data.rollout?.share).toBeUndefined()
  })

  test('at the deadline needs nobody to be asked first', () => {
    const story = at(BAKING)
    story.now = NOW + 90_000
    expect(story.tick(routed(NOW, story.now, 0)).wantsFull).toBe(false)
    expect(story.data.rollout).toMatchObject({ stage: 'withdrawing', why: { code: 'deadline' } })
  })

  test('holds up no breach', () => {
    const story = at(BAKING)
    story.now = NOW + 7_000
    story.tick(samplesOf(NOW, story.now, { share: 0.3 }).map((sample) => ({ ...sample, routed: null })))
    expect(story.data.rollout).toMatchObject({ stage: 'withdrawing', why: { code: 'slo_breach' } })
  })
})
