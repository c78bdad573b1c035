/** One release, and all that was told of it on the way, by the App and by its jobs: read by the published protobuf of OpenTelemetry. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { rootSpanOf, traceOf } from '../../evidence/model/trace.ts'
import { openRelease } from '../flow/release.ts'
import { setStage } from '../flow/stage.ts'
import { otlpReceiver } from '../support/otlp.ts'
import { tool } from '../support/tools.ts'

const PYTHON = tool('python/bin/python')
/** The SDK sends what waits every five seconds. */
const BATCH_MS = 7_000

describe.skipIf(PYTHON === null)('OTLP (skipped where .ci/tools is not installed)', () => {
  test('one trace for each release: one root with the times of the ledger, and no span without its parent', async () => {
    await using receiver = await otlpReceiver(PYTHON ?? '')
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
    await using stage = await setStage({ environment, variables: environment, github: { limits: { secondary: false } } })
    const release = await openRelease(stage)
    await release.approve(await release.merged())
    await release.until('10 %', () => release.weight === 10)
    stage.shop.hosting.errors = 0.3
    expect(await release.ended()).toBe('rolled_back')
    await sleep(BATCH_MS)
    const spans = await receiver.spans()
    const trace = traceOf(`${release.repository.id}#${release.pull}`)
    expect(new Set(spans.map((span) => span.trace))).toEqual(new Set([trace]))
    expect(release.status).toContain(trace)

    const roots = spans.filter(({ parent }) => parent === '')
    expect(roots.map(({ name, span, failed }) => [name, span, failed])).toEqual([['release v2.0.0', rootSpanOf(trace), true]])
    const known = new Set(spans.map(({ span }) => span))
    expect(spans.filter(({ parent }) => parent !== '' && !known.has(parent))).toEqual([])
    expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(['release-conductor', 'release-conductor-agents']))

    const named = (name: string) => spans.filter((span) => span.name === name)
    const states = spans.filter(({ name }) => name.startsWith('state ')).toSorted((a, b) => a.start - b.start)
    expect(states.map(({ name }) => name)).toEqual(['state proving', 'state ready', 'state merged', 'state canary', 'state rolling_back'])
    for (const [at, state] of states.entries()) expect(state.end).toBe(states[at + 1]?.start ?? roots[0]?.end)
    expect(named('state rolling_back')).toMatchObject([{ failed: true }])
    const [phase] = named('phase P0')
    expect(phase).toMatchObject({ service: 'release-conductor-agents', parent: rootSpanOf(trace) })
    expect(named('agent lint-marshal')).toMatchObject([{ parent: phase?.span, attributes: { 'agent.id': 'A52', result: 'ok' } }])
    expect(named('collect commits').length).toBeGreaterThan(0)
    const looks = new Set(named('look').map(({ span }) => span))
    expect(named('effect weight.set').every(({ parent }) => looks.has(parent))).toBe(true)
    expect(named('effect weight.set').length).toBeGreaterThanOrEqual(2)
    stage.github.assertClean()
  })
})
