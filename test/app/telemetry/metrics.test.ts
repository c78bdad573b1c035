import { expect, test } from 'vitest'
import { createMetrics } from '../../../app/telemetry/metrics.ts'

test('commits and trace ids are labels of the info gauge only', async () => {
  const metrics = createMetrics()
  metrics.releaseInfo.set({ release: '7#12', env: 'prod', tenant: 'acme', trace_id: 'c'.repeat(32), sha: 'a'.repeat(40) }, 1)
  metrics.weight.set({ release: '7#12', env: 'prod', tenant: 'acme' }, 10)
  metrics.rollbacks.inc({ env: 'prod', tenant: 'acme', reason: 'slo_breach' })
  metrics.effects.inc({ kind: 'weight.set', result: 'done' })
  metrics.verdicts.inc({ gate: 'hardening', verdict: 'fail' })
  metrics.events.inc({ event: 'push', result: 'nothing' })
  const text = await metrics.registry.metrics()
  const withIds = text.split('\n').filter((line) => /trace_id=|sha=/.test(line))
  expect(withIds).toEqual([expect.stringMatching(/^release_conductor_release_info\{/)])
  for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) expect(line).toMatch(/^release_conductor_/)
})

test('every delivery result exists from the start, so that a rate over it is never absent', async () => {
  const text = await createMetrics().registry.metrics()
  for (const result of ['accepted', 'bad_signature', 'too_large', 'disk_full', 'duplicate', 'failed'])
    expect(text).toContain(`release_conductor_deliveries_total{result="${result}"} 0`)
})

test('two Apps in one process count apart', async () => {
  const [one, two] = [createMetrics(), createMetrics(true)]
  one.rollbacks.inc({ env: 'prod', tenant: '', reason: 'manual' })
  expect((await two.rollbacks.get()).values).toEqual([])
  expect(await two.registry.metrics()).toContain('process_resident_memory_bytes')
})
