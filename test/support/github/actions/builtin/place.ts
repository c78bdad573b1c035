/** Paths that stay where they belong. */
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { RunnerError } from '../error.ts'

/** Resolves a path of a step below the workspace, or below the job's temp directory. @throws RunnerError `bad-input` */
export function inside(roots: readonly string[], path: string): string {
  const [workspace = '/'] = roots
  const resolved = resolve(workspace, path)
  for (const root of roots) {
    const below = relative(root, resolved)
    if (below === '' || (!isAbsolute(below) && below !== '..' && !below.startsWith(`..${sep}`))) return resolved
  }
  throw new RunnerError('bad-input', `${path} is outside the workspace and the runner's temp directory`)
}
