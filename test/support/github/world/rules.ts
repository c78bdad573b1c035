/** Rulesets: which rules hold for a branch, and what still stands against a merge. */
import type { CheckRun, Json, Repository, Ruleset } from './model.ts'

const PASSING = new Set(['success', 'neutral', 'skipped'])

const matches = (pattern: string, branch: string, defaultBranch: string): boolean => {
  if (pattern === '~ALL') return true
  if (pattern === '~DEFAULT_BRANCH') return branch === defaultBranch
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*/g, '\0')
    .replace(/\*/g, '[^/]*')
    .replace(/\?/g, '[^/]')
    .replaceAll('\0', '.*')
  return new RegExp(`^${source}$`).test(`refs/heads/${branch}`)
}

const hit = (patterns: readonly string[] | undefined, branch: string, defaultBranch: string): boolean =>
  (patterns ?? []).some((pattern) => matches(pattern, branch, defaultBranch))

/** Active branch rulesets that hold for a branch. */
export const rulesetsFor = (one: Repository, branch: string): Ruleset[] =>
  one.rulesets.filter((ruleset) => {
    if (ruleset.enforcement !== 'active' || ruleset.target !== 'branch') return false
    const names = (ruleset.conditions['ref_name'] ?? {}) as { include?: string[]; exclude?: string[] }
    return hit(names.include, branch, one.defaultBranch) && !hit(names.exclude, branch, one.defaultBranch)
  })

/** The run that counts: the newest of its name, by the pinned App when there is one. */
export const latestRun = (one: Repository, sha: string, name: string, appId?: number): CheckRun | undefined =>
  one.checks.filter((run) => run.headSha === sha && run.name === name && (appId === undefined || run.appId === appId)).sort((a, b) => b.id - a.id)[0]

/** Sentences about required checks that are not met on a commit; empty: mergeable. */
export const requiredProblems = (one: Repository, branch: string, sha: string): string[] =>
  rulesetsFor(one, branch).flatMap((ruleset) =>
    ruleset.rules.flatMap((rule: Json) => {
      if (rule['type'] !== 'required_status_checks') return []
      const { required_status_checks: required = [] } = (rule['parameters'] ?? {}) as {
        required_status_checks?: { context: string; integration_id?: number }[]
      }
      return required.flatMap(({ context, integration_id: appId }) => {
        const run = latestRun(one, sha, context, appId)
        if (run)
          return run.status === 'completed' && PASSING.has(run.conclusion ?? '')
            ? []
            : [`Required status check "${context}" is ${run.status === 'completed' ? 'failing' : 'in progress'}.`]
        if (appId !== undefined && latestRun(one, sha, context)) return [`Required status check "${context}" was not set by the expected GitHub App.`]
        return [`Required status check "${context}" is expected.`]
      })
    }),
  )
