/** Are the licences of these parts allowed? SPDX expressions: of an OR one side is enough, of an AND both count. https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/ */
import parse from 'spdx-expression-parse'
import type { Finding } from '../../evidence/model/finding.ts'
import type { SupplyChainPolicy } from '../../evidence/model/config/supply-chain.ts'
import type { Component } from '../../evidence/sbom/inventory.ts'

export type LicenceRule = 'ok' | 'forbidden' | 'unknown'

type Expression = parse.Info

/** @param licence as the source says it; null when it says nothing */
export function licenceRule(licence: string | null, policy: Pick<SupplyChainPolicy['licences'], 'allow' | 'deny'>): LicenceRule {
  const expression = expressionOf(licence)
  if (expression === null) return 'unknown'
  return permits(expression, policy) ? 'ok' : 'forbidden'
}

const MAX_LENGTH = 500

function expressionOf(licence: string | null): Expression | null {
  if (licence === null || licence.length > MAX_LENGTH) return null
  try {
    return parse(licence.trim())
  } catch {
    return null
  }
}

function permits(expression: Expression, policy: Pick<SupplyChainPolicy['licences'], 'allow' | 'deny'>): boolean {
  if ('conjunction' in expression) {
    const [left, right] = [permits(expression.left, policy), permits(expression.right, policy)]
    return expression.conjunction === 'or' ? left || right : left && right
  }
  const { license } = expression
  // `GPL-2.0+` and `GPL-2.0-or-later` are more than the bare id, but never less restricted: a denied id is denied with a plus.
  if (policy.deny.includes(license)) return false
  return policy.allow.length === 0 || policy.allow.includes(license)
}

const MAX_NAMED = 100

/** Parts of one source -> what their licences break. Parts that say nothing are told together: a lock file that carries no licences says nothing of all. */
export function licenceFindings(path: string, components: readonly Component[], policy: SupplyChainPolicy['licences']): Finding[] {
  const asked = components.filter((component) => !component.local && (policy.dev || component.scope !== 'dev'))
  const judged = asked.map((component) => ({ component, rule: licenceRule(component.licence, policy) }))
  const findings: Finding[] = judged
    .filter(({ rule }) => rule === 'forbidden')
    .map(({ component }) => ({
      rule: 'licence.forbidden',
      severity: 'error',
      path,
      subject: component.purl.slice(0, 500),
      message:
        `${component.name}@${component.version} has the licence ${component.licence ?? ''}, which gates.supply_chain.licences does not let in`.slice(
          0,
          1000,
        ),
      next: 'Replace it, allow the licence, or grant an exception with owner, reason and end.',
    }))
  const unknown = judged.filter(({ rule }) => rule === 'unknown').map(({ component }) => component)
  const severity = policy.allow.length > 0 ? 'error' : 'warning'
  const next = 'Ask the project for an SPDX licence id; for the time being grant an exception with owner, reason and end.'
  const silent = unknown.filter((component) => component.licence === null)
  if (silent.length > MAX_NAMED || (silent.length === asked.length && silent.length > 0))
    findings.push({
      rule: 'licence.unknown',
      severity,
      path,
      subject: path,
      message: `${silent.length} of ${asked.length} parts name no licence in ${path}`,
      next: 'Use a lock file that carries licences (npm does), or take the licences from another source; until then an allow list cannot hold.',
    })
  const each = silent.length > MAX_NAMED || silent.length === asked.length ? unknown.filter((component) => component.licence !== null) : unknown
  for (const component of each)
    findings.push({
      rule: 'licence.unknown',
      severity,
      path,
      subject: component.purl.slice(0, 500),
      message:
        `${component.name}@${component.version} ${component.licence === null ? 'names no licence' : `names the licence ${JSON.stringify(component.licence.slice(0, 100))}, which is no SPDX expression`}`.slice(
          0,
          1000,
        ),
      next,
    })
  return findings
}
