/** A set of plans -> the changes that are carried out one by one: all files are one pull request, everything else is a change of its own. */
import { z } from 'zod'
import type { ChangeSet, PlannedAction } from '../../evidence/model/action-plan.ts'
import { ApplyError } from './error.ts'
import type { Grafana } from './grafana.ts'
import type { Hub } from './hub.ts'

export type ActionKind = PlannedAction['kind']
export type ActionOf<Kind extends ActionKind> = Extract<PlannedAction, { kind: Kind }>

export interface Change {
  /** Names it within its set, such as `files` or `ruleset.write release-conductor (main)`. */
  readonly key: string
  readonly kind: ActionKind
  readonly actions: readonly PlannedAction[]
}

export interface Context {
  readonly hub: Hub
  /** Null: nobody gave leave to write to one. */
  readonly grafana: Grafana | null
  readonly set: ChangeSet
  readonly id: string
  readonly now: () => number
}

/** What is there now. */
export interface Standing {
  /** It already says what was planned. */
  readonly same: boolean
  /** What undoing it brings back. */
  readonly before: z.infer<typeof Before>
}

/** Kept in the journal before the change, so it is read back from a file. */
export const Before = z.record(z.string(), z.unknown())
export type Before = z.infer<typeof Before>

/** How one kind of change is seen, made and taken back. Each step may have happened before, when a process was killed after it. */
export interface Handler {
  /** Changes nothing. @throws ApplyError `stale` when what was planned no longer fits */
  look(context: Context, change: Change): Promise<Standing>
  /** @returns what was done, in words, with the address of it where it has one @throws ApplyError */
  perform(context: Context, change: Change, before: Before): Promise<string>
  /** @throws ApplyError `cannot-undo` */
  undo(context: Context, change: Change, before: Before): Promise<string>
}

export function changesOf(set: ChangeSet): readonly Change[] {
  const actions = set.plans.flatMap(({ actions: planned }) => planned)
  const files = actions.filter(({ kind }) => kind === 'file.write')
  const others = actions.filter(({ kind }) => kind !== 'file.write')
  const pull: Change[] = files.length === 0 ? [] : [{ key: 'files', kind: 'file.write', actions: files }]
  return [...pull, ...others.map((action): Change => ({ key: `${action.kind} ${action.path}`, kind: action.kind, actions: [action] }))]
}

/** Those of one kind. */
export function actionsOf<Kind extends ActionKind>(change: Change, kind: Kind): ActionOf<Kind>[] {
  return change.actions.filter((action): action is ActionOf<Kind> => action.kind === kind)
}

/** What the text of a change says, where it is JSON. @throws ApplyError `unreadable` */
export function saidBy(change: Change): unknown {
  try {
    return JSON.parse(change.actions[0]?.text ?? '')
  } catch (error) {
    throw new ApplyError('unreadable', `The plan for ${change.key} is no JSON`, 'Plan again.', { cause: error })
  }
}
