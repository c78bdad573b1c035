/** Makes planted input of a gate of several topics: a healthy statement on each, with one thing changed. Pure. */
import type { Exception } from '../evidence/model/config/exceptions.ts'
import type { Finding } from '../evidence/model/finding.ts'
import type { GateId, Phase } from '../evidence/model/phases.ts'
import type { Planted } from './gate.ts'
import { specimen, SPECIMEN_BUDGETS, SPECIMEN_NOW } from './specimen.ts'

export interface Healthy<Policy> {
  readonly gate: GateId
  readonly phase: Phase
  /** By topic: what a healthy statement counts. */
  readonly numbers: Readonly<Record<string, Readonly<Record<string, number>>>>
  policy(exceptions: Exception[]): Policy
}

export interface Change {
  readonly topic: string
  readonly findings?: readonly Finding[]
  /** Undefined: not stated. */
  readonly metrics?: Readonly<Record<string, number | undefined>>
  readonly n?: number
  /** Last day of an exception for every finding. */
  readonly until?: string
  /** Of the exceptions; default: that of the finding. */
  readonly path?: string
}

export function planter<Policy>(healthy: Healthy<Policy>): (name: string, expected: 'red' | 'green', change?: Change) => Planted<Policy> {
  return (name, expected, change) => {
    const evidence = Object.entries(healthy.numbers).map(([topic, numbers]) => {
      const { findings = [], metrics = {}, n = 3 } = change?.topic === topic ? change : {}
      const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length
      const stated = Object.entries({ ...numbers, errors: count('error'), warnings: count('warning'), ...metrics })
      const finite = Object.fromEntries(stated.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])))
      const { gate, phase } = healthy
      return [topic, [specimen({ gate, topic, phase, metrics: finite, thresholds: {}, n, findings })]] as const
    })
    const policy = healthy.policy(exceptionsOf(change))
    return { name, expected, input: { evidence: new Map(evidence), verdicts: [], policy, budgets: SPECIMEN_BUDGETS, now: SPECIMEN_NOW } }
  }
}

function exceptionsOf(change: Change | undefined): Exception[] {
  const { until, findings = [] } = change ?? {}
  if (until === undefined) return []
  return findings.map(({ rule, path, subject }) => ({
    rule,
    path: change?.path ?? path,
    subject,
    owner: '@specimen/platform',
    reason: 'somebody answers for it',
    until,
  }))
}
