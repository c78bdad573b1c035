import { describe, expect, test } from 'vitest'
import type { FullFacts } from '../../../app/release/facts.ts'
import type { EvidenceRow, Sample } from '../../../app/release/ports.ts'
import type { Rollout } from '../../../app/release/state.ts'
import { stateOf } from '../../../app/rollout/steps.ts'
import { sameDigests } from '../../../app/rollout/deployed.ts'
import {
  DIGESTS,
  deployedRow,
  fullOf,
  MERGED,
  NOW,
  orderOf,
  OTHER_HEAD,
  pullOf,
  recordOf,
  rolloutOf,
  samplesOf,
  SETTINGS,
  Story,
  verdictsOf,
} from '../../support/release.ts'
import { runOf } from '../../support/release-ports.ts'

const FULL = fullOf({ pull: pullOf(MERGED) })

/** A release whose rollout is at `over`, everything wanted before it carried out. */
function at(over: Partial<Rollout>, held = false): Story {
  const rollout = rolloutOf({ digests: DIGESTS, ...over })
  const story = new Story(
    recordOf(
      { state: held ? 'held' : stateOf(rollout) },
      { rollout, rollouts: 1, held: held ? { from: stateOf(rollout), reason: 'the vendor', owner: 'second', at: NOW } : null },
    ),
  )
  story.rows.set('7#3/seal/proven/1', {
    key: '7#3/seal/proven/1',
    releaseKey: '7#3',
    effect: { kind: 'pack.seal', key: '7#3/seal/proven/1', outcome: 'proven' },
    state: 'done',
    outcome: { id: null },
    error: null,
    attempts: 1,
  })
  return story
}

const BAKING: Partial<Rollout> = { stage: 'baking', since: NOW, startedAt: NOW, shiftedAt: NOW }
const WAITING: Partial<Rollout> = { ...BAKING, stage: 'waiting', upTo: 10 }

function rolloutIn(story: Story): Rollout {
  const { rollout } = story.data
  if (rollout === null) throw new Error('there is a rollout')
  return rollout
}

function runId(story: Story, step: number): number {
  return story.rows.get(`7#3/rollout/1/prod/${step}/run`)?.outcome?.id ?? -1
}

/** Deploys the present step: its deployment, its run, and what the job answers. */
function deploy(story: Story, over: Parameters<typeof deployedRow>[1] = {}): EvidenceRow {
  story.look(FULL)
  story.carryOut()
  story.look(FULL)
  story.carryOut()
  const { step } = rolloutIn(story)
  return deployedRow(runId(story, step), { step, ...over })
}

const late = (samples: readonly Sample[], held = false, over: Partial<Rollout> = {}): Story => {
  const story = at({ ...BAKING, ...over }, held)
  story.now = NOW + 90_000
  story.tick(samples)
  return story
}

test('the whole ramp: deploy, shift, bake, advance, and nothing twice (T52, T53)', () => {
  const story = at({ digests: null })
  for (const step of [10, 50, 100]) {
    expect(rolloutIn(story)).toMatchObject({ step, stage: 'deploying' })
    const evidence = [deploy(story)]
    story.look({ ...FULL, evidence })
    expect(rolloutIn(story).stage).toBe('shifting')
    expect(story.effects('weight.set').at(-1)).toMatchObject({ percent: step, router: 'proxy', environment: 'prod' })
    story.carryOut()
    story.tick()
    expect(rolloutIn(story)).toMatchObject({ stage: 'baking', shiftedAt: story.now })
    expect(story.record.state).toBe(step === 100 ? 'baking' : 'canary')
    const from = rolloutIn(story).startedAt ?? 0
    story.now += 6_000
    const step1 = story.tick(samplesOf(from, story.now))
    expect(step1.wantsFull).toBe(true)
    story.look({ ...FULL, evidence }, samplesOf(from, story.now))
  }
  expect(rolloutIn(story).stage).toBe('done')
  expect(story.record.state).toBe('ga')
  expect(story.data.completed).toEqual(['prod'])
  expect(story.effects('weight.set').map((effect) => effect.percent)).toEqual([10, 50, 100])
  expect(story.effects('deployment.create')).toHaveLength(3)
  expect(story.effects('deployment.status').map(({ state }) => state)).toEqual(Array.from({ length: 3 }, () => ['in_progress', 'success']).flat())
  expect(story.effects('workflow.dispatch').filter((effect) => effect.workflow === 'deploy.yml')).toHaveLength(3)
})

test('a certified canary that GitHub cannot be asked about goes back some time after its deadline', () => {
  const ready = at({ ...BAKING })
  const from = rolloutIn(ready).startedAt ?? 0
  ready.now = NOW + 119_000
  expect(ready.tick(samplesOf(from, ready.now))).toMatchObject({ wantsFull: true })
  expect(rolloutIn(ready).stage).toBe('baking')
  ready.now = NOW + 121_000
  ready.tick(samplesOf(from, ready.now))
  expect(rolloutIn(ready)).toMatchObject({ stage: 'withdrawing', why: { code: 'deadline' } })
})

/** The stable version alone, for half a minute. @param rate requests a second */
const served = (rate: number): Sample[] =>
  Array.from({ length: 31 }, (_, second) => ({
    at: NOW + second * 1_000,
    canary: null,
    stable: { requests: rate * second, errors: 0 },
    note: '',
  }))

describe('deploying', () => {
  test('waits for the seal of what it rests on', () => {
    const story = at({})
    story.rows.clear()
    story.look(FULL)
    expect(story.effects('deployment.create')).toEqual([])
    expect(story.data.sentence).toContain('not sealed yet')
  })

  test('starts the frozen workflow on the default branch, with everything the job must know (T68)', () => {
    const story = at({ digests: null })
    deploy(story)
    expect(story.effects('workflow.dispatch')).toMatchObject([
      {
        workflow: 'deploy.yml',
        ref: 'main',
        inputs: {
          flavour: 'plain',
          version: 'v2.0.0',
          sha: '1'.repeat(40),
          environment: 'prod',
          step: '10',
          plan: 'a'.repeat(32),
          digests: '{}',
          key: '7#3/rollout/1/prod/10/run',
        },
      },
    ])
  })

  test("a config's own input never stands for one of ours", () => {
    const story = at({ policy: { ...rolloutOf().policy, inputs: { sha: 'evil', step: '100' } } })
    deploy(story)
    expect(story.effects('workflow.dispatch')[0]?.inputs).toMatchObject({ sha: '1'.repeat(40), step: '10' })
  })

  test.each<[string, Parameters<typeof deployedRow>[1]]>([
    ['another step', { step: 50 }],
    ['another environment', { environment: 'stage' }],
    ['another version', { version: 'v2.0.1' }],
    ['another commit', { sha: OTHER_HEAD }],
    ['a withdrawal', { event: 'withdrawn' }],
    ['no digest', { digests: {} }],
  ])('an answer of %s is none', (_what, over) => {
    const story = at({})
    story.look({ ...FULL, evidence: [deploy(story, over)] })
    expect(rolloutIn(story).stage).toBe('deploying')
    expect(story.effects('weight.set')).toEqual([])
  })

  test('a step that could not decide moves no traffic: it says why, notes it once, and ends at its deadline', () => {
    const story = at({ policy: { ...rolloutOf().policy, deadline: { 10: 240_000 } } })
    const full = { ...FULL, evidence: [deploy(story)] }
    story.now = NOW + 30_000
    story.look(full, served(4))
    story.now = NOW + 31_000
    story.look(full, served(4))
    expect(rolloutIn(story).stage).toBe('deploying')
    expect(story.data.sentence).toMatch(/^Hold before 10 %: it cannot decide in time: at 10 % about 24 requests a minute/)
    expect(story.events.filter(({ type }) => type === 'forecast')).toHaveLength(1)
    story.now = NOW + 240_000
    story.look(full, served(4))
    expect(rolloutIn(story).why?.sentence).toMatch(/^Roll back: it cannot decide in time: .* before the deadline of the 10 % step\.$/)
    expect(story.effects('weight.set').map(({ percent }) => percent)).toEqual([0])
  })

  test('one that can moves it, and the ledger has what was expected of it', () => {
    const story = at({})
    const full = { ...FULL, evidence: [deploy(story)] }
    story.now = NOW + 30_000
    story.look(full, served(400))
    expect(rolloutIn(story).stage).toBe('shifting')
    expect(story.events.find(({ type }) => type === 'forecast')?.data['sentence']).toMatch(/^Forecast: at 10 % about 2400 requests a minute/)
  })

  test('an answer of another run is none', () => {
    const story = at({})
    deploy(story)
    story.look({ ...FULL, evidence: [deployedRow(runId(story, 10) + 1)] })
    expect(rolloutIn(story).stage).toBe('deploying')
  })

  test('a run that failed holds, and says so', () => {
    const story = at({})
    deploy(story)
    const id = runId(story, 10)
    story.look({ ...FULL, runs: new Map([[id, runOf(id, { conclusion: 'failure' })]]) })
    expect(story.data.sentence).toContain('ended with failure')
    expect(rolloutIn(story).stage).toBe('deploying')
  })

  test('other digests than the step before go back at once', () => {
    const story = at({ step: 50, startedAt: NOW })
    const evidence = [deploy(story, { digests: { shop: `sha256:${'6'.repeat(64)}` } })]
    story.look({ ...FULL, evidence })
    expect(story.record.state).toBe('rolling_back')
    expect(rolloutIn(story).why?.code).toBe('digest_mismatch')
  })

  test('past the deadline it goes back, held or not', () => {
    for (const held of [false, true]) {
      const story = at({}, held)
      story.now = NOW + 89_999
      story.tick()
      expect(rolloutIn(story).stage).toBe('deploying')
      story.now = NOW + 90_000
      story.tick()
      expect(rolloutIn(story)).toMatchObject({ stage: 'withdrawing', why: { code: 'deadline' } })
    }
  })

  test('a hold that comes while the job runs keeps the traffic where it is', () => {
    const story = at({})
    const evidence = [deploy(story)]
    story.look({ ...FULL, orders: [orderOf('/hold the vendor is asked')] })
    story.look({ ...FULL, evidence })
    expect(story.record.state).toBe('held')
    expect(story.effects('weight.set')).toEqual([])
    story.look({ ...FULL, evidence, orders: [orderOf('/resume')] })
    story.look({ ...FULL, evidence })
    expect(story.effects('weight.set')).toMatchObject([{ percent: 10 }])
  })

  test('a gate that falls while the job runs keeps the traffic where it is', () => {
    const story = at({})
    const evidence = [deploy(story)]
    story.look({ ...FULL, evidence, verdicts: verdictsOf('fail') })
    expect(story.effects('weight.set')).toEqual([])
    expect(story.data.sentence).toContain('all_required_gates is fail')
  })
})

describe('shifting', () => {
  test('a router that does not take it within half a minute sends everything back', () => {
    const story = at({ stage: 'shifting' })
    story.now = NOW + 30_000
    story.tick()
    expect(rolloutIn(story).stage).toBe('shifting')
    story.now = NOW + 30_001
    story.tick()
    expect(rolloutIn(story)).toMatchObject({ stage: 'withdrawing', why: { code: 'router' } })
    expect(story.effects('weight.set').map((effect) => effect.percent)).toEqual([10, 0])
  })

  test('a breach of the step before is seen here too', () => {
    const story = at({ stage: 'shifting', step: 50, startedAt: NOW - 10_000 })
    story.tick(samplesOf(NOW - 10_000, NOW, { share: 0.3 }))
    expect(rolloutIn(story)).toMatchObject({ stage: 'withdrawing', why: { code: 'slo_breach' } })
    expect(rolloutIn(story).traces).toBeUndefined()
  })

  test('what goes back remembers which requests failed, by trace', () => {
    const story = at({ stage: 'shifting', step: 50, startedAt: NOW - 10_000 })
    story.tick(samplesOf(NOW - 10_000, NOW, { share: 0.3 }).map((sample, nth) => ({ ...sample, traces: nth === 3 ? ['4bf9', '<b>'] : ['a'] })))
    expect(rolloutIn(story)).toMatchObject({ stage: 'withdrawing', traces: ['a', '4bf9'] })
  })
})

describe('baking', () => {
  test.each<[string, (to: number) => readonly Sample[]]>([
    ['no sample', () => []],
    ['a canary that cannot be read', (to) => samplesOf(NOW, to).map((sample) => ({ ...sample, canary: null }))],
    ['not a number', (to) => samplesOf(NOW, to).map((sample) => ({ ...sample, canary: { requests: Number.NaN, errors: 0 } }))],
    ['frozen totals', (to) => samplesOf(NOW, to).map((sample) => ({ ...sample, canary: { requests: 500, errors: 0 } }))],
    ['no request', (to) => samplesOf(NOW, to, { rate: 0 })],
    ['a canary gone silent', (to) => samplesOf(NOW, to).map((sample) => (sample.at > NOW + 6_000 ? { ...sample, canary: null } : sample))],
  ])('%s never advances, and goes back at the deadline', (_what, samples) => {
    const story = at(BAKING)
    story.now = NOW + 20_000
    expect(story.tick(samples(story.now)).wantsFull).toBe(false)
    expect(rolloutIn(story)).toMatchObject({ stage: 'baking', step: 10 })
    expect(story.data.sentence).toContain('Hold')
    expect(rolloutIn(late(samples(NOW + 90_000)))).toMatchObject({ stage: 'withdrawing', why: { code: 'deadline' } })
  })

  test('too few requests to be sure hold, however clean', () => {
    const story = at(BAKING)
    story.now = NOW + 7_000
    expect(story.tick(samplesOf(NOW, story.now, { rate: 2 })).wantsFull).toBe(false)
    expect(story.data.sentence).toContain('do not yet rule out')
  })

  test('before the bake is over it holds', () => {
    const story = at(BAKING)
    story.now = NOW + 5_999
    expect(story.tick(samplesOf(NOW, NOW + 5_000)).wantsFull).toBe(false)
  })

  test('it asks for fresh facts before it advances, and a veto holds it', () => {
    const story = at(BAKING)
    story.now = NOW + 7_000
    expect(story.tick(samplesOf(NOW, story.now))).toMatchObject({ wantsFull: true })
    story.look({ ...FULL, verdicts: verdictsOf('fail') }, samplesOf(NOW, story.now))
    expect(rolloutIn(story)).toMatchObject({ stage: 'baking', step: 10 })
    expect(story.data.sentence).toContain('Hold at 10 %')
  })

  test('a veto that lasts until the deadline goes back', () => {
    const story = at(BAKING)
    story.now = NOW + 90_000
    story.look({ ...FULL, verdicts: verdictsOf('fail') }, samplesOf(NOW, story.now))
    expect(rolloutIn(story)).toMatchObject({ stage: 'withdrawing', why: { code: 'deadline' } })
  })

  test('a hold never advances; its deadline goes back', () => {
    const story = at(BAKING, true)
    story.now = NOW + 7_000
    story.look(FULL, samplesOf(NOW, story.now))
    expect(rolloutIn(story)).toMatchObject({ stage: 'baking', step: 10 })
    expect(rolloutIn(late([], true)).stage).toBe('withdrawing')
  })
})

describe('a breach goes back at once', () => {
  test.each<[string, Partial<Rollout>, boolean, FullFacts | null]>([
    ['while baking', BAKING, false, null],
    ['while baking, held', BAKING, true, null],
    ['while waiting for an approval', WAITING, false, null],
    ['while waiting, held', WAITING, true, null],
    ['while the next step deploys', { ...BAKING, stage: 'deploying', step: 50, shiftedAt: null }, false, null],
    ['at 100 %', { ...BAKING, step: 100 }, false, null],
    [
      'although the gates are red and the config is gone',
      BAKING,
      false,
      { ...FULL, verdicts: [], config: { ok: false, code: 'config.absent', message: '' } },
    ],
    [
      'although GitHub says the commit is another',
      BAKING,
      false,
      { ...FULL, pull: pullOf({ ...MERGED, head: { ref: 'x', sha: OTHER_HEAD, repositoryId: 7 } }) },
    ],
  ])('%s', (_when, over, held, full) => {
    const story = at(over, held)
    story.now = NOW + 2_000
    const step = story.look(full, samplesOf(NOW, story.now, { share: 0.3 }))
    expect(story.record.state).toBe('rolling_back')
    expect(rolloutIn(story)).toMatchObject({ stage: 'withdrawing', why: { code: 'slo_breach' } })
    expect(step.intents.filter((effect) => effect.kind === 'weight.set')).toMatchObject([{ percent: 0, router: 'proxy' }])
    expect(story.data.held).toBeNull()
  })
})

describe('an approval that goes only so far', () => {
  test('stops there and waits, for as long as nothing breaks', () => {
    const story = at({ ...BAKING, upTo: 10 })
    story.now = NOW + 7_000
    story.look(FULL, samplesOf(NOW, story.now))
    expect(rolloutIn(story)).toMatchObject({ stage: 'waiting', step: 10 })
    story.now = NOW + 500_000
    story.look(FULL, samplesOf(NOW, story.now))
    expect(rolloutIn(story)).toMatchObject({ stage: 'waiting', step: 10 })
    expect(story.effects('workflow.dispatch')).toEqual([])
  })

  test('hears of the canary all the time, or goes back', () => {
    const story = at(WAITING)
    story.now = NOW + 90_000
    story.tick()
    expect(rolloutIn(story).stage).toBe('waiting')
    story.now = NOW + 90_001
    story.tick(samplesOf(NOW, NOW + 90_000).map((sample) => ({ ...sample, canary: null })))
    expect(rolloutIn(story)).toMatchObject({ stage: 'withdrawing', why: { code: 'deadline' } })
  })

  test('a further one lets it enter the next step, with facts read again', () => {
    const story = at({ ...WAITING, upTo: 50 })
    story.tick(samplesOf(NOW, NOW + 1_000))
    expect(rolloutIn(story).stage).toBe('waiting')
    story.look(FULL, samplesOf(NOW, NOW + 1_000))
    expect(rolloutIn(story)).toMatchObject({ stage: 'deploying', step: 50, shiftedAt: null, startedAt: NOW })
    expect(story.effects('deployment.create')).toMatchObject([{ payload: { percent: 50 } }])
  })
})

describe('the way back', () => {
  test('ends when the weight is 0, and says 0 once more when an old lease must have run out', () => {
    const story = at(BAKING)
    story.now = NOW + 2_000
    story.look(FULL, samplesOf(NOW, story.now, { share: 0.3 }))
    story.tick()
    expect(story.record.state).toBe('rolling_back')
    story.carryOut()
    story.tick()
    expect(story.record.state).toBe('rolled_back')
    const home = rolloutIn(story).since + SETTINGS.leaseMs + 1_000
    expect(story.record.dueAt).toBeLessThanOrEqual(home)
    story.carryOut()
    story.now = home - 1
    story.tick()
    expect(story.effects('weight.set').map((effect) => effect.percent)).toEqual([0])
    story.now = home
    story.tick()
    expect(story.effects('weight.set').map((effect) => effect.key.split('/').at(-1))).toEqual(['withdraw', 'stay-home'])
    story.carryOut()
    story.now = home + 60_000
    story.tick()
    expect(story.effects('weight.set')).toHaveLength(2)
  })

  test('nothing brings traffic back: not a promotion, not a healthy canary', () => {
    const story = at({ ...BAKING, stage: 'withdrawing', why: { code: 'manual', sentence: 'x' } })
    story.record = { ...story.record, state: 'rolling_back' }
    for (let look = 0; look < 6; look++) {
      story.now += 7_000
      story.look({ ...FULL, orders: [orderOf('/promote')] }, samplesOf(NOW, story.now))
      story.carryOut()
    }
    expect(story.record.state).toBe('rolled_back')
    expect(new Set(story.effects('weight.set').map((effect) => effect.percent))).toEqual(new Set([0]))
  })
})

test('what a release is while its rollout runs', () => {
  expect(stateOf(rolloutOf({ last: false, step: 100 }))).toBe('stage')
  expect(stateOf(rolloutOf({ step: 99 }))).toBe('canary')
  expect(stateOf(rolloutOf({ step: 100 }))).toBe('full')
  expect(stateOf(rolloutOf({ step: 100, shiftedAt: NOW }))).toBe('baking')
})

test('digests are the same when every name has the same one', () => {
  expect(sameDigests({ a: 'x', b: 'y' }, { b: 'y', a: 'x' })).toBe(true)
  for (const other of [{ a: 'x' }, { a: 'x', b: 'z' }, { a: 'x', b: 'y', c: 'z' }, { a: 'x', c: 'y' }])
    expect(sameDigests({ a: 'x', b: 'y' }, other)).toBe(false)
})
