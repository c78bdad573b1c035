/** What the token of each job may do: said, and no more than needed. Pure. */
import { isRecord } from '../yaml.ts'
import type { Say } from './cicd-engineer.workflows.ts'

const NEXT = 'Say `permissions: {}` at the top, and in each job the scopes that it needs.'

/** @param called by other workflows only, whose permissions are then the most it can have */
export function permissionFindings(
  workflow: Readonly<Record<string, unknown>>,
  jobs: Readonly<Record<string, unknown>>,
  called: boolean,
  say: Say,
): void {
  const top = workflow['permissions']
  broad(top, ['permissions'], 'Every job', say)
  const writes = isRecord(top) ? Object.keys(top).filter((scope) => top[scope] === 'write') : []
  if (writes.length > 0 && Object.keys(jobs).length > 1)
    say('permissions-wide', 'warning', ['permissions'], `Every job may write ${writes.join(', ')}, also those that need not`, NEXT)
  for (const [id, job] of Object.entries(jobs)) {
    if (!isRecord(job)) continue
    broad(job['permissions'], ['jobs', id, 'permissions'], `The job ${id}`, say)
    if (!called && top === undefined && job['permissions'] === undefined)
      say('permissions-missing', 'warning', ['jobs', id], `The job ${id} may do whatever the repository's default lets its token do`, NEXT)
  }
}

function broad(permissions: unknown, at: readonly string[], who: string, say: Say): void {
  if (permissions === 'write-all') say('write-all', 'error', at, `${who} may write everything the repository has`, NEXT)
  if (isRecord(permissions))
    for (const [scope, value] of Object.entries(permissions).filter(([, given]) => given !== 'read' && given !== 'write' && given !== 'none'))
      say(
        'broken',
        'error',
        [...at, scope],
        `${who} has ${String(value).slice(0, 40)} of ${scope.slice(0, 40)}, and GitHub knows read, write and none`,
        NEXT,
      )
  if (permissions === 'read-all') say('permissions-wide', 'warning', at, `${who} may read everything the repository has`, NEXT)
}
