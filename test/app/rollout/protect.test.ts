import { describe, expect, test } from 'vitest'
import { Draft } from '../../../app/release/draft.ts'
import type { FullFacts } from '../../../app/release/facts.ts'
import type { Effect, EnvironmentLock, OutboxRow } from '../../../app/release/ports.ts'
import type { ReleaseData } from '../../../app/release/state.ts'
import { reviewJobs } from '../../../app/rollout/protect.ts'
import { factsOf, fullOf, HEAD, MERGED, NOW, pullOf, recordOf, rolloutOf, rowOf } from '../../support/release.ts'
import { runOf } from '../../support/release-ports.ts'

type Review = Extract<Effect, { kind: 'deployment.review' }>

function dispatched(path: string, id = 9, inputs: Readonly<Record<string, string>> = { environment: 'prod', plan: 'a'.repeat(32) }): OutboxRow {
  return rowOf({ kind: 'workflow.dispatch', key: `7#3/${path}`, workflow: 'deploy.yml', ref: 'main', inputs }, { id })
}

const STEP = dispatched('rollout/1/prod/10/run')

function asked(of: {
  readonly rows?: readonly OutboxRow[]
  readonly data?: Partial<ReleaseData>
  readonly status?: string
  readonly told?: FullFacts['waiting']
  readonly servedAfter?: string
  readonly locks?: readonly EnvironmentLock[]
}): Review[] {
  const { rows = [STEP], data = {}, status = 'waiting', told = [], servedAfter = null, locks = [] } = of
  const runs = new Map(
    rows.flatMap(({ outcome }) => (outcome?.id == null ? [] : [[outcome.id, runOf(outcome.id, { status, conclusion: null })] as const])),
  )
  const full = fullOf({ pull: pullOf(MERGED), runs, waiting: told, servedAfter })
  const facts = factsOf(full, { rows, locks })
  const draft = new Draft(recordOf({ state: 'canary' }, { rollout: rolloutOf(), rollouts: 1, ...data }), facts.outbox)
  reviewJobs(draft, facts, full)
  return draft.intents.filter((effect): effect is Review => effect.kind === 'deployment.review')
}

describe('a job that waits at an environment', () => {
  test('of the run of this step is approved, bound to plan and commit', () => {
    expect(asked({})).toEqual([
      {
        kind: 'deployment.review',
        key: '7#3/review/9/1/prod/1',
        run: 9,
        environment: 'prod',
        state: 'approved',
        comment: `release-conductor started this run for v2.0.0, commit ${HEAD.slice(0, 12)}, acme/shop#3, plan ${'a'.repeat(32)}.`,
      },
    ])
  })

  test('is answered when we are told, and when we only see that it waits (T56)', () => {
    expect(asked({ status: 'in_progress', told: [{ run: 9, environment: 'prod' }] })).toMatchObject([{ state: 'approved' }])
    expect(asked({ status: 'in_progress' })).toEqual([])
    expect(asked({ told: [{ run: 10, environment: 'prod' }], status: 'in_progress' })).toEqual([])
  })

  test('is answered once; again only when GitHub had not asked before', () => {
    const told = [{ run: 9, environment: 'prod' }]
    const answer = (heard: number): OutboxRow => rowOf(asked({})[0] as Effect, { id: null, data: { heard } })
    expect(asked({ rows: [STEP, answer(1)], told })).toEqual([])
    expect(asked({ rows: [STEP, answer(0)] })).toEqual([])
    expect(asked({ rows: [STEP, answer(0)], told })).toMatchObject([{ key: '7#3/review/9/1/prod/2' }])
    expect(asked({ rows: [STEP, rowOf(asked({})[0] as Effect)], told })).toEqual([])
  })

  test('at another environment than the run was started for is rejected', () => {
    expect(asked({ told: [{ run: 9, environment: 'stage' }] })).toMatchObject([
      { environment: 'stage', state: 'rejected', comment: expect.stringContaining('started for prod') },
    ])
  })

  test.each<[string, Partial<ReleaseData>, string]>([
    ['another step', { rollout: rolloutOf({ step: 50 }) }, 'at 50 %'],
    ['a rollout that is over', { rollout: rolloutOf({ number: 2 }) }, 'is over'],
    ['a rollout that goes back', { rollout: rolloutOf({ stage: 'withdrawing' }) }, 'goes back'],
    ['a rollout that went back', { rollout: rolloutOf({ stage: 'withdrawn' }) }, 'goes back'],
    ['no rollout', { rollout: null }, 'is over'],
  ])('of %s is rejected, with why and what next (T55)', (_what, data, why) => {
    const [answer] = asked({ data })
    expect(answer).toMatchObject({ state: 'rejected' })
    expect(answer?.comment).toContain(why)
    expect(answer?.comment).toContain('Next:')
    expect(answer?.comment.length).toBeLessThanOrEqual(1024)
  })

  test('waits while somebody holds the release, and goes back however that is', () => {
    const held = { from: 'canary', reason: 'the vendor', owner: 'second', at: NOW } as const
    expect(asked({ data: { held } })).toEqual([])
    const home = dispatched('rollout/1/prod/withdraw/1')
    const data = { held, rollout: rolloutOf({ stage: 'withdrawing' }) }
    expect(asked({ rows: [home], data })).toMatchObject([{ state: 'approved' }])
  })

  test('of a way back, of the version before and of a golden path is approved', () => {
    const stages = [
      ['withdraw/2', 'withdrawing'],
      ['restore/1', 'withdrawn'],
      ['golden/1', 'withdrawn'],
    ] as const
    for (const [path, stage] of stages)
      expect([path, asked({ rows: [dispatched(`rollout/1/prod/${path}`)], data: { rollout: rolloutOf({ stage }) } })[0]?.state]).toEqual([
        path,
        'approved',
      ])
  })

  test.each(['prod', 'measuring'])('of agents, whose workflow stands on the release branch, is rejected at %s', (environment) => {
    const [answer] = asked({ rows: [dispatched('evidence/P1/111111111111/x/0', 9, { phase: 'P1' })], told: [{ run: 9, environment }] })
    expect(answer).toMatchObject({ state: 'rejected', comment: expect.stringContaining('only looks at the release') })
  })
})

describe('a run that is run again', () => {
  const rows = [dispatched('rollout/1/prod/100/run')]
  const over = rolloutOf({ stage: 'done', step: 100, moved: [{ step: 100, at: NOW }] })

  test('when its rollout has ended is rejected, weeks later as well', () => {
    const [answer] = asked({ rows, data: { rollout: over } })
    expect(answer).toMatchObject({ state: 'rejected' })
    expect(answer?.comment).toContain('the rollout of v2.0.0 to prod has ended')
    expect(answer?.comment).toContain('Next: to serve another version, promote its release')
  })

  test('waits for nobody when it only says which schema is live, and is rejected once another release has the environment', () => {
    const refused = { code: 'manual', sentence: 'Roll back.', because: 'the live schema is 9', at: NOW }
    const held = { from: 'stage', reason: 'the live schema is 9', owner: 'release-conductor', at: NOW } as const
    const data = { held, rollout: { ...over, refused } }
    expect(asked({ rows, data })).toMatchObject([{ state: 'approved' }])
    expect(asked({ rows, data, servedAfter: 'v3.0.0' })).toMatchObject([
      { state: 'rejected', comment: expect.stringContaining('v3.0.0 has served prod since') },
    ])
    const lock = { environment: 'prod', release: '7#4', version: 'v3.0.0', rollout: 1, since: NOW, fence: 2 }
    expect(asked({ rows, data, locks: [lock] })).toMatchObject([
      { state: 'rejected', comment: expect.stringContaining('environment prod is locked by v3.0.0') },
    ])
  })
})
