import { expect, test } from 'vitest'
import { answerJob } from '../../../app/release/job-gate.ts'
import type { EnvironmentLock, OutboxRow, ReleaseRecord } from '../../../app/release/ports.ts'
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
  readonly others?: readonly ReleaseRecord[]
  readonly locks?: readonly EnvironmentLock[]
}) {
  const { rows = [STEP], data = {}, run = 9, environment = null, others = [], locks = [] } = of
  const release: ReleaseRecord = recordOf({ state: 'canary' }, { rollout: rolloutOf(), rollouts: 1, ...data })
  const store = {
    releasesOf: async (id: number) => (id === 7 ? [release, ...others] : []),
    outbox: async (key: string) => (key === release.key ? rows : []),
    locks: async (id: number) => (id === 7 ? locks : []),
  }
  return answerJob(store, { repositoryId: 7, run, environment })
}

test('the run of the step that is deployed now may go on, at its own environment (T57)', async () => {
  expect(await asked({})).toMatchObject({ answer: 'approved', why: expect.stringContaining('release-conductor started this run for v2.0.0') })
  expect(await asked({ environment: 'prod' })).toMatchObject({ answer: 'approved' })
  expect(await asked({ environment: 'stage' })).toMatchObject({ answer: 'rejected', why: expect.stringContaining('started for prod') })
})

const LAST = dispatched('rollout/1/prod/100/run')
const RESTORE = dispatched('rollout/1/prod/restore/1')
const ENDED = rolloutOf({ stage: 'done', step: 100, moved: [{ step: 100, at: NOW }] })
const LOCK = { environment: 'prod', release: '7#4', version: 'v3.0.0', rollout: 1, since: NOW, fence: 2 } as const
const LATER = recordOf(
  { key: '7#4', pull: 4, version: 'v3.0.0', state: 'ga' },
  { rollout: rolloutOf({ stage: 'done', step: 100, moved: [{ step: 100, at: NOW + 1 }] }), rollouts: 1 },
)
const HELD = { from: 'canary', reason: 'the cart is empty', owner: 'dev', at: NOW } as const

test.each<[string, Parameters<typeof asked>[0], string, string]>([
  ['that nobody of ours started', { run: 10 }, 'rejected', 'did not start this run'],
  ['of a step that is over', { data: { rollout: rolloutOf({ step: 50 }) } }, 'rejected', 'the rollout is at 50 %'],
  ['of a rollout that goes back', { data: { rollout: rolloutOf({ stage: 'withdrawing' }) } }, 'rejected', 'goes back'],
  ['of a rollout that has ended', { rows: [LAST], data: { rollout: ENDED } }, 'rejected', 'has ended; what it deployed is not deployed once more'],
  ['of the version before, when that is there', { rows: [RESTORE], data: { rollout: ENDED } }, 'rejected', 'nothing takes v2.0.0 back'],
  ['of an environment that another release has', { locks: [LOCK] }, 'rejected', 'environment prod is locked by v3.0.0'],
  ['of an environment that another release served since', { others: [LATER] }, 'rejected', 'v3.0.0 has served prod since'],
  ['of a release that is held', { data: { held: HELD } }, 'wait', 'held: the cart is empty'],
  ['that brings evidence', { rows: [dispatched('evidence/P0/a/b/0', 9, { phase: 'P0' })] }, 'rejected', 'to deploy anything'],
  ['that puts a preview to sleep', { rows: [dispatched('preview/1', 9, { environment: 'prod' })] }, 'rejected', 'to deploy anything'],
  ['while the number of one of ours is not known yet', { rows: [dispatched('rollout/1/prod/10/run', null)] }, 'wait', 'not known yet'],
])('a run %s may not (T57)', async (_what, of, answer, why) => {
  expect(await asked(of)).toMatchObject({ answer, why: expect.stringContaining(why) })
})
