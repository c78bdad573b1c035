/** The words of SPEC part 6, as data: what each command looks like, what it does, who may say it. Parser, help and answers all read this table. */
import type { GateId, Phase } from '../../evidence/model/phases.ts'
import { GLASS, HOTFIX, type WaivableGate, type Waived } from '../../evidence/model/predicate/waiver.ts'
import type { PreviewAction } from '../../evidence/model/preview.ts'

export type Command =
  | { readonly name: 'promote'; readonly step: 10 | 50 | 100 | null; readonly plan: string | null; readonly reason: string | null }
  | { readonly name: 'approve'; readonly reason: string | null }
  | { readonly name: 'waive'; readonly gate: WaivableGate | typeof HOTFIX; readonly days: number; readonly reason: string }
  | { readonly name: 'break-glass'; readonly reason: string }
  /** `rehearse`: only tried out, where no customer is. */
  | { readonly name: 'rollback'; readonly reason: string; readonly rehearse?: true }
  | { readonly name: 'hold'; readonly reason: string }
  | { readonly name: 'resume' }
  | { readonly name: 'status' }
  | { readonly name: 'plan' }
  | { readonly name: 'help' }
  | { readonly name: 'rerun'; readonly target: RerunTarget }
  | { readonly name: 'preview'; readonly action: PreviewAction; readonly environment: string }
  /** `v3.0.0` */
  | { readonly name: 'release'; readonly version: string }

export type RerunTarget = { readonly gate: GateId } | { readonly phase: Phase } | 'all'

export type CommandName = Command['name']

/** What somebody asks to let stand: a gate or a hotfix for some days, or the gate over gates for as long as their word counts. */
export interface AskedWaiver {
  readonly gate: Waived
  /** null: break-glass. */
  readonly days: number | null
  /** Of a hotfix, and of nothing else: the gates that must hold, in order. */
  readonly must_hold?: readonly WaivableGate[]
}

/** null: the command lets no gate stand. @param mustHold what the config names for hotfixes, in order */
export function waiverAsked(command: Command, mustHold: readonly WaivableGate[] = []): AskedWaiver | null {
  if (command.name === 'waive') return { gate: command.gate, days: command.days, ...(command.gate === HOTFIX && { must_hold: mustHold }) }
  return command.name === 'break-glass' ? { gate: GLASS, days: null } : null
}

/** Commands of which several voices may be asked. */
export type Spoken = Extract<Command, { name: 'promote' | 'approve' | 'waive' | 'break-glass' }>

export function isSpoken(command: Command): command is Spoken {
  return command.name === 'promote' || command.name === 'approve' || waiverAsked(command) !== null
}

export interface CommandWords {
  readonly usage: string
  readonly example: string
  readonly does: string
  /** Who may, for people; the policy in gates/policy decides, and a test holds the two together. */
  readonly who: Audience
}

/** `approver`: named in `people.approvers.promote`. `waiver`: in `people.approvers.waive`. `breaker`: in `people.approvers.break_glass`. `on-call`: those, and `people.on_call`. `writer`: write access. `anyone`: any person. */
export type Audience = 'approver' | 'waiver' | 'breaker' | 'on-call' | 'writer' | 'anyone'

const PLAN_EXAMPLE = '0123456789abcdef0123456789abcdef'

export const COMMANDS: Readonly<Record<CommandName, CommandWords>> = {
  promote: {
    usage: '/promote [10|50|100] plan:<id>',
    example: `/promote 10 plan:${PLAN_EXAMPLE}`,
    does: 'Starts or continues the rollout. The plan id binds your word to the commit, step, verdicts and evidence shown in the status comment.',
    who: 'approver',
  },
  approve: {
    usage: '/approve',
    example: '/approve',
    does: 'Adds your voice to this commit with its proof, for promotions that need several. It falls with the next commit.',
    who: 'approver',
  },
  rollback: {
    usage: '/rollback <reason>|--rehearse',
    example: '/rollback checkout answers 500 for some customers',
    does: 'Takes all traffic back to the old version at once and opens an incident. With --rehearse it only tries that out, on an environment before production, and says how long it took.',
    who: 'on-call',
  },
  hold: {
    usage: '/hold <reason>',
    example: '/hold waiting for the vendor to answer',
    does: 'Stops the rollout where it is. At its deadline a held step rolls back.',
    who: 'on-call',
  },
  resume: { usage: '/resume', example: '/resume', does: 'Lifts a hold.', who: 'approver' },
  status: { usage: '/status', example: '/status', does: 'Looks at everything again and refreshes the status comment.', who: 'anyone' },
  plan: { usage: '/plan', example: '/plan', does: 'Shows the plan that can be promoted now, with the line to paste.', who: 'anyone' },
  waive: {
    usage: '/waive <gate|hotfix> <days>d <reason>',
    example: '/waive slo 3d the error budget was spent by a drill',
    does: 'Lets the release go on without the proof of one gate, on this commit, for some days; of a hotfix, of every gate that the config does not name for hotfixes. Two people must say the same; it is shown as waived, never as a pass.',
    who: 'waiver',
  },
  'break-glass': {
    usage: '/break-glass <reason>',
    example: '/break-glass the fix for the checkout cannot wait for the proof',
    does: 'Ships without the proof of the gates, and through a freeze. Two people must say it. The judge and the way back stay; the gates go on, and a record stays open until they hold.',
    who: 'breaker',
  },
  rerun: {
    usage: '/rerun <gate|phase|all>',
    example: '/rerun policy_ci',
    does: 'Runs the agents of a phase again on the same commit: that of the gate, that one, or all.',
    who: 'writer',
  },
  preview: {
    usage: '/preview sleep|wake <environment>',
    example: '/preview sleep pr-42',
    does: 'Puts a preview of this pull request to sleep, or wakes it: starts the workflow that the config names for that.',
    who: 'writer',
  },
  release: {
    usage: '/release vX.Y.Z',
    example: '/release v3.0.0',
    does: 'On any issue or ordinary pull request: plans that release, cuts its branch and opens its pull request.',
    who: 'writer',
  },
  help: { usage: '/help', example: '/help', does: 'Shows this.', who: 'anyone' },
}
