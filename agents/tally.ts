/** Counting findings, so that an agent's numbers and its list can never disagree: both are made from the same, capped list. */
import type { Finding } from '../evidence/model/finding.ts'

/** What one response can carry. */
const MAX_FINDINGS = 2000

/** At most as many findings as a response can carry; the last one then says how many were left out, as an error. */
export function capped(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= MAX_FINDINGS) return findings
  const left = findings.length - MAX_FINDINGS + 1
  const rest: Finding = {
    rule: 'findings.too-many',
    severity: 'error',
    message: `${left} more findings are not listed`,
    next: 'Fix those that are listed, then run again.',
  }
  return [...findings.slice(0, MAX_FINDINGS - 1), rest]
}

export function count(findings: readonly Finding[], severity: Finding['severity']): number {
  return findings.filter((finding) => finding.severity === severity).length
}
