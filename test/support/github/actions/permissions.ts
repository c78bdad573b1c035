/**
 * What a job's token may do. A workflow that says nothing gets the restricted default; a called workflow can keep or reduce what its caller has,
 * and asking for more fails the whole run before any job starts.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations
 */
import type { JobPermissions } from '../runner.ts'
import { RunnerError } from './error.ts'
import type { Permissions } from './schema.ts'

export const DEFAULT_PERMISSIONS: JobPermissions = { contents: 'read', packages: 'read' }

const RANK = { none: 0, read: 1, write: 2 } as const

/** `none` entries are dropped: absent and none mean the same once any map is given. */
function given(of: Permissions): JobPermissions {
  return Object.fromEntries(Object.entries(of).filter(([, level]) => level !== 'none'))
}

/**
 * @param asked the job's own map, else its workflow's; undefined when neither says anything
 * @param ceiling what the caller has; undefined for a top-level workflow
 * @throws RunnerError `permission`
 */
export function grant(asked: Permissions | undefined, ceiling: JobPermissions | undefined, where: string): JobPermissions {
  if (ceiling === undefined) return asked === undefined ? DEFAULT_PERMISSIONS : given(asked)
  if (asked === undefined) return ceiling
  for (const [name, level] of Object.entries(given(asked))) {
    const has = ceiling[name] ?? 'none'
    if (RANK[level] > RANK[has])
      throw new RunnerError('permission', `${where} asks for ${name}: ${level}, but its caller only allows ${name}: ${has}`)
  }
  return given(asked)
}
