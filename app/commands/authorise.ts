/**
 * May this person say this command? A pure decision over facts that were all asked from GitHub's API just now; a fact that could not be asked is null and
 * denies. `author_association` is not among them: it says nothing about permission (traps T23-T28, SECURITY rows 15-20).
 */
import type { z } from 'zod'
import type { PeopleConfig } from '../../evidence/model/config/people.ts'
import type { Contributors } from '../release/ports.ts'
import { COMMANDS } from './command.ts'
import type { Audience, CommandName } from './command.ts'

/** `people` of the config on the base branch, as far as the commands of this version need it. */
export type People = Pick<z.infer<typeof PeopleConfig>, 'approvers' | 'on_call' | 'step_up'>

export interface ActorFacts {
  readonly login: string
  readonly id: number
  /** `User`, `Bot`, `Organization`, … */
  readonly type: string
  readonly viaApp: boolean
  readonly edited: boolean
  /** `role_name`; null: could not be asked. */
  readonly role: string | null
  /** `admin`, `write`, `read` or `none`; null: could not be asked. */
  readonly permission: string | null
  /** By `@org/team`: an active member? An absent or null entry could not be asked. */
  readonly teams: ReadonlyMap<string, boolean | null>
}

export interface ReleaseFacts {
  readonly pullAuthorId: number
  /** Null: could not be asked. */
  readonly contributors: Contributors | null
  /** Account ids of others whose /promote of this very plan was allowed before. */
  readonly approvedBy: readonly number[]
  /** Percent the present plan moves to; null: no plan. */
  readonly step: number | null
}

export type DenyCode =
  | 'not-a-person'
  | 'via-app'
  | 'edited'
  | 'facts-unavailable'
  | 'no-write'
  | 'nobody-named'
  | 'not-named'
  | 'is-author'
  | 'is-contributor'
  | 'step-up-not-built'

export type Authorisation =
  | {
      readonly allowed: true
      readonly as: Audience
      /** Different approvers so far, this one included, and how many it takes; 1 of 1 for all but /promote. */
      readonly have: number
      readonly need: number
    }
  | { readonly allowed: false; readonly code: DenyCode; readonly message: string; readonly next: string }

/** The teams that must be asked about before {@link authorise} can answer. */
export function teamsFor(command: CommandName, people: People): readonly string[] {
  return listFor(COMMANDS[command].who, people).filter(isTeam)
}

export function authorise(command: CommandName, actor: ActorFacts, people: People, release: ReleaseFacts): Authorisation {
  if (actor.viaApp) return deny('via-app', 'A comment written through an app gives no commands.', 'A person must write it.')
  if (actor.type !== 'User' || actor.id <= 0)
    return deny('not-a-person', `An account of type ${actor.type} gives no commands.`, 'A person must write it.')
  if (actor.edited) return deny('edited', 'An edited comment gives no commands: others may edit it.', 'Write a new comment.')
  const who = COMMANDS[command].who
  if (who === 'anyone') return { allowed: true, as: 'anyone', have: 1, need: 1 }
  if (actor.permission === null || actor.role === null)
    return deny('facts-unavailable', 'GitHub could not be asked for your permission, so it counts as none.', 'Try again in a minute.')
  if (actor.permission !== 'write' && actor.permission !== 'admin')
    return deny('no-write', `/${command} needs write access; your role is ${actor.role}.`, 'Ask an administrator of the repository for write access.')
  if (who === 'writer') return { allowed: true, as: 'writer', have: 1, need: 1 }
  const named = isNamed(actor, listFor(who, people))
  if (named !== true) return notNamed(command, who, people, named)
  return command === 'rollback' || command === 'hold' ? { allowed: true, as: who, have: 1, need: 1 } : independent(command, actor, people, release)
}

/** Four eyes: whoever made the change does not let it through. Going back or stopping is never refused for that. */
function independent(command: CommandName, actor: ActorFacts, people: People, release: ReleaseFacts): Authorisation {
  const { not, count } = people.approvers.promote
  if (not.includes('author') && actor.id === release.pullAuthorId)
    return deny('is-author', 'You opened this pull request, and the policy wants another approver.', 'Ask another approver to paste the line.')
  if (not.includes('contributor')) {
    if (release.contributors === null)
      return deny('facts-unavailable', 'GitHub could not be asked who took part in this release.', 'Try again in a minute.')
    if (release.contributors.ids.includes(actor.id))
      return deny(
        'is-contributor',
        'You took part in this code, and the policy wants an approver who did not.',
        'Ask another approver to paste the line.',
      )
  }
  if (command !== 'promote') return { allowed: true, as: 'approver', have: 1, need: 1 }
  // A commit nobody owns may be anybody's, this approver's too: one more person is asked.
  const unknown = not.includes('contributor') && (release.contributors?.unattributed ?? 1) > 0 ? 1 : 0
  const elevated = people.step_up.for.some((what) => what === 'promote' || what === `promote:${release.step ?? ''}`)
  if (elevated && people.step_up.with !== 'second_approver')
    return deny(
      'step-up-not-built',
      `The config wants a step-up by ${people.step_up.with}, which is not built yet in this version.`,
      'Use second_approver in people.step_up.with on the base branch.',
    )
  const have = new Set([...release.approvedBy, actor.id]).size
  return { allowed: true, as: 'approver', have, need: Math.max(elevated ? 2 : 1, count) + unknown }
}

function notNamed(command: CommandName, who: Audience, people: People, named: false | null): Authorisation {
  if (named === null)
    return deny(
      'facts-unavailable',
      'GitHub could not be asked for your teams, so you count as in none.',
      'Try again; if it stays, the App lacks members: read.',
    )
  const list = listFor(who, people)
  if (list.length === 0)
    return deny(
      'nobody-named',
      'The config on the base branch names nobody for this.',
      'Name teams or users under people.approvers.promote on the base branch.',
    )
  return deny(
    'not-named',
    `/${command} is for ${list.join(', ')}; you are not among them.`,
    'Ask one of them, or change people in the config on the base branch.',
  )
}

/** True: by name or team. Null: not by what is known, and some team could not be asked. */
function isNamed(actor: ActorFacts, list: readonly string[]): boolean | null {
  const login = actor.login.toLowerCase()
  if (list.some((name) => !isTeam(name) && name.replace(/^@/, '').toLowerCase() === login)) return true
  const answers = list.filter(isTeam).map((team) => actor.teams.get(team) ?? null)
  if (answers.includes(true)) return true
  return answers.includes(null) ? null : false
}

function listFor(who: Audience, people: People): readonly string[] {
  if (who === 'anyone' || who === 'writer') return []
  const approvers = [...people.approvers.promote.teams, ...people.approvers.promote.users]
  return [...new Set(who === 'on-call' ? [...approvers, ...people.on_call] : approvers)]
}

function isTeam(name: string): boolean {
  return name.includes('/')
}

function deny(code: DenyCode, message: string, next: string): Authorisation {
  return { allowed: false, code, message, next }
}
