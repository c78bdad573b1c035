import { z } from 'zod'
import { checkName } from '../../evidence/model/check-name.ts'
import type { Finding } from '../../evidence/model/finding.ts'
import { agent } from '../agent.ts'
import { capped, count } from '../tally.ts'
import { planted } from './cicd-engineer.faults.ts'
import { protectionFindings, UNSEEN, watched } from './cicd-engineer.protection.ts'
import { rulesetOf } from './cicd-engineer.rules.ts'
import { readWorkflow } from './cicd-engineer.workflows.ts'

export const cicdEngineer = agent({
  id: 'A5',
  name: 'cicd-engineer',
  phase: ['P0'],
  gate: ['policy_ci'],
  topic: 'workflows',
  question: 'Do the workflows give strangers nothing to run, and does the base branch let nothing in without our check?',
  why: 'Whoever can change what a workflow runs, or merge past the check, releases what nobody proved.',
  version: 4,
  needs: ['workflows', 'protection', 'policy'],
  writes: ['ci/branch_protection.json', 'ci/workflow_lint.json'],
  policy: z.object({ app: z.number().int().positive().optional() }),
  assess({ workflows, protection }, policy) {
    const { files, head } = workflows
    const read = files.map((file) => (file.text === null ? null : readWorkflow(file.path, file.text)))
    const lint = files.flatMap((file, index) => read[index]?.findings ?? [unread(file.path, file.why)])
    const app = policy.app ?? null
    const queued = read.some((one) => one?.events.includes('merge_group'))
    const findings = capped([...protectionFindings(protection, app, queued), ...lint])
    const context = checkName('all_required_gates', protection.base)
    const required = watched(protection, app).rules.flatMap(({ requiredChecks }) => requiredChecks)
    const unreadFiles = read.filter((one) => one === null).length
    const metrics = {
      workflows: files.length,
      workflows_unread: unreadFiles,
      jobs: read.reduce((sum, one) => sum + (one?.jobs ?? 0), 0),
      rules: protection.rules.length,
      required_checks: new Set(required.map((check) => check.context)).size,
      unseen: findings.filter(({ rule }) => UNSEEN.test(rule)).length,
      errors: count(findings, 'error'),
      warnings: count(findings, 'warning'),
    }
    return {
      findings,
      measurements: [
        {
          gate: 'policy_ci',
          metrics,
          // No threshold on errors or on what is unseen: the gate's policy may grant an exception.
          thresholds: { workflows: '>0', workflows_unread: '=0' },
          measured: {
            n: files.length - unreadFiles,
            window: head,
            source: 'git, GitHub API',
            query: `.github/workflows/*, action.yml; rules/branches/${protection.base}, rulesets`,
          },
        },
      ],
      files: [
        {
          path: 'ci/workflow_lint.json',
          type: 'report',
          content: { version: 1, commit: head, files: files.map(({ path }) => path), metrics, findings: findings.filter(ofFile) },
        },
        {
          path: 'ci/branch_protection.json',
          type: 'evidence',
          content: { version: 1, app, check: context, protection, findings: findings.filter((finding) => !ofFile(finding)) },
        },
      ],
      notes: `${files.length} workflows and actions, ${protection.rules.length} rules of ${protection.base}: ${metrics.errors} errors, ${metrics.warnings} warnings, ${metrics.unseen} things that no job may see.`,
      next:
        files.length === 0
          ? 'Add the workflow that calls conduct.yml (docs/adopt.md), or declare `not_applicable.policy_ci.workflows`.'
          : metrics.errors === 0
            ? 'Nothing to do.'
            : 'Fix each error in ci/workflow_lint.json and ci/branch_protection.json, or ask for an exception under `gates.policy_ci.exceptions`.',
    }
  },
  plan({ protection, workflows }, { app }) {
    if (protection.unseen !== null) return []
    const queued = workflows.files.some(({ path, text }) => text !== null && readWorkflow(path, text).events.includes('merge_group'))
    const wrong = protectionFindings(protection, app ?? null, queued).filter(({ severity }) => severity === 'error')
    if (app === undefined || wrong.length === 0) return []
    const ruleset = rulesetOf({ base: protection.base, context: checkName('all_required_gates', protection.base) }, app)
    return [
      {
        kind: 'ruleset.write',
        path: `release-conductor (${protection.base})`,
        text: `${JSON.stringify(ruleset, null, 2)}\n`,
        why: wrong
          .map(({ message }) => message)
          .join('; ')
          .slice(0, 500),
      },
    ]
  },
  planted,
})

function ofFile({ path }: Finding): boolean {
  return path !== undefined
}

function unread(path: string, why: string | null): Finding {
  const message = `${path.slice(0, 400)} could not be read: ${why ?? 'no reason was given'}`
  return { rule: 'workflow.unread', severity: 'error', path: path.slice(0, 500), message, next: 'Make it a regular text file of a normal size.' }
}
