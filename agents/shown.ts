/** Which findings people are shown where there is no place for all. Pure. */
import type { Finding } from '../evidence/model/finding.ts'

const LEVELS = ['error', 'warning', 'info'] as const

/**
 * At most so many: errors before warnings before what is only said, and within each level every rule once before any rule is shown again. So a file that
 * breaks one rule a hundred times hides nothing else. Those chosen keep their order within their level.
 */
export function shownOf<T extends Pick<Finding, 'rule' | 'severity'>>(findings: readonly T[], most: number): readonly T[] {
  const levels = LEVELS.map((level) => findings.filter(({ severity }) => severity === level))
  const chosen = new Set(levels.flatMap(inTurn).slice(0, most))
  return levels.flat().filter((finding) => chosen.has(finding))
}

function inTurn<T extends Pick<Finding, 'rule'>>(findings: readonly T[]): readonly T[] {
  const turns = new Map(
    Map.groupBy(findings, ({ rule }) => rule)
      .values()
      .flatMap((same) => same.map((finding, turn) => [finding, turn] as const)),
  )
  return findings.toSorted((a, b) => (turns.get(a) ?? 0) - (turns.get(b) ?? 0))
}
