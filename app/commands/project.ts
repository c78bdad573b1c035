/**
 * Facts that were all asked from GitHub's API just now -> what the policy of commands sees. A fact that could not be asked is null, and refuses there.
 * `author_association` is not among them: it says nothing about permission (traps T23-T28, SECURITY rows 15-20). Pure.
 */
import type { z } from 'zod'
import type { PeopleConfig } from '../../evidence/model/config/people.ts'
import { milliseconds } from '../../evidence/model/primitives.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import type { CommandInput, StepUp } from '../../gates/policy/input.ts'
import type { HotfixFacts } from '../release/hotfix.ts'
import type { Contributors } from '../release/ports.ts'
import { COMMANDS, waiverAsked } from './command.ts'
import type { AskedWaiver, Command, CommandName } from './command.ts'

/** `people` of the config on the base branch, as far as the commands of this version need it. */
export type People = Pick<z.infer<typeof PeopleConfig>, 'approvers' | 'on_call' | 'step_up' | 'waiver_budget'>

export interface PersonFacts {
  readonly login: string
  readonly id: number
  /** Null: could not be asked. */
  readonly role: { readonly role: string; readonly permission: string } | null
  /** By `@org/team`: an active member? An absent or null entry could not be asked. */
  readonly teams: ReadonlyMap<string, boolean | null>
  /** Epoch milliseconds. */
  readonly saidAt: number
  /** null: none was given. */
  readonly stepUp: StepUp | null
}

export interface ActorFacts extends PersonFacts {
  /** `User`, `Bot`, `Organization`, … */
  readonly type: string
  readonly viaApp: boolean
  readonly edited: boolean
}

/** Somebody's earlier word, as it stands now. */
export interface VoiceFacts extends PersonFacts {
  readonly comment: 'as-written' | 'edited' | 'gone'
  readonly head: string
  readonly basis: string
  readonly plan: string | null
  readonly waive: AskedWaiver | null
}

export interface AboutRelease {
  readonly repositoryId: number
  readonly version: string
  readonly pull: number
  readonly head: string
  readonly state: string
  readonly environment: string | null
  readonly basis: string
  readonly authorId: number
  /** Who had the App open the pull request: an author as well; null: nobody. */
  readonly requesterId: number | null
  /** Null: could not be asked, or need not be. */
  readonly contributors: Contributors | null
  readonly verdicts: readonly Verdict[]
  /** In this quarter, over all releases of the repository. */
  readonly waiversGranted: number
  readonly hotfix: HotfixFacts
}

/** The teams that must be asked about before the policy can answer. */
export function teamsFor(command: CommandName, people: People): readonly string[] {
  return namedFor(command, people).filter((name) => name.includes('/'))
}

/** Whom the config names for this command; the policy compares. */
export function namedFor(command: CommandName, people: People): readonly string[] {
  const { who } = COMMANDS[command]
  if (who === 'anyone' || who === 'writer') return []
  const { teams, users } = approversFor(command, people)
  const [named, { on_call }] = [[...teams, ...users], people]
  return [...new Set(who === 'on-call' ? [...named, ...on_call] : named)]
}

/** Whose list the command asks. */
export function approversFor(command: CommandName, { approvers }: Pick<People, 'approvers'>): People['approvers']['promote'] {
  const { who } = COMMANDS[command]
  return who === 'waiver' ? approvers.waive : who === 'breaker' ? approvers.break_glass : approvers.promote
}

export function project(of: {
  readonly command: Command
  /** The step that the pasted plan is of, where the command itself names none; null: the highest, or not known. */
  readonly stop?: number | null
  readonly hasReason: boolean
  readonly actor: ActorFacts
  readonly people: People
  readonly release: AboutRelease
  readonly voices: readonly VoiceFacts[]
  /** Epoch milliseconds. */
  readonly now: number
}): CommandInput {
  const { command, actor, people, release, voices } = of
  const person = (facts: PersonFacts): Omit<CommandInput['actor'], 'type' | 'via_app' | 'edited'> => ({
    login: facts.login,
    id: facts.id,
    permission: facts.role?.permission ?? null,
    role_name: facts.role?.role ?? null,
    teams: Object.fromEntries(facts.teams),
    author: facts.id === release.authorId || facts.id === release.requesterId,
    contributor: release.contributors === null ? null : release.contributors.ids.includes(facts.id),
    said_at: facts.saidAt,
    step_up: facts.stepUp,
  })
  return {
    command: {
      name: command.name,
      step: command.name === 'promote' ? (command.step ?? of.stop ?? 100) : null,
      plan: command.name === 'promote' ? command.plan : null,
      target: targetOf(command),
      days: waiverAsked(command)?.days ?? null,
      has_reason: of.hasReason,
    },
    actor: { ...person(actor), type: actor.type, via_app: actor.viaApp, edited: actor.edited },
    release: {
      repository_id: release.repositoryId,
      version: release.version,
      pull: release.pull,
      head: release.head,
      state: release.state,
      environment: release.environment,
      basis: release.basis,
      unattributed: release.contributors?.unattributed ?? null,
    },
    gates: Object.fromEntries(release.verdicts.map(({ gate, verdict }) => [gate, verdict])),
    people: peopleOf(people),
    waivers: { granted: release.waiversGranted, per_quarter: people.waiver_budget.per_quarter, max_days: people.waiver_budget.max_days },
    hotfix: { is: release.hotfix.is, gates: [...release.hotfix.mustHold] },
    voices: voices.map(({ comment, head, basis, plan, waive, ...facts }) => ({
      ...person(facts),
      comment,
      head,
      basis,
      plan,
      waive: waive === null ? null : { gate: waive.gate, days: waive.days, ...(waive.must_hold && { must_hold: [...waive.must_hold] }) },
    })),
    now: of.now,
  }
}

/** What the policy sees of the config's `people`. */
export function peopleOf(people: Pick<People, 'approvers' | 'on_call' | 'step_up'>): CommandInput['people'] {
  const { approvers } = people
  return {
    approvers: {
      promote: approversOf(approvers.promote),
      waive: approversOf(approvers.waive),
      break_glass: approversOf(approvers.break_glass),
    },
    on_call: people.on_call,
    step_up: people.step_up,
  }
}

function approversOf({ teams, users, count, not, expires }: People['approvers']['promote']): CommandInput['people']['approvers']['promote'] {
  return { teams, users, count, not, expires_ms: milliseconds(expires) }
}

function targetOf(command: Command): string | null {
  if (command.name === 'preview') return command.environment
  if (command.name !== 'rerun') return waiverAsked(command)?.gate ?? null
  const { target } = command
  if (target === 'all') return target
  return 'gate' in target ? target.gate : target.phase
}
