import { expect, test } from 'vitest'
import { digestOf, sha256 } from '../../evidence/core/digest.ts'
import type { Report } from '../../agents/agent.ts'
import { RecordedInput } from '../../agents/collect/inputs.ts'
import { agentByName } from '../../agents/index.ts'
import type { ListedAgent } from '../../agents/index.ts'
import { respond } from '../../agents/respond.ts'

const whole = agentByName('infrasec')
if (whole === undefined) throw new Error('no infrasec')
const none = { head: 'b'.repeat(40), at: '2026-01-15T12:00:00.000Z', images: [] }
/** As if Dockerfiles were all it needs. */
const infrasec: ListedAgent = {
  ...whole,
  needs: ['dockerfiles'],
  assess: (inputs, policy) => whole.assess({ ...inputs, registryImages: none }, policy),
}

const context = { phase: 'P0', sha: 'b'.repeat(40), traceId: '5'.repeat(32), now: 1_768_478_400_000, policy: {} } as const
const value = { head: context.sha, files: [{ path: 'Dockerfile', text: 'FROM scratch\nUSER 1\n', why: null }] }
const collected = { dockerfiles: { value } }

const as = (assess: () => Report): ListedAgent => ({ ...infrasec, assess })
const report: Report = { findings: [], measurements: [], files: [], notes: 'n', next: 'x' }
const measurement = (metrics: Record<string, number>, n: number) =>
  ({ gate: 'hardening', metrics, thresholds: { errors: '=0' }, measured: { n, window: 'w', source: 's', query: 'q' } }) as const

test('what was seen is kept, named by its digest, and the numbers name the digest of the raw data', () => {
  const { response, files } = respond(infrasec, collected, context)
  expect(response.response).toMatchObject({
    result: 'ok',
    agent: 'A8',
    verdicts: [{ gate: 'hardening', verdict: 'pass', measured: { data_digest: digestOf({ dockerfiles: value }) } }],
  })
  expect(response.inputs).toEqual([{ kind: 'dockerfiles', sha256: digestOf(value) }])
  for (const file of files)
    expect(response.response.artifacts).toContainEqual(expect.objectContaining({ path: file.path, sha256: sha256(file.bytes) }))
  const input = files.find((file) => file.path.startsWith('inputs/'))
  expect(input?.path).toBe(`inputs/${sha256(input?.bytes ?? '')}`)
  expect(RecordedInput.parse(JSON.parse(input?.bytes ?? ''))).toEqual({ kind: 'dockerfiles', value })
  expect(respond(infrasec, collected, context)).toEqual({ response, files })
})

test('a recorded input gives the same report again', () => {
  const first = respond(infrasec, collected, context)
  const file = first.files.find((one) => one.path.startsWith('inputs/'))
  const input = RecordedInput.parse(JSON.parse(file?.bytes ?? ''))
  expect(respond(infrasec, { [input.kind]: { value: input.value } }, context)).toEqual(first)
})

function opinion(metrics: Record<string, number>, n: number) {
  return respond(
    as(() => ({ ...report, measurements: [measurement(metrics, n)] })),
    collected,
    context,
  ).response.response
}

test('nothing measured is indeterminate, a broken threshold a fail, NaN neither a pass nor a crash of others', () => {
  expect(opinion({ errors: 0 }, 1).verdicts).toMatchObject([{ verdict: 'pass', reasons: [] }])
  expect(opinion({ errors: 0 }, 0).verdicts).toMatchObject([{ verdict: 'indeterminate', reasons: [{ code: 'hardening.not-measured' }] }])
  expect(opinion({ errors: 2 }, 1).verdicts).toMatchObject([{ verdict: 'fail', reasons: [{ code: 'hardening.findings' }] }])
  expect(opinion({ errors: Number.NaN }, 1)).toMatchObject({ result: 'fail', verdicts: [{ verdict: 'indeterminate' }] })
})

test('an input that is missing blocks, and the answer names what gives it', () => {
  const blocked = { dockerfiles: { blocked: { what: 'dockerfiles', why: 'no history', next: 'Fetch it.' } } }
  expect(respond(infrasec, blocked, context).response).toMatchObject({
    response: {
      result: 'blocked',
      notes: 'Without dockerfiles: no history.',
      next: 'Fetch it.',
      verdicts: [{ verdict: 'indeterminate', reasons: [{ code: 'gate.agent-not-ok' }] }],
    },
    inputs: [],
  })
  expect(respond(infrasec, {}, context).response.response.result).toBe('blocked')
})

test.each([
  [
    'throws',
    () => {
      throw new Error('boom')
    },
    'boom',
  ],
  ['writes where it never said', () => ({ ...report, files: [{ path: 'other.json', type: 'report', content: {} }] }), 'other.json'],
  ['measures for another gate', () => ({ ...report, measurements: [{ ...measurement({}, 1), gate: 'slo' }] }), 'slo'],
  ['says what no schema takes', () => ({ ...report, findings: [{ rule: 'BAD', severity: 'error', message: '', next: '' }] }), 'rule'],
] as [string, () => Report, string][])('an agent that %s fails, and keeps its inputs for whoever looks into it', (_name, assess, said) => {
  const { response, files } = respond(as(assess), collected, context)
  expect(response.response.result).toBe('fail')
  expect(response.response.notes).toContain(said)
  expect(files).toHaveLength(1)
})

test('settings come from the gates it feeds, and bad ones fail', () => {
  const lint = agentByName('lint-marshal')
  const planted = lint?.planted.find((one) => one.catches === 'unknown label' && one.expected === 'red')
  if (lint === undefined || planted === undefined) throw new Error('no plant')
  const given = Object.fromEntries(Object.entries(planted.inputs).map(([kind, value]) => [kind, { value }]))
  const errors = (policy: Record<string, unknown>) => respond(lint, given, { ...context, policy }).response
  expect(errors({}).findings.map((finding) => finding.rule)).toContain('label.unknown')
  expect(errors({ policy_ci: { labels: ['type:feature'] }, hardening: { labels: [] } }).findings.map((finding) => finding.rule)).toEqual([])
  expect(errors({ policy_ci: { labels: 5 } }).response.result).toBe('fail')
})
