import { describe, expect, test } from 'vitest'
import type { EvidenceRow, RunFacts } from '../../../app/release/ports.ts'
import type { Rollout } from '../../../app/release/state.ts'
import { BY_WORKFLOW } from '../../../app/rollout/by-workflow.ts'
import { stateOf } from '../../../app/rollout/steps.ts'
import { DIGESTS, deployedRow, fullOf, MERGED, NOW, pullOf, recordOf, rolloutOf, rowOf, samplesOf, SETTINGS, Story } from '../../support/release.ts'
import { runOf } from '../../support/release-ports.ts'

const FULL = fullOf({ pull: pullOf(MERGED) })
const BAKING: Partial<Rollout> = { stage: 'baking', since: NOW, startedAt: NOW, shiftedAt: NOW, digests: DIGESTS }

function at(over: Partial<Rollout>): Story {
  const { policy, ...rest } = rolloutOf(over)
  const rollout: Rollout = { ...rest, policy: { ...policy, router: BY_WORKFLOW } }
  const story = new Story(recordOf({ state: stateOf(rollout) }, { rollout, rollouts: 1 }))
  story.rows.set('7#3/seal/proven/1', rowOf({ kind: 'pack.seal', key: '7#3/seal/proven/1', outcome: 'proven' }, { id: null }))
  return story
}

function withRuns(runs: readonly RunFacts[], evidence: readonly EvidenceRow[] = []): typeof FULL {
  return { ...FULL, evidence, runs: new Map(runs.map((run) => [run.id, run])) }
}

const runOfKey = (story: Story, key: string): number => story.rows.get(`7#3/rollout/1/prod/${key}`)?.outcome?.id ?? -1
const dispatches = (story: Story) => story.effects('workflow.dispatch').filter(({ workflow }) => workflow === 'deploy.yml')
const stage = (story: Story) => story.data.rollout?.stage

/** A canary that went bad, and the run that takes it home is started. */
function goingHome(): Story {
  const story = at(BAKING)
  story.now = NOW + 4_000
  story.tick(samplesOf(NOW, story.now, { share: 0.3, rate: 100 }))
  expect(stage(story)).toBe('withdrawing')
  story.carryOut()
  return story
}

test('the whole ramp: each step is dispatched with its percent, and the signed answer of that run is the word that the traffic moved', () => {
  const story = at({ digests: null })
  for (const step of [10, 50, 100]) {
    for (let turn = 0; turn < 2; turn++) {
      story.look(FULL)
      story.carryOut()
    }
    expect(dispatches(story).at(-1)?.inputs).toMatchObject({ step: String(step), environment: 'prod', version: 'v2.0.0' })
    expect(stage(story)).toBe('deploying')
    const evidence = [deployedRow(runOfKey(story, `${step}/run`), { step })]
    story.look({ ...FULL, evidence })
    expect(story.data.rollout).toMatchObject({ step, stage: 'baking', shiftedAt: story.now })
    const from = story.data.rollout?.startedAt ?? 0
    story.now += 6_000
    story.look({ ...FULL, evidence }, samplesOf(from, story.now))
  }
  expect(stage(story)).toBe('done')
  expect(story.effects('weight.set')).toEqual([])
})

test.each([
  ['another percent', { step: 100 }],
  ['the withdrawal', { event: 'withdrawn' as const }],
])('an answer that states %s moves nothing on', (_, over) => {
  const story = at({ digests: null })
  for (let turn = 0; turn < 2; turn++) {
    story.look(FULL)
    story.carryOut()
  }
  story.look({ ...FULL, evidence: [deployedRow(runOfKey(story, '10/run'), { step: 10, ...over })] })
  expect(stage(story)).toBe('deploying')
})

describe('the way back', () => {
  test('is wanted at once, in the very look that sees the breach, whoever answers or not', () => {
    const story = at(BAKING)
    story.now = NOW + 4_000
    story.tick(samplesOf(NOW, story.now, { share: 0.3, rate: 100 }))
    expect(dispatches(story)).toMatchObject([
      { key: '7#3/rollout/1/prod/withdraw/1', inputs: { step: '0', environment: 'prod', digests: JSON.stringify(DIGESTS) } },
    ])
    expect(story.record.state).toBe('rolling_back')
  })

  test.each(['withdrawn', 'deployed'] as const)('is over when that run says, signed, that it serves 0 percent (%s)', (event) => {
    const story = goingHome()
    const run = runOfKey(story, 'withdraw/1')
    story.look(withRuns([runOf(run, { status: 'in_progress', conclusion: null })]))
    expect(stage(story)).toBe('withdrawing')
    for (const wrong of [
      deployedRow(run + 1, { step: 0, event }),
      deployedRow(run, { step: 10 }),
      deployedRow(run, { step: 0, event, environment: 'stage' }),
    ]) {
      story.look(withRuns([runOf(run, { status: 'in_progress', conclusion: null })], [wrong]))
      expect(stage(story)).toBe('withdrawing')
    }
    story.tick()
    expect(stage(story)).toBe('withdrawing')
    story.look(withRuns([runOf(run)], [deployedRow(run, { step: 0, event })]))
    expect(stage(story)).toBe('withdrawn')
    expect(story.record.state).toBe('rolled_back')
    expect(dispatches(story)).toHaveLength(1)
  })

  test('is said once more when a process that slept may have woken', () => {
    const story = goingHome()
    const run = runOfKey(story, 'withdraw/1')
    const full = withRuns([runOf(run)], [deployedRow(run, { step: 0 })])
    story.look(full)
    story.now += SETTINGS.leaseMs + 1_000
    story.look(full)
    expect(dispatches(story).map(({ key, inputs }) => [key.replace('7#3/rollout/1/prod/', ''), inputs['step']])).toEqual([
      ['withdraw/1', '0'],
      ['stay-home', '0'],
    ])
  })

  test('a run that fails, or ends without a word that is believed, is started again, five times; then a person is told what to do', () => {
    const story = goingHome()
    const runs: RunFacts[] = []
    for (let attempt = 1; attempt <= 5; attempt++) {
      const id = runOfKey(story, `withdraw/${attempt}`)
      runs.push(runOf(id, { conclusion: attempt % 2 === 1 ? 'failure' : 'success' }))
      story.look(withRuns(runs))
      story.carryOut((effect) => effect.kind !== 'workflow.dispatch')
    }
    expect(dispatches(story)).toHaveLength(5)
    expect(stage(story)).toBe('withdrawing')
    expect(story.data.sentence).toMatch(/^Roll back: .* was started 5 times .* take it back by hand, then re-run its last run\.$/)
    const last = runOfKey(story, 'withdraw/5')
    story.look(withRuns(runs, [deployedRow(last, { step: 0 })]))
    expect(stage(story)).toBe('withdrawn')
  })

  test('a step that answers too late goes home as well', () => {
    const story = at({ digests: null })
    story.look(FULL)
    story.carryOut()
    story.look(FULL)
    story.now += 90_000
    story.tick()
    expect(stage(story)).toBe('withdrawing')
    expect(dispatches(story).at(-1)?.inputs['step']).toBe('0')
  })
})
