/** Findings as annotations of the job. GitHub shows ten of each level a step, so more are not sent. */
import { shownOf } from '../../agents/shown.ts'
import type { Handover } from '../../evidence/model/handover.ts'
import type { Finding } from '../../evidence/model/finding.ts'

export const SHOWN_PER_LEVEL = 10

export interface JobAnnotation {
  readonly severity: Finding['severity']
  readonly message: string
  readonly properties: { readonly title: string; readonly file?: string; readonly startLine?: number }
}

/** Errors first, and within each level every rule before any comes again. `left` counts what is not shown. */
export function annotationsOf(handover: Handover): { readonly shown: readonly JobAnnotation[]; readonly left: number } {
  const findings = handover.responses.flatMap((response) => response.findings)
  const levels = (['error', 'warning', 'info'] as const).map((severity) =>
    shownOf(
      findings.filter((finding) => finding.severity === severity),
      SHOWN_PER_LEVEL,
    ),
  )
  const shown = levels.flat().map((finding): JobAnnotation => ({
    severity: finding.severity,
    message: `${finding.message} ${finding.next}`,
    properties: {
      title: finding.rule,
      ...(finding.path === undefined ? {} : { file: finding.path }),
      ...(finding.line === undefined ? {} : { startLine: finding.line }),
    },
  }))
  return { shown, left: findings.length - shown.length }
}
