import { describe, expect, test } from 'vitest'
import { gatherTick } from '../../../app/release/gather.ts'
import { next } from '../../../app/release/next.ts'
import type { Effect, OutboxRow, Probed, ReleaseRecord, RunFacts } from '../../../app/release/ports.ts'
import { dataOf, type GoldenPath, type Rollout } from '../../../app/release/state.ts'
import { GREEN_WITHIN_MS, urlsToLookAt } from '../../../app/rollout/golden-paths.ts'
import { factsOf, fullOf, KEY, MERGED, NOW, pullOf, recordOf, rolloutOf, rowOf } from '../../support/release.ts'
import { runOf, worldOf } from '../../support/release-ports.ts'

const CHECKOUT: GoldenPath = { url: 'checkout', status: 200 }
const SMOKE: GoldenPath = { workflow: 'smoke.yml', inputs: { target: 'prod' } }
const RUN = '7#3/rollout/1/prod/golden/0'
const HOME = rowOf({ kind: 'weight.set', key: '7#3/rollout/1/prod/withdraw', environment: 'prod', router: 'proxy', percent: 0 }, { id: null })
const SEALED = rowOf(
  { kind: 'pack.seal', key: '7#3/seal/rolled_back/1', outcome: 'rolled_back' },
  { id: null, data: { seal: 2, sha256: 'd'.repeat(64) } },
)

function at(golden: readonly GoldenPath[], over: Partial<Rollout> = {}): ReleaseRecord {
  const plain = rolloutOf({
    stage: 'withdrawing',
    step: 50,
    startedAt: NOW,
    shiftedAt: NOW,
    why: { code: 'slo_breach', sentence: 'Roll back: it fails.' },
    ...over,
  })
  const rollout = { ...plain, moved: [{ step: 10, at: NOW - 9_000 }], policy: { ...plain.policy, golden: [...golden] } }
  return recordOf({ state: 'rolling_back' }, { rollout, rollouts: 1 })
}

interface Around {
  readonly probed?: ReadonlyMap<string, Probed>
  readonly rows?: readonly OutboxRow[]
  readonly runs?: readonly RunFacts[]
  readonly after?: number
}

function look(record: ReleaseRecord, { probed, rows = [], runs, after = 0 }: Around = {}): ReturnType<typeof next> {
  const full = runs === undefined ? null : fullOf({ pull: pullOf(MERGED), runs: new Map(runs.map((run) => [run.id, run])) })
  return next(record, factsOf(full, { now: NOW + after, rows: [HOME, ...rows], ...(probed !== undefined && { probed }) }))
}

function answers(status: number | null, note = ''): ReadonlyMap<string, Probed> {
  return new Map([['checkout', { status, note }]])
}

function said({ record }: ReturnType<typeof next>): [state: string, sentence: string] {
  return [record.state, dataOf(record).sentence]
}

test('without a golden path, home is done', () => {
  expect(look(at([])).record.state).toBe('rolled_back')
})

describe('an address', () => {
  test.each<[string, Around, string]>([
    ['that was not looked at', {}, 'checkout was not looked at'],
    ['that cannot be reached', { probed: answers(null, 'no answer within 4000 ms') }, 'checkout: no answer within 4000 ms'],
    ['that answers otherwise', { probed: answers(503) }, 'checkout answers 503 instead of 200'],
    ['that sends elsewhere', { probed: answers(302) }, 'checkout answers 302 instead of 200'],
  ])('%s is red: it is rolling back, with all traffic home', (_what, around, why) => {
    const step = look(at([CHECKOUT]), around)
    expect(said(step)).toEqual(['rolling_back', `All traffic is back. Not green yet: ${why}.`])
    expect(dataOf(step.record).rollout?.stage).toBe('withdrawn')
    expect(step.record.dueAt).toBe(NOW + 2_000)
  })

  test('that answers as it should is green, and that is in the ledger', () => {
    const step = look(look(at([CHECKOUT]), { probed: answers(503) }).record, { probed: answers(200), after: 2_000 })
    expect(step.record.state).toBe('rolled_back')
    expect(dataOf(step.record).rollout?.red).toBeUndefined()
    expect(step.events).toContainEqual({ type: 'golden', data: { environment: 'prod', paths: ['checkout'] } })
  })

  test('is one of several: each must be green at the same look', () => {
    const both = at([CHECKOUT, { url: 'login', status: 204 }])
    const one = new Map([...answers(200), ['login', { status: 500, note: '' }] as const])
    expect(said(look(both, { probed: one }))).toEqual(['rolling_back', 'All traffic is back. Not green yet: login answers 500 instead of 204.'])
    expect(look(both, { probed: new Map([...one, ['login', { status: 204, note: '' }] as const]) }).record.state).toBe('rolled_back')
  })
})

describe('a workflow', () => {
  const dispatch: Effect = { kind: 'workflow.dispatch', key: RUN, workflow: 'smoke.yml', ref: 'main', inputs: { hook: 'golden' } }

  test('is started once everything is home, and not before', () => {
    const step = next(at([SMOKE]), factsOf(null, { rows: [] }))
    expect(step.intents.map(({ kind }) => kind)).not.toContain('workflow.dispatch')
    expect(look(at([SMOKE])).intents.filter(({ kind }) => kind === 'workflow.dispatch')).toMatchObject([
      { kind: 'workflow.dispatch', key: RUN, workflow: 'smoke.yml', ref: 'main', inputs: { target: 'prod', hook: 'golden', step: '0', key: RUN } },
    ])
  })

  test.each<[string | null, string, string]>([
    [null, 'rolling_back', 'smoke.yml has not ended yet'],
    ['failure', 'rolling_back', 'smoke.yml ended with failure'],
    ['success', 'rolled_back', ''],
  ])('that ended with %s: %s', (conclusion, state, why) => {
    const run = runOf(8, { conclusion, status: conclusion === null ? 'in_progress' : 'completed' })
    const step = look(at([SMOKE]), { rows: [rowOf(dispatch, { id: 8 })], runs: [run] })
    expect(step.record.state).toBe(state)
    expect(dataOf(step.record).sentence).toContain(why)
  })
})

describe('what is not green in time', () => {
  const late = { probed: answers(503), after: GREEN_WITHIN_MS, rows: [SEALED] }
  const home = look(at([CHECKOUT]), { probed: answers(503) }).record

  test('calls people, says what was done and what is red, and is looked at on', () => {
    const early = look(home, { ...late, after: GREEN_WITHIN_MS - 1 })
    expect(early.intents.map(({ kind }) => kind)).not.toContain('issue.open')
    const step = look(home, late)
    expect(step.record).toMatchObject({ state: 'rolling_back', dueAt: expect.any(Number) })
    const incident = step.intents.flatMap((effect) => (effect.kind === 'issue.open' ? [effect.body] : []))[0]
    expect(incident).toContain('**Not green after 5 minutes**: checkout answers 503 instead of 200')
    expect(incident).toContain('- 10 % of prod since 1970-01-01T00:16:31.000Z')
    expect(incident).toContain('- All traffic back at the version before, at 1970-01-01T00:16:40.000Z or sooner')
  })

  test('is rolled back when it is green at last', () => {
    expect(look(home, { ...late, probed: answers(200) }).record.state).toBe('rolled_back')
  })
})

test('addresses are looked at on the way home only, when the traffic is home', async () => {
  expect(urlsToLookAt(dataOf(at([CHECKOUT])).rollout)).toEqual([])
  expect(urlsToLookAt(dataOf(at([CHECKOUT, SMOKE], { stage: 'withdrawn' })).rollout)).toEqual(['checkout'])
  const world = worldOf()
  const looked: string[] = []
  const probes = {
    look: async (name: string) => {
      looked.push(name)
      return { status: 200, note: '' }
    },
  }
  const context = { ...world.context, ports: { ...world.ports, probes } }
  const home = at([CHECKOUT], { stage: 'withdrawn' })
  expect((await gatherTick(context, home)).probed?.get('checkout')).toEqual({ status: 200, note: '' })
  await gatherTick(context, { ...home, state: 'rolled_back' })
  expect(looked).toEqual(['checkout'])
  expect((await gatherTick(world.context, home)).probed?.size).toBe(0)
  expect(home.key).toBe(KEY)
})
