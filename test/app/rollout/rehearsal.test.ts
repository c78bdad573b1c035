import { describe, expect, test } from 'vitest'
import type { Facts, FullFacts } from '../../../app/release/facts.ts'
import { next, type Step } from '../../../app/release/next.ts'
import type { EnvironmentLock, OutboxRow, ReleaseRecord } from '../../../app/release/ports.ts'
import { dataOf, type GoldenPath, type Rollout } from '../../../app/release/state.ts'
import { BY_WORKFLOW } from '../../../app/rollout/by-workflow.ts'
import { GREEN_WITHIN_MS, urlsToLookAt } from '../../../app/rollout/golden-paths.ts'
import { promise, type Rehearsed } from '../../../app/rollout/rehearsal.ts'
import { DIGESTS, factsOf, fullOf, HEAD, MERGED, NOW, orderOf, pullOf, recordOf, rolloutOf, rowOf } from '../../support/release.ts'
import { runOf } from '../../support/release-ports.ts'

const FULL = fullOf({ pull: pullOf(MERGED) })
const ASKED = { ...FULL, orders: [orderOf('/rollback --rehearse')] }
const CHECKOUT: GoldenPath = { url: 'checkout', status: 200 }
const SEALED = rowOf({ kind: 'pack.seal', key: '7#3/seal/proven/1', outcome: 'proven' }, { id: null })

/** A stage that serves in full, in a repository with production behind it. */
function served(over: Partial<Rollout> = {}, policy: Partial<Rollout['policy']> = {}): ReleaseRecord {
  const plain = rolloutOf({ environment: 'stage', last: false, stage: 'done', step: 100, startedAt: NOW, shiftedAt: NOW, digests: DIGESTS, ...over })
  const rollout = { ...plain, policy: { ...plain.policy, golden: [CHECKOUT], ...policy } }
  return recordOf({ state: 'stage' }, { rollout, rollouts: 1, completed: ['stage'] })
}

class Play {
  record: ReleaseRecord
  now = NOW
  rows = new Map<string, OutboxRow>([[SEALED.key, SEALED]])
  last: Step | null = null
  constructor(record: ReleaseRecord) {
    this.record = record
  }

  look(after: number, full: FullFacts | null = null, around: Partial<Facts> = {}): Step {
    this.now += after
    const step = next(this.record, factsOf(full, { now: this.now, rows: [...this.rows.values()], ...around }))
    for (const effect of step.intents) this.rows.set(effect.key, rowOf(effect))
    this.record = step.record
    this.last = step
    return step
  }

  /** The router took every weight. */
  settle(): void {
    for (const [key, row] of this.rows) if (row.effect.kind === 'weight.set') this.rows.set(key, { ...row, state: 'done', outcome: { id: null } })
  }

  get weights(): readonly number[] {
    return [...this.rows.values()].flatMap(({ effect }) => (effect.kind === 'weight.set' ? [effect.percent] : []))
  }

  get rollout(): Rollout | null {
    return dataOf(this.record).rollout
  }

  get answer(): { readonly done: boolean; readonly answer: string } | undefined {
    return dataOf(this.record).answers.at(-1)
  }
}

const answers = (status: number) => ({ probed: new Map([['checkout', { status, note: '' }]]) })

test('the traffic goes home, the golden paths are looked at, both are timed from the decision, and the traffic returns', () => {
  const play = new Play(served())
  play.look(0, ASKED)
  expect(play.answer).toMatchObject({ done: true })
  expect(play.weights).toEqual([0])
  expect(urlsToLookAt(play.rollout)).toEqual([])
  play.look(1_000)
  play.settle()
  play.look(1_200)
  expect(urlsToLookAt(play.rollout)).toEqual(['checkout'])
  play.look(1_000, null, answers(503))
  expect(play.weights).toEqual([0])
  play.look(1_000, null, answers(200))
  expect(play.weights).toEqual([0, 100])
  expect(dataOf(play.record).rehearsals).toEqual([])
  play.settle()
  const step = play.look(500, null, answers(200))
  expect(dataOf(play.record).rehearsals).toEqual([{ environment: 'stage', at: NOW, by: 'approver', homeMs: 2_200, greenMs: 4_200, failed: null }])
  expect(step.events).toContainEqual({
    type: 'rehearsed',
    data: { environment: 'stage', number: 1, home_ms: 2_200, green_ms: 4_200, failed: null, commit: HEAD, paths: 1 },
  })
  expect(play.record.state).toBe('stage')
  expect(play.rollout).not.toHaveProperty('rehearsal')
  expect(dataOf(play.record).sentence).toBe(
    'The way back was rehearsed on stage: all traffic home in 2.2 s, golden paths green in 4.2 s. The traffic is where it was.',
  )
})

test('what is not green after five minutes has failed, and the traffic returns all the same', () => {
  const play = new Play(served())
  play.look(0, ASKED)
  play.settle()
  play.look(1_000, null, answers(503))
  play.look(GREEN_WITHIN_MS, null, answers(503))
  expect(play.weights).toEqual([0, 100])
  play.settle()
  play.look(1_000)
  expect(dataOf(play.record).rehearsals).toMatchObject([{ greenMs: null, failed: expect.stringContaining('checkout answers 503') }])
})

test('a workflow is run for each rehearsal anew', () => {
  const play = new Play(served({}, { golden: [{ workflow: 'smoke.yml', inputs: {} }] }))
  play.look(0, ASKED)
  play.settle()
  play.look(1_000, FULL)
  const key = '7#3/rollout/1/stage/rehearsal/1/0'
  const row = play.rows.get(key)
  expect(row?.effect).toMatchObject({ kind: 'workflow.dispatch', workflow: 'smoke.yml' })
  play.rows.set(key, rowOf(row?.effect ?? SEALED.effect, { id: 8 }))
  play.look(1_000, { ...FULL, runs: new Map([[8, runOf(8)]]) })
  expect(play.weights).toEqual([0, 100])
})

const LOCK: EnvironmentLock = { environment: 'stage', release: '7#4', version: 'v2.0.1', rollout: 1, since: NOW, fence: 4 }

test.each<[string, ReleaseRecord, Partial<Facts>, RegExp]>([
  [
    'on production',
    { ...served({ environment: 'prod', last: true, stage: 'waiting', step: 10 }), state: 'canary' },
    {},
    /prod is production: the last environment/,
  ],
  ['while it still rolls out', served({ stage: 'waiting', step: 10 }), {}, /does not serve it in full yet/],
  ['before any traffic', recordOf({ state: 'merged' }), {}, /no traffic has moved/],
  ['where the deploy workflow moves the traffic', served({}, { router: BY_WORKFLOW }), {}, /the deploy workflow moves the traffic/],
  ['while another release has the environment', served(), { locks: [LOCK] }, /locked by v2.0.1/],
])('nothing is rehearsed %s', (_where, record, around, why) => {
  const play = new Play(record)
  play.look(0, ASKED, around)
  expect(play.answer).toMatchObject({ done: false, answer: expect.stringMatching(why) })
  expect(play.weights).toEqual([])
  expect(play.rollout?.rehearsal).toBeUndefined()
})

function running(): Play {
  const play = new Play(served())
  play.look(0, ASKED, { locks: [] })
  return play
}

describe('while it runs', () => {
  test('it has the environment to itself, and afterwards not', () => {
    const play = running()
    expect(play.last?.lock).toMatchObject({ kind: 'take', environment: 'stage' })
    const own = { ...LOCK, release: '7#3' }
    play.settle()
    play.look(1_000, null, { ...answers(200), locks: [own] })
    play.look(1_000, null, { ...answers(200), locks: [own] })
    expect(play.last?.lock).toMatchObject({ kind: 'keep' })
    play.settle()
    play.look(1_000, null, { ...answers(200), locks: [own] })
    expect(play.last?.lock).toMatchObject({ kind: 'free' })
  })

  test('there is no second one, and no promotion', () => {
    const play = running()
    play.look(1_000, { ...FULL, orders: [orderOf('/rollback --rehearse')] })
    expect(play.answer).toMatchObject({ done: false, answer: expect.stringContaining('runs already') })
    play.look(1_000, { ...FULL, orders: [orderOf(`/promote plan:${'a'.repeat(32)}`)] })
    expect(play.answer).toMatchObject({ done: false, answer: expect.stringContaining('is rehearsed on stage') })
  })

  test('a real rollback takes its place', () => {
    const play = running()
    play.settle()
    play.look(1_000, { ...FULL, orders: [orderOf('/rollback it is really bad')] })
    expect(play.record.state).toBe('rolling_back')
    expect(play.rollout).not.toHaveProperty('rehearsal')
    expect(play.weights).toEqual([0, 0])
  })
})

describe('what is promised', () => {
  const last: Rehearsed = { environment: 'stage', at: Date.UTC(2026, 10, 20), by: 'a', homeMs: 2_240, greenMs: 4_160, failed: null, sha: HEAD }
  const day = 86_400_000

  test.each<[Rehearsed | null, number, string]>([
    [last, 30 * day, 'Back within 4.2 s, traffic home within 2.3 s: rehearsed on stage on 2026-11-20, at 111111111111.'],
    [last, 30 * day + 1, 'The way back was rehearsed last on stage on 2026-11-20, at 111111111111: longer than 30d ago, so nothing is promised.'],
    [null, 0, 'How long it takes to come back was never rehearsed, so nothing is promised.'],
    [
      { ...last, greenMs: null, failed: 'after 5 minutes: x' },
      0,
      'The last rehearsal of the way back, on stage on 2026-11-20, at 111111111111, failed, after 5 minutes: x; nothing is promised.',
    ],
  ])('%#', (one, after, words) => {
    expect(promise(one, '30d', last.at + after)).toBe(words)
  })
})
