import { describe, expect, test } from 'vitest'
import { Draft } from '../../../app/release/draft.ts'
import type { FullFacts } from '../../../app/release/facts.ts'
import type { Effect, OutboxRow } from '../../../app/release/ports.ts'
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
}): Review[] {
  const { rows = [STEP], data = {}, status = 'waiting', told = [] } = of
  const runs = new Map(
    rows.flatMap(({ outcome }) => (outcome?.id == null ? [] : [[outcome.id, runOf(outcome.id, { status, conclusion: null })] as const])),
  )
  const full = fullOf({ pull: pullOf(MERGED), runs, waiting: told })
  const facts = factsOf(full, { rows })
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

  test('of a way back, of the version before, of a hook and of the agents is approved', () => {
    const data = { rollout: rolloutOf({ stage: 'withdrawn' }) }
    for (const path of ['rollout/1/prod/withdraw/2', 'rollout/1/prod/restore/1', 'rollout/1/prod/golden/1'])
      expect([path, asked({ rows: [dispatched(path)], data })[0]?.state]).toEqual([path, 'approved'])
    expect(
      asked({ rows: [dispatched('evidence/P1/111111111111/x/0', 9, { phase: 'P1' })], told: [{ run: 9, environment: 'measuring' }] }),
    ).toMatchObject([{ state: 'approved' }])
  })
})
