import { expect, test } from 'vitest'
import type { Change, ReleaseRecord } from '../../../app/release/ports.ts'
import { counting } from '../../../app/telemetry/counting.ts'
import { createMetrics } from '../../../app/telemetry/metrics.ts'
import { HEAD, NOW, OTHER_HEAD, recordOf, rolloutOf, TRACE, verdictOf } from '../../support/release.ts'

function change(release: ReleaseRecord, over: Partial<Change> = {}): Change {
  return { release, expected: null, lease: { key: 'l', owner: 'o', fence: 1 }, intents: [], events: [], verdicts: [], ...over }
}

async function lines(metrics: ReturnType<typeof createMetrics>, name: string): Promise<string[]> {
  const text = await metrics.registry.metrics()
  return text.split('\n').filter((line) => line.startsWith(`release_conductor_${name}`))
}

test('which commit and trace a release is: one series, replaced when it moves', async () => {
  const metrics = createMetrics()
  const counts = counting(metrics, { env: 'stage', tenant: 'pilot' })
  counts.seen(recordOf({ revision: 1 }))
  expect(await lines(metrics, 'release_info')).toEqual([
    `release_conductor_release_info{repository="acme/shop",release="v2.0.0",env="stage",tenant="pilot",trace_id="${TRACE}",sha="${HEAD}"} 1`,
  ])
  counts.seen(recordOf({ revision: 3, head: OTHER_HEAD }))
  counts.seen(recordOf({ revision: 2 }))
  expect(await lines(metrics, 'release_info')).toEqual([
    `release_conductor_release_info{repository="acme/shop",release="v2.0.0",env="stage",tenant="pilot",trace_id="${TRACE}",sha="${OTHER_HEAD}"} 1`,
  ])
})

test.each([
  ['before the first shift', { stage: 'deploying' as const }, 0],
  ['at a step', { stage: 'baking' as const, startedAt: NOW, shiftedAt: NOW }, 10],
  ['while the next step is deployed', { stage: 'deploying' as const, step: 50, startedAt: NOW, shiftedAt: null }, 10],
  ['withdrawn', { stage: 'withdrawn' as const, step: 50, startedAt: NOW, shiftedAt: NOW }, 0],
])('the weight %s', async (_, rollout, percent) => {
  const metrics = createMetrics()
  const counts = counting(metrics, { env: null, tenant: null })
  const record = recordOf({}, { rollout: rolloutOf(rollout) })
  counts.seen(record)
  const weight = async (): Promise<string[]> => await lines(metrics, 'rollout_weight_percent')
  expect(await weight()).toEqual([
    `release_conductor_rollout_weight_percent{repository="acme/shop",release="v2.0.0",env="prod",tenant=""} ${percent}`,
  ])
  counts.home(record)
  expect(await weight()).toEqual(['release_conductor_rollout_weight_percent{repository="acme/shop",release="v2.0.0",env="prod",tenant=""} 0'])
})

test('a release that goes back is told as long as it does', async () => {
  const metrics = createMetrics()
  const counts = counting(metrics, { env: null, tenant: null })
  const told: string[][] = []
  for (const [revision, state] of (['canary', 'rolling_back', 'rolled_back'] as const).entries()) {
    counts.seen(recordOf({ revision: revision + 1, state }, { rollout: rolloutOf() }))
    told.push(await lines(metrics, 'rolling_back'))
  }
  const series = 'release_conductor_rolling_back{repository="acme/shop",release="v2.0.0",env="prod",tenant=""}'
  expect(told).toEqual([[`${series} 0`], [`${series} 1`], [`${series} 0`]])
})

const says = (verdict: 'pass' | 'fail'): Partial<Change> => ({
  verdicts: [{ gate: 'policy_ci', verdict: verdictOf('policy_ci', verdict), context: null }],
})

test('rollbacks by reason, and decisions of gates when they change', async () => {
  const metrics = createMetrics()
  const counts = counting(metrics, { env: null, tenant: null })
  const record = recordOf({}, { rollout: rolloutOf() })
  counts.committed(change(record, says('pass')))
  counts.committed(change(record, says('pass')))
  counts.committed(change(record, says('fail')))
  counts.committed(
    change(record, {
      events: [
        { type: 'rollback', data: { code: 'slo_breach' } },
        { type: 'state', data: {} },
        { type: 'rollback', data: {} },
      ],
    }),
  )
  expect(await lines(metrics, 'gate_verdicts_total')).toEqual([
    'release_conductor_gate_verdicts_total{gate="policy_ci",verdict="pass"} 1',
    'release_conductor_gate_verdicts_total{gate="policy_ci",verdict="fail"} 1',
  ])
  expect(await lines(metrics, 'rollbacks_total')).toEqual([
    'release_conductor_rollbacks_total{env="prod",tenant="",reason="slo_breach"} 1',
    'release_conductor_rollbacks_total{env="prod",tenant="",reason="unknown"} 1',
  ])
})
