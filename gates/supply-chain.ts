import type { Config } from '../evidence/model/config.ts'
import { SupplyChainPolicy, type SupplyChainException } from '../evidence/model/config/supply-chain.ts'
import type { Finding } from '../evidence/model/finding.ts'
import { milliseconds } from '../evidence/model/primitives.ts'
import type { ReasonCode } from '../evidence/model/reasons.ts'
import { pass } from '../evidence/model/verdict.ts'
import type { Decision, Reason } from '../evidence/model/verdict.ts'
import { gate } from './gate.ts'
import type { Testimony } from './gate.ts'
import { named, no, numbersOf, worst } from './statement.ts'
import { judgeTopics, together, type TopicRule } from './topics.ts'
import { plantedSupplyChain } from './supply-chain.planted.ts'

/** What lies in registries is judged as other topics are. */
const REGISTRY: TopicRule = {
  topic: 'registry',
  thresholds: { repositories: '>0' },
  unmeasured: {
    code: 'supply_chain.not-measured',
    message: 'No statement carries numbers about registries',
    next: 'Run phase P0 again; if the release lies in no registry, declare `not_applicable.supply_chain.registry`.',
  },
}
const REGISTRY_CODES = {
  findings: 'supply_chain.findings',
  contradiction: 'supply_chain.contradiction',
  expired: 'supply_chain.exception-expired',
  notMeasured: 'supply_chain.not-measured',
} as const

type Budget = Config['budgets']['vulnerabilities']

const HOUR = 3_600_000

const UNMEASURED: Reason = {
  code: 'supply_chain.not-measured',
  message: 'No statement carries numbers about what the release is made of',
  next: 'Run phase P0 again; if this repository installs nothing, declare `not_applicable.supply_chain`.',
}

/** A severity that nobody knows counts as the worst. */
const LEVELS = { critical: ['critical', 'unknown'], high: ['high'], medium: ['medium'] } as const
type Level = keyof typeof LEVELS

/** Family of rules -> what the gate calls it. Everything else is `findings`. */
const CODES: Readonly<Record<string, ReasonCode>> = {
  report: 'supply_chain.not-scanned',
  licence: 'supply_chain.licence',
  artifact: 'supply_chain.artifact-not-proven',
}

function thresholdsOf(budget: Budget, policy: SupplyChainPolicy): Record<string, string> {
  return {
    sboms: '>0',
    components: '>0',
    scans: '>0',
    packages_scanned: '>0',
    open_errors: '=0',
    unproven: '=0',
    new_critical: `<=${budget.new_critical}`,
    new_high: `<=${budget.new_high}`,
    new_medium: `<=${budget.new_medium}`,
    report_hours: `<=${Math.floor(milliseconds(policy.max_age) / HOUR)}`,
  }
}

function judge(testimony: Testimony, policy: SupplyChainPolicy, budget: Budget, now: number): Decision {
  const thresholds = thresholdsOf(budget, policy)
  const read = numbersOf(testimony, 'supply_chain', thresholds, { unmeasured: UNMEASURED, contradiction: 'supply_chain.contradiction' })
  if ('verdict' in read) return read
  const { opinion, errors } = read
  const { findings, made_at: madeAt } = testimony.predicate
  const today = new Date(now).toISOString().slice(0, 10)
  const granted = (finding: Finding) => policy.exceptions.filter((each) => each.rule === finding.rule && each.subject === finding.subject)
  const isOpen = (finding: Finding) => !granted(finding).some((exception) => exception.until >= today)
  const listed = (level: Level) => findings.filter((each) => LEVELS[level].some((severity) => each.rule === `vulnerability.new-${severity}`))
  const hidden = (Object.keys(LEVELS) as Level[]).filter((level) => opinion.metrics[`new_${level}`] !== listed(level).length)
  if (hidden.length > 0) {
    const message = hidden.map(
      (level) => `it states ${opinion.metrics[`new_${level}`] ?? 'no number of'} new ${level} ones but lists ${listed(level).length}`,
    )
    return no('fail', [{ code: 'supply_chain.contradiction', message: message.join('; '), next: UNMEASURED.next }], opinion, thresholds)
  }
  const over = { critical: listed('critical').filter(isOpen), high: listed('high').filter(isOpen), medium: listed('medium').filter(isOpen) }
  const open = errors.filter((finding) => !finding.rule.startsWith('vulnerability.') && isOpen(finding))
  const { artifacts = Number.NaN, proven = Number.NaN, report_hours: hours = Number.NaN } = opinion.metrics
  const metrics = {
    ...opinion.metrics,
    new_critical: over.critical.length,
    new_high: over.high.length,
    new_medium: over.medium.length,
    open_errors: open.length,
    excepted: findings.filter((finding) => granted(finding).length > 0 && !isOpen(finding)).length,
    unproven: artifacts - proven,
  }
  const reasons = [
    ...expired(findings.filter(isOpen).flatMap(granted)),
    ...budgetReasons(over, budget),
    ...familyReasons(open),
    ...staleness(now - Date.parse(madeAt) + hours * HOUR, policy),
  ]
  if (reasons.length === 0) return pass({ metrics, thresholds, measured: opinion.measured }, 'supply_chain.not-measured')
  const blind = reasons.every((reason) => reason.code === 'supply_chain.not-scanned' || reason.code === 'supply_chain.report-stale')
  const finite = Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)))
  return no(blind ? 'indeterminate' : 'fail', reasons, { metrics: finite, measured: opinion.measured }, thresholds)
}

function expired(exceptions: readonly SupplyChainException[]): Reason[] {
  return [...new Set(exceptions)].map((exception) => ({
    code: 'supply_chain.exception-expired',
    message: `The exception for ${exception.rule} of ${exception.subject} by ${exception.owner} ended on ${exception.until}`.slice(0, 1900),
    next: `Fix it, or let ${exception.owner} renew the exception.`,
  }))
}

function budgetReasons(over: Readonly<Record<Level, readonly Finding[]>>, budget: Budget): Reason[] {
  return (Object.keys(LEVELS) as Level[]).flatMap((level) => {
    const allowed = budget[`new_${level}`]
    if (over[level].length <= allowed) return []
    const message = `${over[level].length} new ${level} vulnerabilities, ${allowed} may be: ${named(over[level])}`.slice(0, 1900)
    return [{ code: 'supply_chain.over-budget' as const, message, next: over[level][0]?.next ?? 'Update the parts.' }]
  })
}

function familyReasons(open: readonly Finding[]): Reason[] {
  const families = Map.groupBy(open, (finding) => CODES[finding.rule.slice(0, finding.rule.indexOf('.'))] ?? 'supply_chain.findings')
  return [...families].map(([code, findings]) => ({ code, message: named(findings).slice(0, 1900), next: findings[0]?.next ?? 'Fix each finding.' }))
}

/** Evidence grows old while it waits. @param age of the oldest report that counts, in milliseconds */
function staleness(age: number, policy: SupplyChainPolicy): Reason[] {
  if (!(age > milliseconds(policy.max_age))) return []
  const message = `The oldest vulnerability report is ${Math.floor(age / HOUR)} hours old, ${policy.max_age} is allowed`
  return [{ code: 'supply_chain.report-stale', message, next: 'Scan again, commit report and record, and run phase P0 again.' }]
}

export const supplyChain = gate<SupplyChainPolicy>({
  id: 'supply_chain',
  phase: 'P0',
  question: 'Is the release listed, scanned, licensed and proven, and does it add no more vulnerabilities than the budget allows?',
  why: 'A release is only as good as the worst of what it is made of, and as its builder.',
  version: 2,
  reads: ['supply-chain', REGISTRY.topic],
  dependsOn: ['policy'],
  budgets: ['vulnerabilities'],
  policy: SupplyChainPolicy,
  notMeasured: 'supply_chain.not-measured',
  decide({ evidence, policy, budgets, now }) {
    const decisions: Decision[] = []
    const listed = evidence.get('supply-chain')
    if (listed !== undefined)
      decisions.push(
        worst(
          listed.map((testimony) => judge(testimony, policy, budgets.vulnerabilities, now)),
          UNMEASURED,
        ),
      )
    if (evidence.has(REGISTRY.topic))
      decisions.push(
        judgeTopics(
          { gate: 'supply_chain', rules: [REGISTRY], codes: REGISTRY_CODES, exceptions: policy.exceptions },
          { evidence: new Map([...evidence].filter(([topic]) => topic === REGISTRY.topic)), now },
        ),
      )
    return together(decisions, UNMEASURED)
  },
  planted: plantedSupplyChain,
})
