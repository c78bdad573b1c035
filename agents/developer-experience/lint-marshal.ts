import { z } from 'zod'
import { agent } from '../agent.ts'
import { capped, count } from '../tally.ts'
import { commitFindings } from './lint-marshal.commits.ts'
import { planted } from './lint-marshal.faults.ts'
import { ownerFindings } from './lint-marshal.owners.ts'
import { labelFindings, sectionFindings } from './lint-marshal.template.ts'

export const lintMarshal = agent({
  id: 'A52',
  name: 'lint-marshal',
  phase: ['P0'],
  gate: ['policy_ci'],
  topic: 'commits',
  question: 'Can everybody see from commits, labels, pull request and owners what this release changes, who answers for it and how it goes back?',
  why: 'A release that nobody can read cannot be judged before it ships, nor undone at night by somebody who did not write it.',
  version: 1,
  needs: ['commits', 'pullRequest', 'codeowners', 'policy'],
  writes: ['ci/commit_lint.json'],
  policy: z.object({ labels: z.array(z.string().min(1).max(200)).max(100).default([]) }),
  assess({ commits, pullRequest, codeowners }, policy) {
    const owners = ownerFindings(codeowners, commits.paths)
    const findings = capped([
      ...commits.commits.flatMap(commitFindings),
      ...labelFindings(pullRequest.labels, policy.labels),
      ...sectionFindings(pullRequest.body),
      ...owners.findings,
    ])
    const metrics = {
      commits: commits.commits.length,
      paths: commits.paths.length,
      unowned_paths: owners.unowned,
      errors: count(findings, 'error'),
      warnings: count(findings, 'warning'),
    }
    const range = `${commits.base}..${commits.head}`
    return {
      findings,
      measurements: [
        {
          gate: 'policy_ci',
          metrics,
          thresholds: { commits: '>0', errors: '=0' },
          measured: {
            n: metrics.commits,
            window: range,
            source: 'git, GitHub API',
            query: `git log ${range}; pulls/${pullRequest.number}; CODEOWNERS`,
          },
        },
      ],
      files: [{ path: 'ci/commit_lint.json', type: 'report', content: { version: 1, range, pull: pullRequest.number, metrics, findings } }],
      notes:
        metrics.commits === 0
          ? 'The release adds no commit to its base branch: nothing was looked at.'
          : `${metrics.commits} commits, ${metrics.paths} changed paths: ${metrics.errors} errors, ${metrics.warnings} warnings.`,
      next: metrics.errors === 0 ? 'Nothing to do.' : 'Fix each error in ci/commit_lint.json, then push.',
    }
  },
  planted,
})
