import { expect, test, vi } from 'vitest'
import { NO_SPANS, type Spans, type ToldSpan } from '../../../agents/spans.ts'
import type { Change, Effect, EffectPort, ReleaseState } from '../../../app/release/ports.ts'
import { telling, traced } from '../../../app/telemetry/tracing.ts'
import { traceOf } from '../../../evidence/model/trace.ts'
import { link } from '../../../evidence/ledger/chain.ts'
import { KEY, recordOf, REPOSITORY, TRACE } from '../../support/release.ts'

const LOG = { info() {}, warn() {}, error() {} }
const TELLER = { env: null, tenant: null }
const EFFECT: Effect = { kind: 'weight.read', key: `${KEY}/rollout/0/read`, router: 'proxy', environment: 'prod' }
const opened = link(null, { release: KEY, at: '2026-01-01T00:00:00.000Z', type: 'opened', data: {} })
const ended = link(opened, { release: KEY, at: '2026-01-01T00:01:00.000Z', type: 'state', data: { from: 'proving', to: 'abandoned', why: 'closed' } })

interface Recorded extends Spans {
  readonly within_: string[]
  readonly told: (readonly [string, readonly ToldSpan[]])[]
}

function recording(): Recorded {
  const [within_, told]: [string[], Recorded['told']] = [[], []]
  return {
    ...NO_SPANS,
    within_,
    told,
    within(trace, name, attributes, work) {
      within_.push(`${trace} ${name} ${String(attributes['key'])}`)
      return work({ set: () => undefined, note: () => undefined })
    },
    tell: (trace, spans) => void told.push([trace, spans]),
  }
}

test('each effect is a span of its release’s trace; its outcome and its error come through', async () => {
  const spans = recording()
  const port: EffectPort = { perform: async () => ({ id: 5 }), find: async () => ({ id: 6 }) }
  const effects = traced(port, spans)
  expect(await effects.perform(REPOSITORY, EFFECT, async () => {})).toEqual({ id: 5 })
  expect(await effects.find(REPOSITORY, EFFECT)).toEqual({ id: 6 })
  expect(spans.within_).toEqual([`${traceOf(KEY)} effect weight.read ${EFFECT.key}`])
  const broken = traced({ ...port, perform: () => Promise.reject(new Error('away')) }, spans)
  await expect(broken.perform(REPOSITORY, EFFECT, async () => {})).rejects.toThrow('away')
})

function change(state: ReleaseState, type = 'state'): Change {
  return {
    release: recordOf({ state }),
    expected: 1,
    lease: { key: 'l', owner: 'o', fence: 1 },
    intents: [],
    events: [{ type, data: {} }],
    verdicts: [],
  }
}

test('a release that has just ended is told of, once, from its whole ledger', async () => {
  const spans = recording()
  const observer = telling(spans, { ledger: async () => [opened, ended] }, LOG, TELLER)
  observer.committed(change('ready'))
  observer.committed(change('abandoned', 'order'))
  observer.committed(change('abandoned'))
  await vi.waitFor(() => expect(spans.told).toHaveLength(1))
  expect(spans.told.map(([trace, all]) => [trace, all.map(({ name }) => name)])).toEqual([[TRACE, ['release v2.0.0', 'state proving']]])
})

test('a store that is away is told of in the log', async () => {
  const warn = vi.fn<(fields: object, message: string) => void>()
  telling(recording(), { ledger: () => Promise.reject(new Error('away')) }, { ...LOG, warn }, TELLER).committed(change('ga'))
  await vi.waitFor(() => expect(warn).toHaveBeenCalledOnce())
})
