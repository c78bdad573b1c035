import { expect, test } from 'vitest'
import { answerJob } from '../../../app/release/job-gate.ts'
import type { OutboxRow, ReleaseRecord } from '../../../app/release/ports.ts'
import type { ReleaseData } from '../../../app/release/state.ts'
import { NOW, recordOf, rolloutOf, rowOf } from '../../support/release.ts'

function dispatched(path: string, id: number | null = 9, inputs: Readonly<Record<string, string>> = { environment: 'prod' }): OutboxRow {
  const effect = { kind: 'workflow.dispatch', key: `7#3/${path}`, workflow: 'deploy.yml', ref: 'main', inputs } as const
  return id === null ? rowOf(effect) : rowOf(effect, { id })
}

const STEP = dispatched('rollout/1/prod/10/run')

async function asked(of: {
  readonly rows?: readonly OutboxRow[]
  readonly data?: Partial<ReleaseData>
  readonly run?: number
  readonly environment?: string
}) {
  const { rows = [STEP], data = {}, run = 9, environment = null } = of
  const release: ReleaseRecord = recordOf({ state: 'canary' }, { rollout: rolloutOf(), rollouts: 1, ...data })
  const store = { releasesOf: async (id: number) => (id === 7 ? [release] : []), outbox: async () => rows }
  return answerJob(store, { repositoryId: 7, run, environment })
}

test('the run of the step that is deployed now may go on, at its own environment (T57)', async () => {
  expect(await asked({})).toMatchObject({ answer: 'approved', why: expect.stringContaining('release-conductor started this run for v2.0.0') })
  expect(await asked({ environment: 'prod' })).toMatchObject({ answer: 'approved' })
  expect(await asked({ environment: 'stage' })).toMatchObject({ answer: 'rejected', why: expect.stringContaining('started for prod') })
})

const HELD = { from: 'canary', reason: 'the cart is empty', owner: 'dev', at: NOW } as const

test.each<[string, Parameters<typeof asked>[0], string, string]>([
  ['that nobody of ours started', { run: 10 }, 'rejected', 'did not start this run'],
  ['of a step that is over', { data: { rollout: rolloutOf({ step: 50 }) } }, 'rejected', 'the rollout is at 50 %'],
  ['of a rollout that goes back', { data: { rollout: rolloutOf({ stage: 'withdrawing' }) } }, 'rejected', 'goes back'],
  ['of a release that is held', { data: { held: HELD } }, 'wait', 'held: the cart is empty'],
  ['that brings evidence', { rows: [dispatched('evidence/P0/a/b/0', 9, { phase: 'P0' })] }, 'rejected', 'to deploy anything'],
  ['that puts a preview to sleep', { rows: [dispatched('preview/1', 9, { environment: 'prod' })] }, 'rejected', 'to deploy anything'],
  ['while the number of one of ours is not known yet', { rows: [dispatched('rollout/1/prod/10/run', null)] }, 'wait', 'not known yet'],
])('a run %s may not (T57)', async (_what, of, answer, why) => {
  expect(await asked(of)).toMatchObject({ answer, why: expect.stringContaining(why) })
})
