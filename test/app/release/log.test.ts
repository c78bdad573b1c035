import { describe, expect, test } from 'vitest'
import { Draft } from '../../../app/release/draft.ts'
import { isLogged, logRefusal, logVeto, pendingSeal, wantsLog } from '../../../app/release/log.ts'
import type { Effect, OutboxRow } from '../../../app/release/ports.ts'
import {
  configOf,
  configText,
  DIGESTS,
  factsOf,
  fullOf,
  KEY,
  MERGED,
  NOW,
  pullOf,
  recordOf,
  rolloutOf,
  rowOf,
  samplesOf,
  SETTINGS,
  Story,
} from '../../support/release.ts'

const withLog = (log: string) => configOf(`${configText()}evidence: { log: ${log} }\n`).config
const ENTER: Effect = { kind: 'log.enter', key: `${KEY}/log/proven/1`, seal: 1, pack: 'd'.repeat(64), path: '1.zip' }

function draftOf(rows: readonly OutboxRow[], policy: { log?: boolean } = {}, over: Parameters<typeof rolloutOf>[0] = {}, log: 1 | 2 | null = 2) {
  const rollout = rolloutOf({ ...over, policy: { ...rolloutOf().policy, log: policy.log ?? true } })
  const facts = factsOf(null, { rows, settings: { ...SETTINGS, log } })
  return { draft: new Draft(recordOf({ state: 'canary' }, { rollout, rollouts: 1 }), facts.outbox), facts }
}

describe('what the config says about the log', () => {
  test.each<[string | null, 1 | 2 | null, boolean, RegExp | null]>([
    [null, null, false, null],
    [null, 1, true, null],
    [null, 2, true, null],
    ['none', 2, false, null],
    ['none', null, false, null],
    ['rekor-v2', 2, true, null],
    ['rekor-v1', 1, true, null],
    ['rekor-v2', 1, true, /wants evidence\.log: rekor-v2.*names rekor-v1/],
    ['rekor-v2', null, false, /wants evidence\.log: rekor-v2.*names none/],
    ['rekor-v1', null, false, /sigstore\.rekor/],
  ])('%s, with an operator of %s: wanted %s (T66)', (wish, log, wanted, refusal) => {
    const config = wish === null ? configOf().config : withLog(wish)
    expect(wantsLog(config, { log })).toBe(wanted)
    expect(logRefusal(config, { log }) ?? 'none').toMatch(refusal ?? /^none$/)
  })
})

describe('the step that serves everyone', () => {
  test('waits for the entry of the sealed decision', () => {
    for (const rows of [[], [rowOf(ENTER)], [rowOf(ENTER, null, { state: 'started', error: 'away', attempts: 9 })]]) {
      const { draft, facts } = draftOf(rows)
      expect(logVeto(draft, facts)).toMatch(/^log_pending/)
    }
    const { draft, facts } = draftOf([rowOf(ENTER, { id: null })])
    expect(logVeto(draft, facts)).toBeNull()
  })

  test.each<[string, Parameters<typeof draftOf>]>([
    ['of an environment that serves nobody yet', [[], {}, { last: false }]],
    ['of a rollout that began without a log', [[], { log: false }]],
    ['when the operator took the log away', [[], {}, {}, null]],
  ])('waits for nothing %s', (_, given) => {
    const { draft, facts } = draftOf(...given)
    expect([isLogged(draft, facts), logVeto(draft, facts), pendingSeal(draft, facts)]).toEqual([false, null, null])
  })
})

const pending = (...rows: readonly OutboxRow[]): unknown => {
  const { draft, facts } = draftOf(rows)
  return pendingSeal(draft, facts)
}

test('what is pending is the newest seal that was asked for', () => {
  const two: Effect = { ...ENTER, key: `${KEY}/log/promoted/1`, seal: 2 }
  expect(pending()).toBeNull()
  expect(pending(rowOf(ENTER))).toBe('proven')
  expect(pending(rowOf(ENTER, { id: null }))).toBeNull()
  expect(pending(rowOf(ENTER, { id: null }), rowOf(two))).toBe('promoted')
  const three: Effect = { ...ENTER, key: `${KEY}/log/rolled_back/1`, seal: 3 }
  expect(pending(rowOf(ENTER, { id: null }), rowOf(two), rowOf(three))).toBe('rolled_back')
})

describe('a release under a log that is away', () => {
  const settings = { ...SETTINGS, log: 2 as const }
  const full = fullOf({ pull: pullOf(MERGED) })

  test('is sealed, asks the log, and its comment says log_pending', () => {
    const story = new Story(
      recordOf({ state: 'canary' }, { rollout: rolloutOf({ policy: { ...rolloutOf().policy, log: true } }), rollouts: 1 }),
      settings,
    )
    for (let look = 0; look < 4; look++) {
      story.look(full)
      story.carryOut((effect) => effect.kind === 'log.enter')
    }
    expect(story.effects('log.enter')).toMatchObject([{ key: `${KEY}/log/proven/1`, seal: 1 }])
    expect(story.effects('comment.write').at(-1)?.body).toContain('log\\_pending')
    story.settle(`${KEY}/log/proven/1`, { id: null })
    story.look(full)
    expect(story.effects('comment.write').at(-1)?.body).not.toContain('log\\_pending')
  })

  test('a config that names a log the operator has not is told before anything moves', () => {
    const config = configOf(`${configText()}evidence: { log: rekor-v1 }\n`)
    const story = new Story(recordOf({ state: 'merged' }), settings)
    story.look(fullOf({ pull: pullOf(MERGED), config }))
    const { body } = story.effects('comment.write').at(-1) ?? { body: '' }
    expect(body).toMatch(/cannot be promoted: the config wants evidence\.log: rekor/)
    expect(body).not.toContain('/promote')
  })
})

describe('the canary', () => {
  const settings = { ...SETTINGS, log: 2 as const }
  const full = fullOf({ pull: pullOf(MERGED) })

  function baking(step: number, upTo = 100): Story {
    const at = { step, upTo, stage: 'baking' as const, since: NOW, startedAt: NOW, shiftedAt: NOW, digests: DIGESTS }
    const rollout = rolloutOf({ ...at, policy: { ...rolloutOf().policy, log: true } })
    const story = new Story(recordOf({ state: 'canary' }, { rollout, rollouts: 1 }), settings)
    const seal: Effect = { kind: 'pack.seal', key: `${KEY}/seal/proven/1`, outcome: 'proven' }
    story.rows.set(seal.key, rowOf(seal, { id: null, data: { seal: 1, path: '1.zip', sha256: 'd'.repeat(64) } }))
    story.rows.set(ENTER.key, rowOf(ENTER, null, { state: 'started', error: 'away' }))
    return story
  }
  const looked = (story: Story, after: number) => {
    story.now = NOW + after
    story.look(full, samplesOf(NOW, story.now))
    return story.data.rollout
  }

  test('goes from 10 to 50 % while the log is away', () => {
    expect(looked(baking(10), 7_000)).toMatchObject({ stage: 'deploying', step: 50 })
  })

  test('stays at 50 %, says why, and goes on when the log has answered', () => {
    const story = baking(50)
    expect(looked(story, 7_000)).toMatchObject({ stage: 'baking', step: 50 })
    expect(story.data.sentence).toBe(
      'Hold at 50 %: log_pending: the transparency log has no entry of the sealed decision yet; it is asked again and again',
    )
    story.settle(ENTER.key, { id: null })
    expect(looked(story, 8_000)).toMatchObject({ stage: 'deploying', step: 100 })
  })

  test('goes back when the deadline of the step comes first', () => {
    expect(looked(baking(50), 91_000)).toMatchObject({
      stage: 'withdrawing',
      why: { code: 'deadline', sentence: expect.stringContaining('log_pending') },
    })
  })

  test('still waits for its approver before it waits for the log', () => {
    const story = baking(50, 50)
    expect(looked(story, 7_000)).toMatchObject({ stage: 'waiting', step: 50 })
    story.record = { ...story.record, data: { ...story.data, rollout: { ...story.data.rollout, upTo: 100 } } }
    expect(looked(story, 8_000)).toMatchObject({ stage: 'waiting', step: 50 })
    expect(story.data.sentence).toContain('log_pending')
    story.settle(ENTER.key, { id: null })
    expect(looked(story, 9_000)).toMatchObject({ stage: 'deploying', step: 100 })
  })

  test('a breach goes back at once, whatever the log says', () => {
    const story = baking(50)
    story.now = NOW + 5_000
    story.tick(samplesOf(NOW, story.now, { share: 0.5 }))
    expect(story.data.rollout).toMatchObject({ stage: 'withdrawing', why: { code: 'slo_breach' } })
  })
})
