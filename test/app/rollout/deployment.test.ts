import { describe, expect, test } from 'vitest'
import type { FullFacts } from '../../../app/release/facts.ts'
import type { Effect, WaitingJob } from '../../../app/release/ports.ts'
import { deployedRow, fullOf, MERGED, pullOf, recordOf, rolloutOf, rowOf, samplesOf, Story } from '../../support/release.ts'

const KEY = '7#3/rollout/1/prod/10'
const GUARDED = new Set(['prod'])
/** Of the run of the step, as the story numbers it. */
const RUN = 9

/** A rollout that is about to deploy its first step. */
function begun(): Story {
  const story = new Story(recordOf({ state: 'canary' }, { rollout: rolloutOf({ digests: null }), rollouts: 1 }))
  story.rows.set('7#3/seal/proven/1', rowOf({ kind: 'pack.seal', key: '7#3/seal/proven/1', outcome: 'proven' }, { id: null }))
  return story
}

function look(story: Story, over: Partial<FullFacts> = {}): void {
  story.look(fullOf({ pull: pullOf(MERGED), guarded: GUARDED, ...over }))
}

/** Its run is started and has its number. */
function running(over: Partial<FullFacts> = {}): Story {
  const story = begun()
  look(story, over)
  story.settle(`${KEY}/run`, { id: RUN })
  return story
}

function told(story: Story, deployment: number, over: Partial<WaitingJob> = {}): void {
  look(story, { waiting: [{ run: RUN, environment: 'prod', deployment, ...over }] })
}

function adoptions(story: Story): (number | null)[] {
  return story.effects('deployment.adopt').map(({ deployment }) => deployment)
}

const ANSWER = { evidence: [deployedRow(RUN, { step: 10 })] }
const REVIEW: Effect = { kind: 'deployment.review', key: '7#3/review/9/1/prod/1', run: RUN, environment: 'prod', state: 'approved', comment: '' }

describe('where our rule protects the environment, GitHub makes the deployment of the step (T51)', () => {
  test('the App makes none, and the run is started without a number', () => {
    const story = running()
    expect(story.effects('deployment.create')).toEqual([])
    expect(story.effects('deployment.status')).toEqual([])
    expect(story.effects('workflow.dispatch')).toMatchObject([{ key: `${KEY}/run`, inputs: { deployment: '' } }])
  })

  test('the one we are told of is the step’s: its statuses are written there, and there is no second', () => {
    const story = running()
    told(story, 77)
    expect(story.effects('deployment.adopt')).toEqual([
      { kind: 'deployment.adopt', key: `${KEY}/deployment`, run: RUN, environment: 'prod', deployment: 77 },
    ])
    story.settle(`${KEY}/deployment`, { id: 77 })
    told(story, 77)
    expect(adoptions(story)).toEqual([77])
    look(story, ANSWER)
    expect(story.data.rollout?.stage).toBe('shifting')
    expect(story.effects('deployment.create')).toEqual([])
    expect(story.effects('deployment.status')).toMatchObject([{ deployment: 77, state: 'in_progress' }])
    story.carryOut()
    story.tick()
    story.now += 6_000
    const { startedAt } = story.data.rollout ?? {}
    story.look(fullOf({ pull: pullOf(MERGED), guarded: GUARDED, ...ANSWER }), samplesOf(startedAt ?? 0, story.now))
    expect(story.effects('deployment.status').map(({ deployment, state }) => [deployment, state])).toEqual([
      [77, 'in_progress'],
      [77, 'success'],
    ])
  })

  test('of a run that is tried again it is the newest', () => {
    const story = running()
    told(story, 77)
    story.settle(`${KEY}/deployment`, { id: 77 })
    told(story, 78)
    story.settle(`${KEY}/deployment/2`, { id: 78 })
    told(story, 77)
    look(story, ANSWER)
    expect(adoptions(story)).toEqual([77, 78])
    expect(story.effects('deployment.status')).toMatchObject([{ deployment: 78 }])
  })

  test.each([
    ['another run', { run: 10 }],
    ['another environment', { environment: 'stage' }],
  ])('a job of %s brings none', (_what, over) => {
    const story = running()
    told(story, 77, over)
    expect(adoptions(story)).toEqual([])
  })

  test('when nobody told and a job waited, what links to the run is looked for; whether our answer was heard does not matter', () => {
    for (const heard of [0, 1]) {
      const story = running()
      story.rows.set(REVIEW.key, rowOf(REVIEW, { id: null, data: { heard } }))
      look(story)
      expect(adoptions(story)).toEqual([])
      look(story, ANSWER)
      expect(adoptions(story)).toEqual([null])
      expect(story.effects('deployment.create')).toEqual([])
      look(story, ANSWER)
      expect(adoptions(story)).toEqual([null])
    }
  })

  test('when no job of the run waited there, GitHub has made none, and the App makes it after all', () => {
    const story = running()
    look(story, ANSWER)
    expect(adoptions(story)).toEqual([])
    expect(story.effects('deployment.create')).toMatchObject([{ key: `${KEY}/deployment`, environment: 'prod', payload: { percent: 10 } }])
  })
})

describe('who makes it is decided once for each step (T51)', () => {
  test('a rule that is taken off after the run was started changes nothing', () => {
    const story = running()
    look(story, { guarded: new Set() })
    expect(story.effects('deployment.create')).toEqual([])
    look(story, { guarded: new Set(), waiting: [{ run: RUN, environment: 'prod', deployment: 77 }] })
    expect(adoptions(story)).toEqual([77])
  })

  test('a rule that comes after the App made one changes nothing', () => {
    const story = begun()
    look(story, { guarded: new Set() })
    story.settle(`${KEY}/deployment`, { id: 70 })
    look(story)
    story.settle(`${KEY}/run`, { id: RUN })
    told(story, 77)
    look(story, ANSWER)
    expect(adoptions(story)).toEqual([])
    expect(story.effects('deployment.status')).toMatchObject([{ deployment: 70, state: 'in_progress' }])
    expect(story.effects('workflow.dispatch')).toMatchObject([{ inputs: { deployment: '70' } }])
  })

  test('is a question to GitHub: a look at the traffic alone begins no deployment', () => {
    const story = begun()
    story.tick()
    expect([...story.effects('deployment.create'), ...story.effects('workflow.dispatch')]).toEqual([])
  })
})
