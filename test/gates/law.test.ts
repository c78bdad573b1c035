/** The one law, over every gate: whatever is taken away, a no never becomes a yes; order changes nothing; no number that is not finite passes. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Finding } from '../../evidence/model/finding.ts'
import { Outcome } from '../../evidence/model/verdict.ts'
import { REQUIRED_FOR_MERGE } from '../../gates/all-required-gates.ts'
import { evaluate } from '../../gates/evaluate.ts'
import type { EvaluateInput } from '../../gates/evaluate.ts'
import type { Gate } from '../../gates/gate.ts'
import { GATES } from '../../gates/index.ts'
import { SPECIMEN_NOW, specimenVerdict } from '../../gates/specimen.ts'
import { type AgentGate, built, CURRENT, evaluation, healthy, others, receipt, response, unitsOf } from './case.ts'

type Path = readonly (string | number)[]

/** Paths of everything inside a value that can be taken away. */
function paths(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => {
    const here = [...at, Array.isArray(value) ? Number(key) : key]
    return [here, ...paths(member, here)]
  })
}

function without(value: unknown, [key, ...rest]: Path): unknown {
  if (Array.isArray(value))
    return rest.length === 0 ? value.filter((_one, index) => index !== key) : value.map((one, index) => (index === key ? without(one, rest) : one))
  const entries = Object.entries(value as object)
  return Object.fromEntries(
    rest.length === 0 ? entries.filter(([name]) => name !== key) : entries.map(([name, one]) => [name, name === key ? without(one, rest) : one]),
  )
}

/** What is an input: evidence, settings, digests, verdicts. Not the declaration that nothing applies, the subject, nor the clock. */
const REMOVABLE = ['evidence', 'policy', 'inputs', 'verdicts'] as const

function removals(input: EvaluateInput): { readonly path: Path; readonly input: EvaluateInput }[] {
  return REMOVABLE.flatMap((part) => paths(input[part], [part])).map((path) => ({ path, input: without(input, path) as EvaluateInput }))
}

const error: Finding = { rule: 'image.user-root', severity: 'error', path: 'Dockerfile', line: 1, message: 'm', next: 'n' }
const warning: Finding = { ...error, severity: 'warning' }

const findings = fc.array(fc.constantFrom(error, warning, { ...error, path: 'legacy/Dockerfile' }), { maxLength: 3 })
const exceptions = fc.array(
  fc.record({
    rule: fc.constantFrom('image.user-root', 'image.add-url'),
    path: fc.constantFrom('Dockerfile', 'legacy/Dockerfile'),
    owner: fc.constant('@acme/platform'),
    reason: fc.constant('vendor image'),
    until: fc.constantFrom('2026-01-14', '2026-01-15', '2026-12-31'),
  }),
  { maxLength: 3 },
)
const digest = fc.constantFrom(CURRENT.pullRequest, '9'.repeat(64))
const result = fc.constantFrom('ok', 'ok', 'ok', 'blocked', 'fail')
const opinion = fc.constantFrom('pass', 'pass', 'pass', 'fail', 'indeterminate')

/** One agent's statement: healthy, red, stale, blocked, objecting, or hiding an error. */
function statement(id: AgentGate, name: string, run: { readonly run_attempt: number; readonly sha: string }) {
  return fc.record({ findings, pullRequest: digest, result, opinion, hides: fc.constantFrom(0, 0, 1) }).map((of) => {
    const { predicate } = response(id, { findings: of.findings })
    const verdicts = predicate.response.verdicts.map((verdict) => ({
      ...verdict,
      verdict: of.opinion as 'pass',
      metrics: { ...verdict.metrics, errors: Math.max(0, (verdict.metrics['errors'] ?? 0) - of.hides) },
      reasons: of.opinion === 'pass' ? [] : [{ code: 'policy_ci.findings' as const, message: 'm', next: 'n' }],
    }))
    const inputs = [
      { kind: 'pullRequest', sha256: of.pullRequest },
      { kind: 'policy', sha256: CURRENT.policy },
    ]
    return response(id, { findings: of.findings, inputs, response: { ...predicate.response, result: of.result, verdicts } }, name, run)
  })
}

const sha = fc.constantFrom('b'.repeat(40), 'b'.repeat(40), 'b'.repeat(40), 'c'.repeat(40))

/** Whole runs, some of another commit: every agent speaks in every attempt, and so do the receipts. */
function attempts(id: AgentGate) {
  const gate = built(id)
  const shape = fc.record({
    agents: fc.integer({ min: 1, max: 2 }),
    shas: fc.array(sha, { minLength: 1, maxLength: 2 }),
    sound: fc.constantFrom(true, true, true, false),
  })
  return shape.chain(({ agents, shas, sound }) => {
    const names = ['specimen', 'other'].slice(0, agents)
    const runs = shas.map((sha, index) => ({ run_attempt: index + 1, sha }))
    return fc.tuple(...runs.flatMap((run) => names.map((name) => statement(id, name, run)))).map((statements) => [
      ...statements,
      ...runs.flatMap((run) => others(id, run)),
      ...runs.map((run) => {
        const good = receipt(gate, [...names, ...unitsOf(id).slice(1)], run)
        return sound
          ? good
          : { ...good, predicate: { ...good.predicate, cases: good.predicate.cases.map((one) => ({ ...one, got: 'green' as const })) } }
      }),
    ])
  })
}

const cases: Record<string, fc.Arbitrary<EvaluateInput>> = {
  policy_ci: attempts('policy_ci').map((evidence) => evaluation(evidence)),
  hardening: fc.tuple(attempts('hardening'), exceptions).map(([evidence, exceptions]) => evaluation(evidence, { policy: { exceptions } })),
  supply_chain: attempts('supply_chain').map((evidence) => evaluation(evidence)),
  slo: attempts('slo').map((evidence) => evaluation(evidence)),
  perf: attempts('perf').map((evidence) => evaluation(evidence)),
  preview_budget: attempts('preview_budget').map((evidence) => evaluation(evidence)),
  all_required_gates: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...REQUIRED_FOR_MERGE), fc.constantFrom('pass' as const, ...Outcome.options)), {
      selector: ([gate]) => gate,
    })
    .map((of) => evaluation([receipt(built('all_required_gates'))], { verdicts: of.map(([gate, verdict]) => specimenVerdict(gate, verdict)) })),
}

function arbitrary(id: string): fc.Arbitrary<EvaluateInput> {
  const found = cases[id]
  if (found === undefined) throw new Error(`${id} has no arbitrary input: add one`)
  return found
}

function shuffled<One>(list: readonly One[]) {
  return fc.shuffledSubarray([...list], { minLength: list.length })
}

/** Paths whose removal makes a yes of a no; must be empty. */
function turned(gate: Gate, input: EvaluateInput, picks: readonly number[]): string[] {
  if (HOLDS.includes(evaluate(gate, input).verdict)) return []
  const all = removals(input).filter((removal) => admissible(removal.path, input))
  const picked = picks.flatMap((pick) => all[pick % Math.max(1, all.length)] ?? [])
  return picked.filter((removal) => HOLDS.includes(evaluate(gate, removal.input).verdict)).map((removal) => removal.path.join('.'))
}

const HOLDS = ['pass', 'waived', 'not_applicable']

describe.each(GATES.map((gate) => [gate.id, gate] as const))('%s', (id, gate) => {
  test('the arbitrary inputs reach both answers', () => {
    const answers = fc.sample(arbitrary(id), { numRuns: 300, seed: 1 }).map((input) => evaluate(gate, input).verdict)
    expect(new Set(answers).has('pass')).toBe(true)
    expect(new Set(answers).size).toBeGreaterThan(1)
  })

  test('taking anything away never turns a no into a yes', () => {
    const property = fc.property(
      arbitrary(id),
      fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
      (input, picks) => turned(gate, input, picks).length === 0,
    )
    expect(fc.check(property, { numRuns: 500 })).toMatchObject({ failed: false })
  })

  test('of a healthy case, whatever is taken away, the answer rests on something or says why and what to do', () => {
    const silent = removals(healthy(id)).filter(({ input }) => {
      const { verdict, measured, reasons } = evaluate(gate, input)
      return verdict === 'pass'
        ? (measured?.n ?? 0) === 0
        : reasons.length === 0 || reasons.some((reason) => reason.message === '' || reason.next === '')
    })
    expect(silent.map((removal) => removal.path.join('.'))).toEqual([])
  })

  test('every whole part that is taken away from a healthy case makes it a no', () => {
    const input = healthy(id)
    for (const part of ['evidence', 'verdicts'] as const)
      input[part].forEach((_one, index) => expect(evaluate(gate, without(input, [part, index]) as EvaluateInput).verdict).not.toBe('pass'))
    for (const kind of gate.dependsOn) expect(evaluate(gate, without(input, ['inputs', kind]) as EvaluateInput).verdict).not.toBe('pass')
    expect(evaluate(gate, without(input, ['policy']) as EvaluateInput).verdict).not.toBe('pass')
  })

  test('the order of arrival, and arriving twice, change nothing', () => {
    fc.assert(
      fc.property(
        arbitrary(id).chain((input) => {
          return fc.tuple(fc.constant(input), shuffled(input.evidence), shuffled(input.verdicts))
        }),
        ([input, evidence, verdicts]) => {
          const expected = evaluate(gate, input)
          expect(evaluate(gate, { ...input, evidence, verdicts })).toEqual(expected)
          expect(evaluate(gate, { ...input, evidence: [...evidence, ...evidence] }).verdict).toBe(expected.verdict)
        },
      ),
      { numRuns: 150 },
    )
  })

  test('a number that is not finite never passes, wherever it stands', () => {
    const input = healthy(id)
    const numbers = REMOVABLE.flatMap((part) => paths(input[part], [part])).filter(
      (path) => typeof path.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], input) === 'number',
    )
    const passed = numbers.filter((path) =>
      [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].some((bad) =>
        HOLDS.includes(evaluate(gate, replaced(input, path, bad) as EvaluateInput).verdict),
      ),
    )
    expect(numbers.length).toBeGreaterThan(0)
    expect(passed).toEqual([])
  })

  test('decide itself never passes on a number that is not finite', () => {
    for (const planted of gate.planted().filter((one) => one.expected === 'green'))
      for (const [topic, testimonies] of planted.input.evidence) {
        const bad = testimonies.map((testimony) => {
          const verdicts = testimony.predicate.response.verdicts.map((verdict) => ({
            ...verdict,
            metrics: { ...verdict.metrics, errors: Number.NaN },
          }))
          return { ...testimony, predicate: { ...testimony.predicate, response: { ...testimony.predicate.response, verdicts } } }
        })
        expect(gate.decide({ ...planted.input, evidence: new Map([[topic, bad]]), now: SPECIMEN_NOW }).verdict).not.toBe('pass')
      }
  })
})

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by
  if (Array.isArray(value)) return value.map((one, index) => (index === key ? replaced(one, rest, by) : one))
  return Object.fromEntries(Object.entries(value as object).map(([name, one]) => [name, name === key ? replaced(one, rest, by) : one]))
}

/**
 * Taking a finding out of a list is tampering, not absence; the count beside it gives it away. Only where a statement contradicts itself already can it be
 * made to agree that way, so those paths are left out here (and `evaluate.test.ts` shows that a contradiction fails).
 */
function admissible(path: Path, input: EvaluateInput): boolean {
  if (path[0] !== 'evidence' || path[3] !== 'findings') return true
  const predicate = input.evidence[Number(path[1])]?.predicate as {
    findings: readonly Finding[]
    response: { verdicts: readonly { metrics: Record<string, number> }[] }
  }
  const errors = predicate.findings.filter((finding) => finding.severity === 'error').length
  return predicate.response.verdicts.every((verdict) => verdict.metrics['errors'] === errors)
}
