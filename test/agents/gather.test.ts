import { expect, test } from 'vitest'
import { gather, type Part } from '../../agents/gather.ts'
import { AGENTS } from '../../agents/index.ts'
import { sha256 } from '../../evidence/core/digest.ts'
import type { Handover } from '../../evidence/model/handover.ts'

const P0 = AGENTS.filter(({ phase }) => phase.includes('P0'))
const NOW = 1_768_478_400_000

type Response = Handover['responses'][number]

function response(name: string, inputs: Response['inputs'] = []): Response {
  const agent = AGENTS.find((one) => one.name === name)
  return {
    schema_version: 1,
    topic: agent?.topic ?? name,
    agent: { id: agent?.id ?? 'own', name, version: 1 },
    response: {
      phase: 'P0',
      agent: agent?.id ?? 'own',
      result: 'ok',
      artifacts: [],
      links: { prs: [], runs: [], dashboards: [], releases: [] },
      verdicts: [],
      notes: 'looked',
      next: 'Nothing to do.',
      trace_id: '0'.repeat(32),
    },
    findings: [],
    inputs,
    made_at: '2026-11-22T12:00:00.000Z',
  }
}

function part(responses: readonly Response[], files: Readonly<Record<string, string>> = {}): Part {
  const entries = Object.entries(files).map(([path, text]) => [path, Buffer.from(text)] as const)
  const handover: Handover = {
    schema_version: 1,
    phase: 'P0',
    responses: [...responses],
    self_tests: [],
    deployments: [],
    files: entries.map(([path, bytes]) => ({ path, sha256: sha256(bytes), size: bytes.length })),
  }
  return { handover, files: new Map(entries) }
}

const seen = (kind: string, text: string) => ({ kind, sha256: sha256(text) })
const all = P0.map(({ name }) => response(name))
const [first, ...others] = all
const whole = (...parts: readonly Part[]) => gather(parts, { phase: 'P0', now: NOW })

test('parts say together what one job says: every answer, every file once, receipts of every gate', () => {
  const { handover, files } = whole(
    part([first ?? response('x')], { 'b.json': '1', 'same.json': '2' }),
    part(others, { 'a.json': '3', 'same.json': '2' }),
  )
  expect(handover.responses).toEqual(all)
  expect([...files.keys()]).toEqual(['a.json', 'b.json', 'same.json'])
  expect(handover.files.map(({ path }) => path)).toEqual(['a.json', 'b.json', 'same.json'])
  expect(handover.self_tests.map(({ gate }) => gate)).toEqual(['policy_ci', 'hardening', 'supply_chain', 'all_required_gates'])
})

test('agents of the adopter come along, each with a record of its own', () => {
  const own = [response('one', [seen('own', '1')]), response('two', [seen('own', '2')])]
  expect(whole(part(all), part(own)).handover.responses).toHaveLength(all.length + 2)
})

test.each([
  ['an agent twice', [part(all), part([response('infrasec')])], 'infrasec is in two parts'],
  ['an agent in none', [part(others)], `no part ran ${first?.agent.name ?? ''}`],
  ['two looks', [part([response('infrasec', [seen('policy', '1')])]), part([response('lint-marshal', [seen('policy', '2')])])], 'no part ran'],
  ['two files of one name', [part(others, { 'a.json': '1' }), part([first ?? response('x')], { 'a.json': '2' })], 'two parts wrote different a.json'],
])('%s is no phase', (_, parts, message) => {
  expect(() => whole(...parts)).toThrow(message)
})

test('two looks at what moves are told, with those who looked', () => {
  const looking = all.map((one) =>
    one.agent.name === 'infrasec'
      ? { ...one, inputs: [seen('policy', '1')] }
      : one.agent.name === 'lint-marshal'
        ? { ...one, inputs: [seen('policy', '2')] }
        : one,
  )
  expect(() => whole(part(looking))).toThrow('parts saw different policy; put those that look at it into one part: lint-marshal, infrasec')
})

test('a part of another phase is none of this one', () => {
  expect(() => gather([part(all)], { phase: 'P1', now: NOW })).toThrow('a part is of phase P0, not P1')
})
