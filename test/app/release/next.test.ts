import { describe, expect, test } from 'vitest'
import { REQUIRED_FOR_MERGE } from '../../../gates/all-required-gates.ts'
import { GATES } from '../../../gates/index.ts'
import { next } from '../../../app/release/next.ts'
import type { ReleaseState } from '../../../app/release/ports.ts'
import type { FullFacts } from '../../../app/release/facts.ts'
import { factsOf, fullOf, HEAD, MERGED, NOW, OTHER_HEAD, orderOf, pullOf, recordOf, rolloutOf, Story, verdictsOf } from '../../support/release.ts'

const RED = verdictsOf('indeterminate')

function after(state: ReleaseState, full: Partial<FullFacts>, data: Parameters<typeof recordOf>[1] = {}): ReleaseState {
  return next(recordOf({ state }, data), factsOf(fullOf(full))).record.state
}

const types = (verdicts: FullFacts['verdicts']): unknown[] =>
  next(recordOf({ state: 'ready' }), factsOf(fullOf({ pull: pullOf(MERGED), verdicts }))).events.filter((event) => event.type === 'incident')

test('opened again it starts over: evidence has its time anew, and what was said or held before is gone', () => {
  const held = { from: 'proving' as const, reason: 'r', owner: 'second', at: 1 }
  const before = recordOf({ state: 'abandoned' }, { headSince: 1, held })
  const { record, events } = next(before, factsOf(fullOf({ verdicts: RED })))
  expect(record.data).toMatchObject({ headSince: NOW, held: null, voices: [] })
  expect(events).toContainEqual({ type: 'state', data: { from: 'abandoned', to: 'proving', why: 'the pull request was opened again' } })
})

function tags(state: ReleaseState, full: Partial<FullFacts> = {}, version = 'v2.0.0') {
  return next(recordOf({ state, version }), factsOf(fullOf(full))).intents.filter(({ kind }) => kind === 'candidate.tag')
}

describe('a candidate', () => {
  test('is the head on which every gate holds, once for each head', () => {
    expect(tags('proving')).toEqual([{ kind: 'candidate.tag', key: `7#3/candidate/${HEAD}`, version: 'v2.0.0', sha: HEAD }])
    const story = new Story(recordOf({ state: 'proving' }))
    const made = [story.look(), story.look()].flatMap(({ intents }) => intents.filter(({ kind }) => kind === 'candidate.tag'))
    expect(made).toHaveLength(1)
  })

  test('is nothing else: not what is red, waived, a draft or merged, nor a preview', () => {
    expect(tags('proving', { verdicts: RED })).toEqual([])
    expect(tags('ready', { verdicts: verdictsOf('waived') })).toEqual([])
    expect(tags('proving', { pull: pullOf({ draft: true }) })).toEqual([])
    expect(tags('proving', { pull: pullOf(MERGED) })).toEqual([])
    expect(tags('proving', {}, 'v2.0.0-beta.1')).toEqual([])
  })
})

describe('before the merge', () => {
  test.each<[ReleaseState, string, Partial<FullFacts>, ReleaseState]>([
    ['draft', 'a draft stays one', { pull: pullOf({ draft: true }) }, 'draft'],
    ['draft', 'ready for review, nothing proven', { verdicts: RED }, 'proving'],
    ['draft', 'ready for review, all proven', {}, 'ready'],
    ['draft', 'closed', { pull: pullOf({ draft: true, state: 'closed' }) }, 'abandoned'],
    ['proving', 'nothing proven', { verdicts: RED }, 'proving'],
    ['proving', 'no verdict at all', { verdicts: [] }, 'proving'],
    ['proving', 'all but the gate over gates', { verdicts: verdictsOf().filter((verdict) => verdict.gate !== 'all_required_gates') }, 'proving'],
    ['proving', 'all proven', {}, 'ready'],
    ['proving', 'a draft again', { pull: pullOf({ draft: true }) }, 'draft'],
    ['proving', 'closed without a merge', { pull: pullOf({ state: 'closed' }) }, 'abandoned'],
    ['proving', 'merged', { pull: pullOf(MERGED) }, 'merged'],
    ['ready', 'still proven', {}, 'ready'],
    ['ready', 'a gate fell', { verdicts: verdictsOf('fail') }, 'proving'],
    ['ready', 'a waiver proves nothing', { verdicts: verdictsOf('waived') }, 'proving'],
    ['ready', 'a draft again', { pull: pullOf({ draft: true }) }, 'draft'],
    ['ready', 'closed without a merge', { pull: pullOf({ state: 'closed' }) }, 'abandoned'],
    ['ready', 'merged', { pull: pullOf(MERGED) }, 'merged'],
    ['held', 'proven while held', {}, 'held'],
    ['held', 'closed while held', { pull: pullOf({ state: 'closed' }) }, 'abandoned'],
    ['merged', 'a gate fell after the merge', { pull: pullOf(MERGED), verdicts: RED }, 'merged'],
    ['abandoned', 'still closed', { pull: pullOf({ state: 'closed' }) }, 'abandoned'],
    ['abandoned', 'opened again, all proven', {}, 'ready'],
    ['abandoned', 'opened again, nothing proven', { verdicts: RED }, 'proving'],
    ['abandoned', 'opened again as a draft', { pull: pullOf({ draft: true }), verdicts: RED }, 'draft'],
    ['abandoned', 'opened again and merged since', { pull: pullOf(MERGED) }, 'merged'],
    ['rolled_back', 'nothing wakes it', { pull: pullOf(MERGED) }, 'rolled_back'],
  ])('%s: %s', (state, _what, full, expected) => {
    const data = state === 'held' ? { held: { from: 'proving' as const, reason: 'r', owner: 'second', at: NOW } } : {}
    expect(after(state, full, data)).toBe(expected)
  })

  test('merged while red is told as an incident, merged while green is not (T18)', () => {
    expect(types(RED)).toEqual([{ type: 'incident', data: { code: 'merged-while-red', head: HEAD } }])
    expect(types(verdictsOf())).toEqual([])
  })

  test('every move is an event with its reason', () => {
    const { events } = next(recordOf({ state: 'draft' }), factsOf(fullOf()))
    expect(events.filter((event) => event.type === 'state').map((event) => [event.data['from'], event.data['to']])).toEqual([
      ['draft', 'proving'],
      ['proving', 'ready'],
    ])
  })
})

describe('a new head', () => {
  const moved = pullOf({ head: { ref: 'release/v2.0.0', sha: OTHER_HEAD, repositoryId: 7 } })
  const red = verdictsOf('indeterminate', { sha: OTHER_HEAD })

  test('starts proof over: commit, clock and re-runs', () => {
    const record = recordOf({ state: 'ready' }, { reruns: { P0: { times: 3, at: 5 } }, headSince: 5 })
    const step = next(record, factsOf(fullOf({ pull: moved, verdicts: red })))
    expect(step.record).toMatchObject({ state: 'proving', head: OTHER_HEAD, data: { reruns: {}, headSince: NOW } })
    expect(step.events).toContainEqual({ type: 'head', data: { from: HEAD, to: OTHER_HEAD } })
  })

  test('an approval of the old commit is none of the new one', () => {
    const story = new Story(recordOf({ state: 'proving' }))
    const pasted = (): string => /\/promote 100 plan:[0-9a-f]{32}/.exec(JSON.stringify([...story.rows.values()]))?.[0] ?? ''
    for (let look = 0; look < 6; look++) {
      story.look(fullOf({ pull: pullOf(MERGED) }))
      story.carryOut()
    }
    expect(pasted()).not.toBe('')
    const other = recordOf({ state: 'merged', head: OTHER_HEAD })
    const step = next(
      other,
      factsOf(fullOf({ pull: { ...moved, ...MERGED }, verdicts: verdictsOf('pass', { sha: OTHER_HEAD }), orders: [orderOf(pasted())] })),
    )
    expect(step.record.data['rollout']).toBeNull()
    expect(step.record.data['answers']).toMatchObject([{ done: false, answer: expect.stringContaining('is not the present one') }])
  })

  test('cancels the open checks of the old one, and creates its own', () => {
    const story = new Story()
    story.look(fullOf({ verdicts: RED }))
    story.carryOut()
    story.look(fullOf({ verdicts: RED }))
    story.carryOut()
    const before = story.effects('check.update').length
    expect(story.effects('check.create').map((effect) => effect.status)).toContain('in_progress')
    story.look(fullOf({ pull: moved, verdicts: red }))
    const cancelled = story.effects('check.update').slice(before)
    expect(cancelled.map((effect) => effect.conclusion)).toEqual(cancelled.map(() => 'cancelled'))
    expect(cancelled.map((effect) => effect.name).toSorted()).toEqual(REQUIRED_FOR_MERGE.map((id) => `release-conductor/${id} (main)`).toSorted())
    expect(story.effects('check.create').filter((effect) => effect.sha === OTHER_HEAD)).toHaveLength(GATES.length)
  })

  test('a merged commit, and one with a rollout, stay what they are', () => {
    const merged = next(recordOf({ state: 'merged' }), factsOf(fullOf({ pull: { ...moved, ...MERGED } })))
    expect(merged.record.head).toBe(HEAD)
    const rolling = next(recordOf({ state: 'canary' }, { rollout: rolloutOf() }), factsOf(fullOf({ pull: { ...moved, ...MERGED } })))
    expect(rolling.record.head).toBe(HEAD)
  })
})

describe('what stays as it was at the merge', () => {
  test('the digests of the inputs', () => {
    const inputs = { pullRequest: '8'.repeat(64) }
    expect(next(recordOf(), factsOf(fullOf({ inputs }))).record.data['inputs']).toEqual(inputs)
    const merged = recordOf({ state: 'merged' }, { inputs: { pullRequest: '9'.repeat(64) } })
    expect(next(merged, factsOf(fullOf({ inputs, pull: pullOf(MERGED) }))).record.data['inputs']).toEqual({ pullRequest: '9'.repeat(64) })
  })

  test('the config is entered once for each content', () => {
    const story = new Story()
    story.look()
    story.look()
    expect(story.events.filter((event) => event.type === 'policy')).toHaveLength(1)
    expect(story.data.policy).toEqual({ commit: 'c'.repeat(40), digest: fullOf().inputs['policy'] })
  })
})

test('the same facts twice change nothing the second time', () => {
  const story = new Story()
  for (let look = 0; look < 5; look++) {
    story.look()
    story.carryOut()
  }
  expect(story.look()).toMatchObject({ intents: [], events: [], changed: false, wantsFull: false, unseen: false })
})

test('a tick sees no gates, asks nothing of GitHub, and says when people do not see the state yet', () => {
  const step = next(recordOf({ state: 'ready' }, { shown: 'proving' }), factsOf(null))
  expect(step).toMatchObject({ unseen: true, verdicts: [], intents: [] })
  expect(step.record.dueAt).toBe(NOW + 2_000)
  expect(next(recordOf({ state: 'ready' }, { shown: 'ready' }), factsOf(null))).toMatchObject({ unseen: false, record: { dueAt: null } })
})

test('a config that cannot be read blocks, and starts nothing', () => {
  const config = { ok: false, code: 'config.invalid', message: 'line 3' } as const
  const step = next(recordOf({ state: 'ready' }), factsOf(fullOf({ config, verdicts: verdictsOf('fail') })))
  expect(step.record.state).toBe('proving')
  expect(step.intents.filter((effect) => effect.kind === 'workflow.dispatch')).toEqual([])
})
