import { expect, test } from 'vitest'
import type { ReleaseRecord } from '../../../app/release/ports.ts'
import { isEnded, isLookedAt, type Happened } from '../../../app/release/resting.ts'
import type { Granted } from '../../../app/release/voice.ts'
import { HEAD, KEY, NOW, recordOf, rolloutOf, voiceOf } from '../../support/release.ts'

const DAY = 24 * 3_600_000
const NOBODY: Happened = { now: NOW + 10 * DAY, isForAll: null, unfinished: new Set(), named: new Set(), swept: new Map() }
const REFUSED = { code: 'slo_breach', sentence: 'Roll back.', because: 'the live schema', at: NOW }
const HOTFIX: Granted = {
  gate: 'hotfix',
  lane: { must_hold: ['hardening'], covers: ['perf'] },
  reason: 'the checkout is down',
  head: HEAD,
  base: 'main',
  grantedBy: [voiceOf(), voiceOf({ id: 22, login: 'second', nodeId: 'IC_2' })],
  grantedAt: NOW,
  expiresAt: NOW,
}
const SOON: Happened = { ...NOBODY, now: NOW + DAY }

function ended(state: ReleaseRecord['state'], over: Partial<ReleaseRecord> = {}): ReleaseRecord {
  return { ...recordOf({ state }, { rollout: rolloutOf({ stage: 'done', since: NOW }), rollouts: 1 }), ...over }
}

test.each<[string, ReleaseRecord, Happened, boolean]>([
  ['an open one', recordOf({ state: 'baking' }), NOBODY, true],
  ['one that owes its proof', recordOf({ state: 'broken_glass' }), NOBODY, true],
  ['one that was released long ago', ended('ga'), { ...NOBODY, isForAll: 'sweep' }, false],
  ['one that went home long ago', ended('rolled_back'), { ...NOBODY, isForAll: 'rerun' }, false],
  ['one whose effect has no outcome', ended('ga'), { ...NOBODY, unfinished: new Set([KEY]) }, true],
  ['one whose run waits', ended('rolled_back'), { ...NOBODY, named: new Set([KEY]) }, true],
  [
    'one whose way back was refused',
    recordOf({ state: 'ga' }, { rollout: rolloutOf({ stage: 'done', refused: REFUSED }), rollouts: 1 }),
    NOBODY,
    true,
  ],
  ['a hotfix that owes what its waiver covers', recordOf({ state: 'ga' }, { waivers: [HOTFIX] }), NOBODY, true],
  [
    'a hotfix that owes nothing any more',
    recordOf({ state: 'ga' }, { waivers: [{ ...HOTFIX, settled: { at: NOW, why: 'v2.0.2', proven: true } }] }),
    NOBODY,
    false,
  ],
  ['one that is due', ended('ga', { dueAt: NOW }), NOBODY, true],
  ['a new one, for the sweep', ended('ga'), { ...SOON, isForAll: 'sweep' }, true],
  [
    'a new one, for the sweep again within the hour',
    ended('ga'),
    { ...SOON, isForAll: 'sweep', swept: new Map([[KEY, SOON.now - 3_599_000]]) },
    false,
  ],
  ['a new one, for the sweep after an hour', ended('ga'), { ...SOON, isForAll: 'sweep', swept: new Map([[KEY, SOON.now - 3_600_000]]) }, true],
  ['a new one, for a wish to run checks again', ended('ga'), { ...SOON, isForAll: 'rerun', swept: new Map([[KEY, SOON.now]]) }, true],
  ['a new one, for a push', ended('ga'), SOON, false],
  ['a closed one', ended('closed'), { ...SOON, isForAll: 'sweep', unfinished: new Set([KEY]) }, false],
])('%s', (_what, release, happened, looked) => {
  expect(isLookedAt(release, happened)).toBe(looked)
})

test('ended is what nothing moves by itself', () => {
  expect((['ga', 'rolled_back', 'broken_glass', 'held'] as const).map((state) => isEnded({ state }))).toEqual([true, true, false, false])
})
