/** Makes the testimonies that gates plant for their self-test: complete, schema-valid, and obviously not of any real repository. Pure. */
import { digestOf } from '../evidence/core/digest.ts'
import { BudgetsConfig, TargetsConfig } from '../evidence/model/config/limits.ts'
import type { Finding } from '../evidence/model/finding.ts'
import type { GateId, Phase } from '../evidence/model/phases.ts'
import type { AgentResponsePredicate, Origin } from '../evidence/model/statement.ts'
import type { Verdict } from '../evidence/model/verdict.ts'
import { limitsOf, type Testimony } from './gate.ts'

export const SPECIMEN_SHA = 'b'.repeat(40)
/** 2026-01-15T12:00:00.000Z */
export const SPECIMEN_NOW = 1_768_478_400_000
const AT = '2026-01-15T12:00:00.000Z'
/** What a config has that says nothing about budgets and targets. */
export const SPECIMEN_BUDGETS = limitsOf({ budgets: BudgetsConfig.parse({}), targets: TargetsConfig.parse({}) })
const TRACE = '5'.repeat(32)

const ORIGIN: Origin = {
  repository: 'specimen/specimen',
  repository_id: 1,
  sha: SPECIMEN_SHA,
  ref: 'refs/heads/release/v1.0.0',
  event: 'workflow_dispatch',
  workflow: 'specimen/specimen/.github/workflows/release-conductor.yml@refs/heads/release/v1.0.0',
  signer_workflow: 'release-conductor/release-conductor/.github/workflows/conduct.yml@refs/tags/v1',
  signer_digest: 'c'.repeat(40),
  run_id: 1,
  run_attempt: 1,
  runner_environment: 'github-hosted',
}

export interface Specimen {
  readonly gate: GateId
  readonly topic: string
  readonly phase: Phase
  readonly metrics: Record<string, number>
  readonly thresholds: Record<string, string>
  readonly n: number
  readonly findings: readonly Finding[]
}

export function specimen(of: Specimen): Testimony {
  const opinion: Verdict = {
    gate: of.gate,
    env: 'all',
    sha: SPECIMEN_SHA,
    verdict: 'pass',
    metrics: of.metrics,
    thresholds: of.thresholds,
    measured: { n: of.n, window: 'specimen', source: 'specimen', query: 'specimen', data_digest: digestOf(of.findings) },
    evidence: [],
    reasons: [],
    agent: 'specimen',
    trace_id: TRACE,
    at: AT,
  }
  const predicate: AgentResponsePredicate = {
    schema_version: 1,
    topic: of.topic,
    agent: { id: 'A0', name: 'specimen', version: 1 },
    response: {
      phase: of.phase,
      agent: 'A0',
      result: 'ok',
      artifacts: [],
      links: { prs: [], runs: [], dashboards: [], releases: [] },
      verdicts: [opinion],
      notes: 'specimen',
      next: 'specimen',
      trace_id: TRACE,
    },
    findings: [...of.findings],
    inputs: [],
    origin: ORIGIN,
    made_at: AT,
  }
  return { topic: of.topic, digest: digestOf(predicate), predicate }
}

/** A verdict of another gate, for the gate over gates. */
export function specimenVerdict(gate: GateId, verdict: Verdict['verdict']): Verdict {
  const passed = verdict === 'pass'
  return {
    gate,
    env: 'all',
    sha: SPECIMEN_SHA,
    verdict,
    metrics: passed ? { errors: 0 } : {},
    thresholds: passed ? { errors: '=0' } : {},
    measured: passed ? { n: 1, window: 'specimen', source: 'specimen', query: 'specimen', data_digest: digestOf(gate) } : null,
    evidence: [],
    reasons: passed ? [] : [{ code: 'gate.evidence-absent', message: 'specimen', next: 'specimen' }],
    agent: `gate:${gate}`,
    trace_id: TRACE,
    at: AT,
  }
}
