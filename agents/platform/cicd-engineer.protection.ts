/** The rules of the base branch as findings: what lets a release in without its proof, and what nobody could see. Pure. */
import type { z } from 'zod'
import { checkName } from '../../evidence/model/check-name.ts'
import type { Finding } from '../../evidence/model/finding.ts'
import type { BranchRule, Protection } from '../collect/inputs.ci.ts'
import { branchLooks, type Look, type Watched } from './cicd-engineer.rules.ts'

type Protected = z.infer<typeof Protection>

/** What could not be seen has rules of this kind: a gate calls it indeterminate, unless somebody answers for it until a day. */
export const UNSEEN = /^protection\.unseen-/

/** GitHub Actions itself, as the source of a check. */
const ACTIONS = 15368
const CLASSIC: BranchRule['ruleset'] = { id: 0, name: 'branch protection' }
const APPLY = "Run `release-conductor doctor --apply --app=ID` with an admin's token, or carry out this agent's plan."

type Told = Pick<Finding, 'rule' | 'severity' | 'next'>
/** What each look means when it is not well. */
const MEANING: Readonly<Record<Exclude<Look['what'], 'bypass'>, Readonly<Partial<Record<Look['state'], Told>>>>> = {
  'required check': {
    wrong: { rule: 'protection.gate-not-required', severity: 'error', next: APPLY },
    indeterminate: { rule: 'protection.unseen-app', severity: 'warning', next: 'Name the App that reports the checks under `gates.policy_ci.app`.' },
  },
  'direct pushes': { wrong: { rule: 'protection.direct-pushes', severity: 'error', next: APPLY } },
  'merge methods': {
    wrong: { rule: 'protection.merge-methods', severity: 'error', next: 'Allow merge commits in Settings, General.' },
    warning: { rule: 'protection.merge-methods', severity: 'warning', next: 'Allow merge commits only, in the ruleset or in Settings, General.' },
  },
  'merge queue': { warning: { rule: 'protection.merge-queue', severity: 'error', next: 'Set the grouping of the merge queue to ALLGREEN.' } },
}

/** @param app of the config @param queued does any workflow listen to `merge_group` */
export function protectionFindings(protection: Protected, app: number | null, queued: boolean): Finding[] {
  const of = watched(protection, app)
  const subject = `the rules of ${protection.base}`
  if (protection.unseen !== null) {
    const message = `Nothing of ${subject} was seen: ${protection.unseen}`.slice(0, 1000)
    const next = 'Let the job see them, or on a desk give them with --rules (docs/adopt.md).'
    return [{ rule: 'protection.unseen-rules', severity: 'warning', subject, message, next }]
  }
  const looks = branchLooks(of).flatMap((look): Finding[] => {
    const told = look.what === 'bypass' ? undefined : MEANING[look.what][look.state]
    if (told === undefined) return []
    const { rule, severity } = unpinned(look, of) ?? seen(look, protection) ?? told
    return [{ ...told, rule, severity, subject, message: look.says.slice(0, 1000) }]
  })
  return [...looks, ...bypassFindings(protection, of), ...queueFindings(of, queued, subject)]
}

export function watched({ base, rules, classic, bypasses, mergeMethods }: Protected, app: number | null): Watched {
  const older: BranchRule[] =
    classic === null || classic.enforcement === 'off'
      ? []
      : [{ type: 'required_status_checks', ruleset: CLASSIC, requiredChecks: classic.checks, mergeMethods: null, grouping: null }]
  return { base, app, context: checkName('all_required_gates', base), rules: [...rules, ...older], bypasses, mergeMethods }
}

/** Required, but from nobody in particular, or from another App. */
function unpinned({ what, state }: Look, { rules, context }: Watched): Pick<Finding, 'rule' | 'severity'> | null {
  const required = rules.some(({ requiredChecks }) => requiredChecks.some((check) => check.context === context))
  return what === 'required check' && state === 'wrong' && required ? { rule: 'protection.check-unpinned', severity: 'error' } : null
}

/** Branch protection of the older kind tells a job nothing about pull requests. */
function seen({ what }: Look, { classic }: Protected): Pick<Finding, 'rule' | 'severity'> | null {
  return what === 'direct pushes' && classic !== null ? { rule: 'protection.unseen-pushes', severity: 'warning' } : null
}

function bypassFindings({ bypasses, classic }: Protected, { rules, context }: Watched): Finding[] {
  const next = 'Take it off the bypass list of the ruleset, or grant an exception under `gates.policy_ci.exceptions` with owner, reason and end.'
  const open = bypasses.flatMap(({ ruleset, actors }) =>
    (actors ?? []).map(({ who, mode }): Finding => ({
      rule: 'protection.bypass',
      severity: 'error',
      subject: `${who} past ${ruleset}`.slice(0, 500),
      message: `${who} may pass the ruleset ${ruleset} by (${mode}): a release can be merged while it is red`.slice(0, 1000),
      next,
    })),
  )
  const holds = rules.find(({ requiredChecks }) => requiredChecks.some((check) => check.context === context))
  const admins: Finding[] =
    classic?.enforcement === 'non_admins' && holds?.ruleset.id === CLASSIC.id
      ? [{ rule: 'protection.bypass', severity: 'error', subject: 'admins', message: 'Branch protection does not bind admins', next }]
      : []
  const hidden = [
    ...bypasses.filter(({ actors }) => actors === null).map(({ ruleset }) => ruleset),
    ...(holds?.ruleset.id === CLASSIC.id && classic?.enforcement === 'everyone' ? [CLASSIC.name] : []),
  ].map((ruleset): Finding => ({
    rule: 'protection.unseen-bypass',
    severity: 'warning',
    subject: ruleset.slice(0, 500),
    message: `Who may pass ${ruleset} by is shown to its admins only, and to no job`.slice(0, 1000),
    next: "Look with `release-conductor doctor --github` and an admin's token, and answer for it under `gates.policy_ci.exceptions`: rule, subject, owner, reason, until.",
  }))
  return [...open, ...admins, ...hidden]
}

/** A required check of a workflow that no merge queue starts waits for ever, and is then taken off the list (trap T4). */
function queueFindings({ rules }: Watched, queued: boolean, subject: string): Finding[] {
  const waits = rules.flatMap(({ requiredChecks }) => requiredChecks).filter(({ app }) => app === ACTIONS)
  if (queued || waits.length === 0 || !rules.some(({ type }) => type === 'merge_queue')) return []
  const message = `The merge queue waits for ${waits.map(({ context }) => `"${context}"`).join(', ')}, and no workflow listens to merge_group`
  return [{ rule: 'protection.queue-uncovered', severity: 'error', subject, message: message.slice(0, 1000), next: 'Add `merge_group:` to `on`.' }]
}
