import { z } from 'zod'
import { parseConfig } from '../../evidence/config/parse.ts'
import { SupplyChainPolicy } from '../../evidence/model/config/supply-chain.ts'
import type { Finding } from '../../evidence/model/finding.ts'
import type { Inventory } from '../../evidence/sbom/inventory.ts'
import { agent } from '../agent.ts'
import { capped, count } from '../tally.ts'
import { judgeArtifacts } from './supply-chain-lead.artifacts.ts'
import { difference, type Known } from './supply-chain-lead.difference.ts'
import { planted } from './supply-chain-lead.faults.ts'
import { partsBefore, partsOf } from './supply-chain-lead.parts.ts'
import { scansOf } from './supply-chain-lead.records.ts'
import { isSame } from './supply-chain-lead.same.ts'

export const supplyChainLead = agent({
  id: 'A15',
  name: 'supply-chain-lead',
  phase: ['P0'],
  gate: ['supply_chain'],
  topic: 'supply-chain',
  question: 'Is it known what this release is made of, who built it, under which licences, and which vulnerabilities it adds?',
  why: 'What nobody has listed, nobody can mend; and what anybody may have built, anybody may have changed.',
  version: 3,
  needs: ['lockfiles', 'vulnerabilityReports', 'attestations', 'policy'],
  writes: ['sbom/*.spdx.json', 'sbom/*.cdx.json', 'supply_chain/vuln_diff.json'],
  policy: z.object({}),
  assess({ lockfiles, vulnerabilityReports: reports, attestations, policy: file }) {
    const policy = settingsOf(file.text)
    const at = Date.parse(reports.at)
    const { head, base } = lockfiles
    const parts = partsOf(lockfiles, policy, reports.at)
    const before = partsBefore(lockfiles, parts.inventories)
    const artifacts = judgeArtifacts(attestations, policy)
    const context = { at, inventories: parts.inventories, sources: attestations.sources, artifacts: artifacts.listed, policy }
    const now = scansOf(reports.head, reports.path, context)
    // A baseline is as old as the release it speaks of; whether its database was fresh then still counts.
    const then = scansOf(reports.base, reports.path, { ...context, inventories: before, sources: [base], policy: { ...policy, max_age: '36500d' } })
    const changes = difference(now.told, then.sure)
    const findings = capped([
      ...parts.findings,
      ...artifacts.findings,
      ...now.findings,
      ...baseline(then.findings),
      ...changes.added.map((one) => vulnerability(one, parts.inventories, before)),
    ])
    const added = (severity: string) => changes.added.filter((one) => one.severity === severity).length
    const metrics = {
      lockfiles: lockfiles.files.length,
      sboms: parts.files.length,
      components: parts.inventories.reduce((sum, inventory) => sum + inventory.components.length, 0),
      scans: now.scans.length,
      packages_scanned: now.scans.reduce((sum, { scan }) => sum + scan.packages, 0),
      report_hours: Math.max(0, ...now.scans.map(({ hours }) => hours)),
      new_critical: added('critical') + added('unknown'),
      new_high: added('high'),
      new_medium: added('medium'),
      new_low: added('low'),
      fixed: changes.fixed.length,
      same: changes.same.length,
      artifacts: artifacts.artifacts,
      signed: artifacts.signed,
      proven: artifacts.proven,
      errors: count(findings, 'error'),
      warnings: count(findings, 'warning'),
    }
    return {
      findings,
      measurements: [
        {
          gate: 'supply_chain',
          metrics,
          // No threshold on errors or vulnerabilities: budgets and exceptions are the gate's, so one of them is not yet a no.
          thresholds: { sboms: '>0', components: '>0', scans: '>0', packages_scanned: '>0' },
          measured: {
            n: metrics.components,
            window: `${base}..${head}`,
            source: 'git',
            query:
              [...lockfiles.files.map(({ path }) => path), reports.path, ...attestations.files.map(({ path }) => path)].join(', ').slice(0, 2000) ||
              'lock files',
          },
        },
      ],
      files: [
        ...parts.files,
        {
          path: 'supply_chain/vuln_diff.json',
          type: 'report',
          content: {
            version: 1,
            base,
            head,
            at: reports.at,
            scans: now.scans.map(({ scan }) => scan),
            before: then.scans.map(({ scan }) => scan),
            ...changes,
            metrics,
          },
        },
      ],
      notes: `${metrics.components} parts in ${metrics.lockfiles} lock files, ${metrics.scans} scans that count, ${changes.added.length} vulnerabilities more and ${metrics.fixed} fewer than before, ${metrics.proven} of ${metrics.artifacts} artifacts with provenance: ${metrics.errors} errors.`,
      next: metrics.errors === 0 ? 'Nothing to do.' : 'Do what each finding says; supply_chain/vuln_diff.json names each vulnerability.',
    }
  },
  planted,
})

/** @throws when the config cannot be used: then nobody knows what to look for */
function settingsOf(text: string): SupplyChainPolicy {
  const parsed = parseConfig(text, { supply_chain: SupplyChainPolicy })
  if (!parsed.ok) throw new Error('gates.supply_chain of the config on the base branch cannot be used')
  return SupplyChainPolicy.parse(parsed.config.gates.supply_chain ?? {})
}

/** Without a sure baseline every vulnerability counts as new: that is strict enough, and said once. */
function baseline(faults: readonly Finding[]): Finding[] {
  const [first] = faults
  if (first === undefined) return []
  const message = `The release before has no scan that counts, so every vulnerability counts as new: ${first.message}`.slice(0, 1000)
  return [{ ...first, rule: 'report.no-baseline', severity: 'warning', message, next: 'Keep the scan record of each release on the base branch.' }]
}

const WEIGHT = { critical: 'error', high: 'error', unknown: 'error', medium: 'warning', low: 'info' } as const

function vulnerability(one: Known, here: readonly Inventory[], before: readonly Inventory[]): Finding {
  const partIn = (inventories: readonly Inventory[]) => inventories.flatMap(({ components }) => components).find((part) => isSame(part, one))
  const what = one.severity === 'unknown' ? 'its severity is unknown, so it counts as critical' : one.severity
  const since = partIn(before) === undefined ? 'this release brings it in' : 'it was not known of the release before, which has the same part'
  return {
    rule: `vulnerability.new-${one.severity}`,
    severity: WEIGHT[one.severity],
    subject: `${one.id} ${partIn(here)?.purl ?? `${one.name}@${one.version}`}`.slice(0, 500),
    message: `${one.id} in ${one.name}@${one.version}: ${what}; ${since}`.slice(0, 1000),
    next: 'Update or replace the part; or grant an exception with owner, reason and end under gates.supply_chain.exceptions.',
  }
}
