/** A finding that may stand until the end of a day (UTC), because somebody answers for it: `gates.<gate>.exceptions`. Pure. */
import type { Exception } from '../evidence/model/config/exceptions.ts'
import type { Finding } from '../evidence/model/finding.ts'
import type { Reason } from '../evidence/model/verdict.ts'

/** Of the path and the subject each one that the exception names must be the finding's. */
function isFor(exception: Exception, finding: Finding): boolean {
  return (
    exception.rule === finding.rule &&
    (exception.path === undefined || exception.path === finding.path) &&
    (exception.subject === undefined || exception.subject === finding.subject)
  )
}

export interface Excepted {
  readonly open: readonly Finding[]
  /** Exceptions that ended, of findings that are still there. */
  readonly expired: readonly Exception[]
}

/** @param today `2026-01-15` */
export function excepted(findings: readonly Finding[], exceptions: readonly Exception[], today: string): Excepted {
  const granted = (finding: Finding) => exceptions.filter((exception) => isFor(exception, finding))
  const open = findings.filter((finding) => !granted(finding).some((exception) => exception.until >= today))
  return { open, expired: [...new Set(open.flatMap(granted))] }
}

export function expiredReasons(expired: readonly Exception[], code: Reason['code']): Reason[] {
  return expired.map(({ rule, path, subject, owner, until }) => ({
    code,
    message: `The exception for ${rule} in ${path ?? subject} by ${owner} ended on ${until}`.slice(0, 1900),
    next: `Fix ${path ?? subject}, or let ${owner} renew the exception.`.slice(0, 1000),
  }))
}
