/** Planted statements of the gate perf: a service that is fast and large enough, and the same with one thing wrong. Pure. */
import { PerfPolicy } from '../evidence/model/config/perf.ts'
import type { Finding } from '../evidence/model/finding.ts'
import type { Planted } from './gate.ts'
import { specimen, SPECIMEN_BUDGETS, SPECIMEN_NOW } from './specimen.ts'

const DAY = 86_400_000

function finding(rule: string): Finding {
  return { rule, severity: 'error', subject: 'specimen', message: 'specimen', next: 'specimen' }
}

const LOAD = {
  due: 200,
  answered: 200,
  spike_due: 100,
  p50_ms: 20,
  p95_ms: 500,
  p99_ms: 2000,
  error_share: 0.01,
  spike_error_share: 0.01,
  compared: 1,
}
const CAPACITY = { steps: 6, usable_steps: 4, capacity: 500, capacity_low: 480, headroom: 0.2, replicas_needed: 2 }

interface Case {
  /** Of either topic, by its name. */
  readonly findings?: readonly Finding[]
  readonly metrics?: Readonly<Record<string, number | undefined>>
  readonly n?: number
  readonly later?: number
  /** Last day of an exception for the findings. */
  readonly until?: string
  readonly without?: 'load' | 'capacity'
  /** Counts that hide the findings. */
  readonly hidden?: boolean
}

function statement(topic: 'load' | 'capacity', { findings = [], metrics = {}, n = 200, hidden = false }: Case) {
  const own = findings.filter(({ rule }) => rule.startsWith(`${topic}.`))
  const healthy: Readonly<Record<string, number>> = topic === 'load' ? LOAD : CAPACITY
  const changed = Object.entries(metrics).filter(([name]) => name in healthy)
  const stated = Object.entries({ ...healthy, errors: hidden ? 0 : own.length, warnings: 0, ...Object.fromEntries(changed) })
  const numbers = Object.fromEntries(stated.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])))
  return specimen({ gate: 'perf', topic, phase: 'P1', metrics: numbers, thresholds: { errors: '>=0' }, n, findings: own })
}

function plant(name: string, expected: 'red' | 'green', of: Case = {}): Planted<PerfPolicy> {
  const topics = (['load', 'capacity'] as const).filter((topic) => topic !== of.without)
  const evidence = new Map(topics.map((topic) => [topic, [statement(topic, of)]]))
  return {
    name,
    expected,
    input: {
      evidence,
      verdicts: [],
      policy: PerfPolicy.parse({ exceptions: exceptions(of) }),
      budgets: SPECIMEN_BUDGETS,
      now: SPECIMEN_NOW + (of.later ?? 0),
    },
  }
}

function exceptions({ findings = [], until }: Case): object[] {
  if (until === undefined) return []
  return findings.map(({ rule, subject }) => ({ rule, subject, owner: '@specimen/platform', reason: 'somebody answers for it', until }))
}

let made: readonly Planted<PerfPolicy>[] | undefined

export function plantedPerf(): readonly Planted<PerfPolicy>[] {
  made ??= plants()
  return made
}

function plants(): Planted<PerfPolicy>[] {
  return [
    plant('a load and a capacity, just within every limit', 'green'),
    plant('a p95 over its limit', 'red', { findings: [finding('load.over-limit')], metrics: { p95_ms: 501 } }),
    plant('a p95 over its limit that no finding tells', 'red', { metrics: { p95_ms: 501 } }),
    plant('a p99 over its limit that no finding tells', 'red', { metrics: { p99_ms: 2001 } }),
    plant('more errors than the limit', 'red', { metrics: { error_share: 0.011 } }),
    plant('more errors in the spike than the limit', 'red', { metrics: { spike_error_share: 0.011 } }),
    plant('a regression in the tail', 'red', { findings: [finding('load.tail-slower')] }),
    plant('the same, answered for until today', 'green', { findings: [finding('load.tail-slower')], until: '2026-01-15' }),
    plant('the same, answered for until yesterday', 'red', { findings: [finding('load.tail-slower')], until: '2026-01-14' }),
    plant('a load on another commit', 'red', { findings: [finding('load.other-commit')] }),
    plant('too few answers', 'red', { metrics: { answered: 199 } }),
    plant('no word about p99', 'red', { metrics: { p99_ms: undefined } }),
    plant('too little left at the peak', 'red', { findings: [finding('capacity.headroom')], metrics: { headroom: 0.19 } }),
    plant('too little left, and no finding tells', 'red', { metrics: { headroom: 0.19 } }),
    plant('no word about what is left', 'red', { metrics: { headroom: undefined } }),
    plant('retrograde scaling', 'red', { findings: [finding('capacity.retrograde')] }),
    plant('a capacity that was not measured', 'red', {
      findings: [finding('capacity.too-few-points')],
      metrics: { usable_steps: 3, headroom: undefined },
    }),
    plant('a count of errors that hides one', 'red', { findings: [finding('load.errors')], hidden: true }),
    plant('nothing was counted', 'red', { n: 0 }),
    plant('measured three days ago', 'green', { later: 3 * DAY }),
    plant('measured longer ago than that', 'red', { later: 3 * DAY + 1 }),
    plant('a load alone, where capacity is declared absent', 'green', { without: 'capacity' }),
    plant('a load alone that is too slow', 'red', { without: 'capacity', metrics: { p95_ms: 501 } }),
  ]
}
