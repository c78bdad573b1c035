import { describe, expect, test } from 'vitest'
import type { Settings } from '../../../app/release/facts.ts'
import type { ReleaseState } from '../../../app/release/ports.ts'
import {
  configOf,
  deployedRow,
  fullOf,
  MERGED,
  NOW,
  orderOf,
  PICTURE,
  pullOf,
  recordOf,
  rolloutOf,
  rowOf,
  samplesOf,
  SETTINGS,
  Story,
  verdictsOf,
} from '../../support/release.ts'

function bodies(story: Story): string[] {
  return story.effects('comment.write').map((effect) => effect.body)
}

function shown(state: ReleaseState, data: Parameters<typeof recordOf>[1] = {}, full = fullOf({ pull: pullOf(MERGED) })): string {
  const story = new Story(recordOf({ state }, data))
  story.look(full)
  return bodies(story).at(-1) ?? ''
}

const weight = (over: Parameters<typeof rolloutOf>[0]): string => {
  const body = shown(
    'held',
    { held: { from: 'canary', reason: 'r', owner: 'second', at: NOW }, rollout: rolloutOf(over), rollouts: 1 },
    fullOf({ pull: pullOf(MERGED), config: configOf() }),
  )
  return /(\d+) % new/.exec(body)?.[1] ?? ''
}

test('one comment, created once and then edited (T39)', () => {
  const story = new Story()
  story.look(fullOf({ verdicts: verdictsOf('indeterminate') }))
  story.look(fullOf({ verdicts: verdictsOf('indeterminate') }))
  expect(story.effects('comment.write')).toMatchObject([{ pull: 3, comment: null, key: '7#3/comment' }])
  story.settle('7#3/comment', { id: 77 })
  story.look(fullOf())
  expect(story.effects('comment.write').slice(1)).toMatchObject([{ comment: 77, key: '7#3/comment/1' }])
  story.look(fullOf({ verdicts: verdictsOf('fail') }))
  expect(story.effects('comment.write').at(-1)).toMatchObject({ comment: 77, key: '7#3/comment/2' })
  expect(new Set(story.effects('comment.write').map((effect) => effect.marker)).size).toBe(1)
})

test('one that somebody deleted is another from then on', () => {
  const story = new Story()
  story.look(fullOf({ verdicts: verdictsOf('indeterminate') }))
  story.settle('7#3/comment', { id: 77 })
  story.look(fullOf())
  story.settle('7#3/comment/1', { id: 91 })
  story.look(fullOf({ verdicts: verdictsOf('fail') }))
  expect(story.effects('comment.write').at(-1)).toMatchObject({ comment: 91, key: '7#3/comment/2' })
  story.look(fullOf())
  expect(story.effects('comment.write').at(-1)).toMatchObject({ comment: 91, key: '7#3/comment/3' })
})

test('time alone is no reason to edit', () => {
  const story = new Story(recordOf({ state: 'ready' }))
  for (let look = 0; look < 4; look++) {
    story.look()
    story.carryOut()
  }
  const before = bodies(story).length
  story.now += 60_000
  story.look()
  expect(bodies(story)).toHaveLength(before)
})

test("the judge's running numbers alone are no reason to edit; another stage is", () => {
  const rollout = rolloutOf({ stage: 'baking', since: NOW, shiftedAt: NOW, startedAt: NOW, digests: { shop: 'x' } })
  const story = new Story(recordOf({ state: 'canary' }, { rollout, rollouts: 1 }))
  const full = fullOf({ pull: pullOf(MERGED), evidence: [deployedRow(9)] })
  for (let look = 0; look < 4; look++) {
    story.look(full, samplesOf(NOW, NOW + 1_000))
    story.carryOut()
  }
  const before = bodies(story).length
  story.now += 3_000
  story.look(full, samplesOf(NOW, NOW + 3_000))
  expect(story.data.sentence).toContain('300 canary requests')
  expect(bodies(story)).toHaveLength(before)
  story.now += 1_000
  story.look(full, samplesOf(NOW, NOW + 4_000, { share: 0.5 }))
  expect(story.record.state).toBe('rolling_back')
  expect(bodies(story)).toHaveLength(before + 1)
})

describe('what it says', () => {
  test('before the merge: what blocks, and what to do', () => {
    const body = shown('proving', {}, fullOf({ verdicts: verdictsOf('fail') }))
    expect(body).toContain('being proven')
    expect(body).toContain(String.raw`policy\_ci: bring it`)
    expect(body).not.toContain('/promote 100')
  })

  test('after the merge: the line to paste and the smaller stops', () => {
    const body = shown('merged')
    expect(body).toMatch(/> \/promote 100 plan:[0-9a-f]{32}/)
    expect(body).toMatch(/\/promote 50 plan:[0-9a-f]{32}/)
    expect(body).toMatch(/\/promote 10 plan:[0-9a-f]{32}/)
  })

  test.each<[ReleaseState, RegExp]>([
    ['draft', /Mark the pull request as ready/],
    ['ready', /Merge the pull request with a merge commit/],
    ['rolled_back', /Find the cause in the incident/],
  ])('in %s: what happens next', (state, sentence) => {
    const full = state === 'draft' ? fullOf({ pull: pullOf({ draft: true }) }) : state === 'ready' ? fullOf() : fullOf({ pull: pullOf(MERGED) })
    expect(shown(state, state === 'rolled_back' ? { rollout: rolloutOf({ stage: 'withdrawn' }), rollouts: 1 } : {}, full)).toMatch(sentence)
  })

  test('a hold, who and why', () => {
    const body = shown('held', { held: { from: 'merged', reason: 'the vendor', owner: 'second', at: NOW } })
    expect(body).toContain('**Held** by second: the vendor')
    expect(body).not.toMatch(/plan:[0-9a-f]{32}/)
  })

  test('the answers, newest first, at most five', () => {
    const orders = [1, 2, 3, 4, 5, 6].map((n) => orderOf(`/hold reason ${n}`, { denied: true }))
    const body = shown('merged', {}, fullOf({ pull: pullOf(MERGED), orders }))
    expect(body).not.toContain('reason 1')
    expect(body.indexOf('reason 6')).toBeLessThan(body.indexOf('reason 2'))
    expect(body.indexOf('reason 2')).toBeGreaterThan(0)
  })

  test('a gate whose evidence is on its way is not called unproven', () => {
    const story = new Story()
    const full = fullOf({ verdicts: verdictsOf('indeterminate') })
    story.look(full)
    expect(bodies(story).at(-1)).toContain('being looked at')
    expect(bodies(story).at(-1)).not.toContain(String.raw`policy\_ci: bring it`)
    expect(bodies(story).at(-1)).not.toContain('config.invalid')
  })

  test('no line of it can be read as a command', () => {
    for (const body of [shown('merged'), shown('proving', {}, fullOf({ verdicts: verdictsOf('fail'), orders: [orderOf('/promote')] }))])
      expect(body.split('\n').filter((line) => line.startsWith('/'))).toEqual([])
  })
})

describe('the share of the traffic', () => {
  test('is the step once traffic moved, and the step before until then', () => {
    expect(weight({ step: 50, stage: 'baking', shiftedAt: NOW, startedAt: NOW })).toBe('50')
    expect(weight({ step: 50, stage: 'deploying', startedAt: NOW })).toBe('10')
    expect(weight({ step: 10, stage: 'deploying' })).toBe('0')
    expect(weight({ step: 10, stage: 'withdrawn', shiftedAt: NOW, startedAt: NOW })).toBe('0')
  })
})

const keep = (store: string) => ({
  kind: 'pack.keep' as const,
  key: `7#3/seal/2/1/keep/${store}`,
  store,
  path: '/p',
  sha256: 'd'.repeat(64),
  seal: 2 as const,
})

test('where the pack is kept stands in the comment, and what a store says has no effect there', () => {
  const story = new Story(recordOf({ state: 'ga' }, { rollout: rolloutOf({ stage: 'done', step: 100 }), rollouts: 1 }))
  for (const [store, outcome, error] of [
    ['archive', { id: null }, null],
    ['bucket', null, '@acme/all <b>away</b>'],
    ['copy', null, null],
  ] as const)
    story.rows.set(keep(store).key, rowOf(keep(store), outcome, { error, state: outcome === null ? 'started' : 'done' }))
  story.look(fullOf({ pull: pullOf(MERGED) }))
  const body = bodies(story).at(-1) ?? ''
  expect(body).toContain('- seal 2 in `archive`: kept, and read back')
  expect(body).toContain('- seal 2 in `copy`: pending')
  expect(body).toMatch(/seal 2 in `bucket`: pending: .*&lt;b&gt;away/)
  expect(body).not.toMatch(/@acme|<b>/)
})

const picture: Settings['picture'] = PICTURE

const shownOf = (data: Parameters<typeof recordOf>[1], settings: Settings = { ...SETTINGS, picture }): string => {
  const story = new Story(recordOf({ state: 'canary' }, data), settings)
  story.look(fullOf({ pull: pullOf(MERGED) }))
  return /https:\/\/conductor\.example\S*\?at=\d+/.exec(bodies(story).at(-1) ?? '')?.[0] ?? ''
}

test('the picture of the step that moved traffic last: its address changes when the judge ends it, and not before', () => {
  const moved = [
    { step: 10, at: NOW },
    { step: 50, at: NOW + 9_000 },
  ]
  const rollout = rolloutOf({ step: 50, stage: 'baking', startedAt: NOW, shiftedAt: NOW + 9_000, moved })
  expect(shownOf({ rollout, rollouts: 1 })).toBe('https://conductor.example/7-3/1/50?at=9000')
  expect(shownOf({ rollout: { ...rollout, moved: [] }, rollouts: 1 })).toBe('')
  expect(shownOf({ rollout, rollouts: 1 }, SETTINGS)).toBe('')
})

test('a rehearsal of this very release is promised of at once, before anything is read again', () => {
  const rehearsals = [{ environment: 'stage', at: NOW, by: 'approver', homeMs: 800, greenMs: 900, failed: null }]
  expect(shown('merged')).toContain('never rehearsed, so nothing is promised')
  expect(shown('merged', { rehearsals })).toContain('Back within 0.9 s, traffic home within 0.8 s: rehearsed on stage')
})
