import { describe, expect, test } from 'vitest'
import { closedFor } from '../../../app/release/closed.ts'
import type { FullFacts } from '../../../app/release/facts.ts'
import type { Sample } from '../../../app/release/ports.ts'
import type { Rollout } from '../../../app/release/state.ts'
import { stateOf } from '../../../app/rollout/steps.ts'
import type { Window } from '../../../app/rollout/window.ts'
import {
  configOf,
  configText,
  DIGESTS,
  fullOf,
  MERGED,
  NOW,
  orderOf,
  pullOf,
  recordOf,
  rolloutOf,
  rowOf,
  samplesOf,
  Story,
} from '../../support/release.ts'

/** Markdown without what keeps it from being any. */
function plainOf(markdown: string): string {
  return markdown.replaceAll('\\', '')
}

/** The first of January 1970, 00:16:40 UTC, is NOW: a Thursday. */
const OPEN: Window = { timezone: 'UTC', allow: [], freeze: [] }
const FROZEN: Window = {
  timezone: 'UTC',
  allow: [],
  freeze: [{ from: '1970-01-01', to: '1970-01-04', reason: 'stocktaking', except_labels: ['hotfix'] }],
}
const ON_CALL = configOf(configText().replace('people: {', 'people: { on_call: ["@acme/sre", "@octo-cat"],'))
const FULL = fullOf({ pull: pullOf(MERGED), config: ON_CALL, window: OPEN })
const DURING = { ...FULL, window: FROZEN }
const BAKING: Partial<Rollout> = { stage: 'baking', since: NOW, startedAt: NOW, shiftedAt: NOW }

function at(over: Partial<Rollout>): Story {
  const rollout = rolloutOf({ digests: DIGESTS, ...BAKING, ...over })
  const story = new Story(recordOf({ state: stateOf(rollout) }, { rollout, rollouts: 1 }))
  const seal = rowOf({ kind: 'pack.seal', key: '7#3/seal/proven/1', outcome: 'proven' }, { id: null })
  story.rows.set(seal.key, seal)
  return story
}

const few = (to: number): readonly Sample[] => samplesOf(NOW, to, { rate: 1 })

function stageOf(story: Story): [stage: string | undefined, step: number | undefined, code: string | undefined] {
  const { rollout } = story.data
  return [rollout?.stage, rollout?.step, rollout?.why?.code]
}

function lookAt(story: Story, after: number, full: FullFacts | null, samples: (to: number) => readonly Sample[] = (to) => samplesOf(NOW, to)): Story {
  story.now = NOW + after
  story.look(full, samples(story.now))
  return story
}

function notes(story: Story): string[] {
  return story.effects('comment.write').flatMap(({ marker, body }) => (marker.includes('closed:') ? [body] : []))
}

function answersOf(full: FullFacts, body = '/promote'): string {
  const story = new Story(recordOf({ state: 'merged' }))
  story.look({ ...full, orders: [orderOf(body)] })
  return story.data.answers[0]?.answer ?? ''
}

function statusOf(full: FullFacts): string {
  const story = new Story(recordOf({ state: 'merged' }))
  story.look(full)
  return story.effects('comment.write')[0]?.body ?? ''
}

describe('a promotion', () => {
  test('is refused in a freeze, with when it opens', () => {
    expect(plainOf(answersOf(DURING))).toBe(
      'Nothing was done: promotions are closed: frozen until 1970-01-04: stocktaking; it opens Mon 1970-01-05 00:00 UTC.',
    )
    expect(plainOf(answersOf({ ...FULL, window: { ...OPEN, allow: ['Thu 09:00-17:00'] } }))).toContain('it opens Thu 1970-01-01 09:00 UTC')
    expect(answersOf(FULL)).not.toContain('closed')
  })

  test('of a release with an excepted label is not', () => {
    expect(answersOf({ ...DURING, pull: pullOf({ ...MERGED, labels: ['hotfix'] }) })).not.toContain('closed')
  })

  test('has no line to paste until it opens; the status says when that is', () => {
    expect(statusOf(FULL)).toMatch(/plan:[0-9a-f]{32}/)
    expect(statusOf(DURING)).not.toMatch(/plan:[0-9a-f]{32}/)
    expect(statusOf(DURING)).toContain(
      String.raw`Promotions are closed: frozen until 1970\-01\-04: stocktaking; it opens Mon 1970\-01\-05 00:00 UTC.`,
    )
    expect(statusOf(DURING)).toContain('appears here when nothing above')
  })

  test('without a config has no calendar, and is refused for that', () => {
    expect(closedFor({ now: NOW }, { ...FULL, window: null })).toBeNull()
    expect(answersOf({ ...DURING, window: null, config: { ok: false, code: 'config.absent', message: 'there is none' } })).toContain('there is none')
  })
})

describe('a rollout that runs into a freeze', () => {
  test('stays at the step that passed, far beyond its deadline, and goes on when it opens', () => {
    const story = lookAt(at({}), 7_000, DURING)
    expect(stageOf(story)).toEqual(['waiting', 10, undefined])
    expect(story.data.sentence).toContain('Hold at 10 %: frozen until 1970-01-04')
    lookAt(story, 900_000, null)
    lookAt(story, 900_500, DURING)
    expect(stageOf(story)).toEqual(['waiting', 10, undefined])
    expect(story.record.state).toBe('canary')
    lookAt(story, 901_000, FULL)
    expect(stageOf(story)).toEqual(['deploying', 50, undefined])
    expect(story.data.rollout?.closed).toBeUndefined()
  })

  test('tells whoever is on call, once', () => {
    const story = lookAt(at({}), 7_000, DURING)
    lookAt(story, 8_000, DURING)
    lookAt(story, 9_000, null)
    expect(notes(story)).toHaveLength(1)
    expect(notes(story)[0]).toContain('@acme/sre @octo-cat')
    expect(notes(story)[0]).toContain('stays at 10 % of prod')
    expect(story.events.filter(({ type }) => type === 'closed')).toHaveLength(1)
  })

  test('that nobody held tells nobody', () => {
    expect(notes(lookAt(at({}), 7_000, FULL))).toEqual([])
    expect(notes(lookAt(at({ upTo: 10 }), 7_000, DURING))).toEqual([])
  })

  test('goes back at once on a breach, and when the metrics fall silent for as long as the step may take', () => {
    const story = lookAt(at({}), 7_000, DURING)
    lookAt(story, 9_000, null, (to) => samplesOf(NOW, to, { share: 0.3 }))
    expect(stageOf(story)).toEqual(['withdrawing', 10, 'slo_breach'])
    const silent = lookAt(at({}), 7_000, DURING)
    lookAt(silent, 97_001, DURING, () => samplesOf(NOW, NOW + 7_000))
    expect(stageOf(silent)).toEqual(['withdrawing', 10, 'deadline'])
  })

  test('goes back at its deadline when the judge is not sure: a freeze saves no canary', () => {
    expect(stageOf(lookAt(at({}), 89_999, DURING, few))).toEqual(['baking', 10, undefined])
    expect(stageOf(lookAt(at({}), 90_000, DURING, few))).toEqual(['withdrawing', 10, 'deadline'])
  })

  test('goes back when a person says so', () => {
    const story = lookAt(at({}), 7_000, DURING)
    lookAt(story, 8_000, { ...DURING, orders: [orderOf('/rollback the shop is slow')] })
    expect(stageOf(story)).toEqual(['withdrawing', 10, 'manual'])
  })

  test('ends all the same when no step is left', () => {
    const story = lookAt(at({ step: 100 }), 7_000, DURING)
    expect(stageOf(story)).toEqual(['done', 100, undefined])
    expect(story.record.state).toBe('ga')
  })
})
