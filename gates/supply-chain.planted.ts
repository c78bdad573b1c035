/** Planted statements of the gate supply_chain: one healthy release, and the same with one thing wrong. Pure. */
import { SupplyChainPolicy } from '../evidence/model/config/supply-chain.ts'
import type { Finding } from '../evidence/model/finding.ts'
import type { Planted } from './gate.ts'
import { specimen, SPECIMEN_BUDGETS, SPECIMEN_NOW } from './specimen.ts'

const HOUR = 3_600_000
const SUBJECT = 'CVE-2026-0001 pkg:npm/specimen@1.0.0'

function finding(rule: string, severity: Finding['severity'] = 'error'): Finding {
  return { rule, severity, subject: SUBJECT, message: 'specimen', next: 'specimen' }
}

const HEALTHY = {
  lockfiles: 1,
  sboms: 2,
  components: 12,
  scans: 1,
  packages_scanned: 12,
  report_hours: 2,
  new_critical: 0,
  new_high: 0,
  new_medium: 0,
  new_low: 0,
  artifacts: 1,
  signed: 1,
  proven: 1,
}

interface Case {
  readonly findings?: readonly Finding[]
  /** Undefined: not stated. */
  readonly metrics?: Readonly<Record<string, number | undefined>>
  readonly n?: number
  /** Findings about registries, and what is counted of them. */
  readonly registry?: readonly Finding[]
  readonly counted?: Readonly<Record<string, number>>
  /** Last day of an exception for every finding about {@link SUBJECT}. */
  readonly until?: string
  readonly later?: number
}

function plant(name: string, expected: 'red' | 'green', of: Case = {}): Planted<SupplyChainPolicy> {
  const { findings = [], n = 12, until, later = 0 } = of
  const stated = Object.entries({
    ...HEALTHY,
    errors: findings.filter((each) => each.severity === 'error').length,
    warnings: findings.filter((each) => each.severity === 'warning').length,
    ...of.metrics,
  })
  const metrics = Object.fromEntries(stated.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])))
  const testimony = specimen({ gate: 'supply_chain', topic: 'supply-chain', phase: 'P0', metrics, thresholds: { sboms: '>0' }, n, findings })
  const rules = until === undefined ? [] : [...new Set([...findings, ...(of.registry ?? [])].map((each) => each.rule))]
  const exceptions = rules.map((rule) => ({ rule, subject: SUBJECT, owner: '@specimen/platform', reason: 'no fix yet', until: until ?? '' }))
  const policy = SupplyChainPolicy.parse({ exceptions })
  const { registry = [] } = of
  const counted = { repositories: 1, errors: registry.length, warnings: 0, ...of.counted }
  const held = specimen({ gate: 'supply_chain', topic: 'registry', phase: 'P0', metrics: counted, thresholds: {}, n: 1, findings: registry })
  const evidence = new Map([
    ['supply-chain', [testimony]],
    ['registry', [held]],
  ])
  const input = { evidence, verdicts: [], policy, budgets: SPECIMEN_BUDGETS, now: SPECIMEN_NOW + later }
  return { name, expected, input }
}

/** Made once: each evaluation of the gate holds its receipt against this list. */
let made: readonly Planted<SupplyChainPolicy>[] | undefined

export function plantedSupplyChain(): readonly Planted<SupplyChainPolicy>[] {
  made ??= plants()
  return made
}

function plants(): Planted<SupplyChainPolicy>[] {
  const critical = { findings: [finding('vulnerability.new-critical')], metrics: { new_critical: 1 } }
  const mediums = (count: number) => ({
    findings: Array.from({ length: count }, () => finding('vulnerability.new-medium', 'warning')),
    metrics: { new_medium: count },
  })
  return [
    plant('a release that adds nothing bad', 'green'),
    plant('a new critical vulnerability', 'red', critical),
    plant('a new critical with an exception on its last day', 'green', { ...critical, until: '2026-01-15' }),
    plant('a new critical with an exception that ended yesterday', 'red', { ...critical, until: '2026-01-14' }),
    plant('a new vulnerability of unknown severity', 'red', { findings: [finding('vulnerability.new-unknown')], metrics: { new_critical: 1 } }),
    plant('as many medium ones as the budget allows', 'green', mediums(5)),
    plant('one medium more than the budget allows', 'red', mediums(6)),
    plant('a number that hides a critical', 'red', { ...critical, metrics: { new_critical: 0 } }),
    plant('a count of errors that hides one', 'red', { findings: [finding('licence.forbidden')], metrics: { errors: 0 } }),
    plant('a forbidden licence', 'red', { findings: [finding('licence.forbidden')] }),
    plant('a forbidden licence with an exception', 'green', { findings: [finding('licence.forbidden')], until: '2026-12-31' }),
    plant('a lock file that disagrees', 'red', { findings: [finding('lock.disagrees')] }),
    plant('a lock file that nobody reads', 'red', { findings: [finding('lock.unsupported')] }),
    plant('a lock file that nobody reads, with an exception', 'green', { findings: [finding('lock.unsupported')], until: '2026-12-31' }),
    plant('a lock file that nobody reads, with an exception that ended yesterday', 'red', {
      findings: [finding('lock.unsupported')],
      until: '2026-01-14',
    }),
    plant('a missing SBOM', 'red', { findings: [finding('sbom.missing')], metrics: { sboms: 0 } }),
    plant('a signature by another identity', 'red', { findings: [finding('artifact.other-identity')], metrics: { signed: 0, proven: 0 } }),
    plant('an artifact without proof, and no finding about it', 'red', { metrics: { proven: 0 } }),
    plant('a report that does not count', 'red', { findings: [finding('report.empty')], metrics: { scans: 0 } }),
    plant('a report on its last hour', 'green', { later: 166 * HOUR }),
    plant('a report that grew old while it waited', 'red', { later: 166 * HOUR + 1 }),
    plant('no number of artifacts', 'red', { metrics: { artifacts: undefined } }),
    plant('a tag that moved', 'red', { registry: [finding('registry.moved-tag')] }),
    plant('a tag that moved, with an exception', 'green', { registry: [finding('registry.moved-tag')], until: '2026-12-31' }),
    plant('a tag that moved, and nobody counted it', 'red', { registry: [finding('registry.moved-tag')], counted: { errors: 0 } }),
    plant('no registry was looked at', 'red', { counted: { repositories: 0 } }),
    plant('no package was scanned', 'red', { metrics: { packages_scanned: 0 } }),
    plant('nothing is listed', 'red', { n: 0, metrics: { components: 0 } }),
  ]
}
