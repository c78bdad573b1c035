/**
 * Findings on the lines that caused them, for a gate that does not hold. Pure. GitHub only ever adds annotations to a run (trap T14), so what was shown is
 * remembered, and there is an end of it: the rest stands in the evidence.
 */
import { digestOf } from '../../evidence/core/digest.ts'
import type { Config } from '../../evidence/model/config.ts'
import type { Finding } from '../../evidence/model/finding.ts'
import type { Gate } from '../../gates/gate.ts'
import type { CheckAnnotation, EvidenceRow } from './ports.ts'

/** Of one gate on one commit. */
export const MOST_ANNOTATIONS = 150

export interface Annotated {
  readonly digest: string
  readonly annotation: CheckAnnotation
}

/** Worst first, then by place. @param today ISO date, UTC: an exception that has not ended keeps its finding away */
export function annotationsOf(
  gate: Pick<Gate, 'id' | 'reads'>,
  evidence: readonly EvidenceRow[],
  config: Config | null,
  today: string,
): readonly Annotated[] {
  const findings = evidence.flatMap(({ evidence: { kind, predicate } }) =>
    kind === 'agent-response' && 'findings' in predicate && gate.reads.includes(predicate.topic) ? predicate.findings : [],
  )
  const excepted = exceptionsOf(config, gate.id)
  const placed = findings.filter((finding) => finding.path !== undefined && !excepted(finding, today))
  const all = new Map(placed.map((finding) => [digestOf(finding).slice(0, 16), annotationOf(finding)]))
  return [...all]
    .map(([digest, annotation]) => ({ digest, annotation }))
    .toSorted(
      (a, b) =>
        RANK[a.annotation.level] - RANK[b.annotation.level] || compare(a.annotation.path, b.annotation.path) || a.annotation.line - b.annotation.line,
    )
    .slice(0, MOST_ANNOTATIONS)
}

const LEVELS = { error: 'failure', warning: 'warning', info: 'notice' } as const
const RANK = { failure: 0, warning: 1, notice: 2 } as const

function annotationOf({ severity, path, line, rule, message, next }: Finding): CheckAnnotation {
  return { path: path ?? '', line: line ?? 1, level: LEVELS[severity], title: rule, message: `${message}\n\nNext: ${next}` }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Gates that know exceptions keep them under the same keys. */
function exceptionsOf(config: Config | null, gate: string): (finding: Finding, today: string) => boolean {
  const settings = config === null ? undefined : (config.gates as Readonly<Record<string, unknown>>)[gate]
  const list = typeof settings === 'object' && settings !== null && 'exceptions' in settings ? settings.exceptions : []
  const exceptions = (Array.isArray(list) ? list : []) as readonly { rule?: unknown; path?: unknown; subject?: unknown; until?: unknown }[]
  return ({ rule, path, subject }, today) =>
    exceptions.some(
      (one) =>
        one.rule === rule &&
        (one.path === undefined ? one.subject === subject : one.path === path) &&
        typeof one.until === 'string' &&
        one.until >= today,
    )
}
