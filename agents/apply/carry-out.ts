/** Carries out a set of plans that a person said yes to, or takes it back: each change is written down first, made so that twice is once, and stands alone. */
import { changeSetId, type ChangeSet } from '../../evidence/model/action-plan.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { annotationWrite } from './annotation-write.ts'
import { changesOf, type ActionKind, type Change, type Context, type Handler } from './change.ts'
import { commentWrite } from './comment-write.ts'
import { deploymentEnd } from './deployment-end.ts'
import { ApplyError } from './error.ts'
import { filesWrite } from './files-write.ts'
import type { Grafana } from './grafana.ts'
import type { Hub } from './hub.ts'
import { stageOf, type Journal, type JournalEntry } from './journal.ts'
import { rulesetWrite } from './ruleset-write.ts'

const HANDLERS: Readonly<Record<ActionKind, Handler>> = {
  'file.write': filesWrite,
  'ruleset.write': rulesetWrite,
  'deployment.end': deploymentEnd,
  'comment.write': commentWrite,
  'annotation.write': annotationWrite,
}

export interface Work {
  readonly set: ChangeSet
  readonly hub: Hub
  readonly grafana: Grafana | null
  readonly journal: Journal
  readonly now: () => number
  /** Look, and change nothing. */
  readonly simulate: boolean
}

export interface Outcome {
  readonly change: string
  readonly state: 'changed' | 'same' | 'would change' | 'undone' | 'failed'
  readonly says: string
  readonly next: string | null
}

/** What was made before stays made when a later one fails, and is not made again. */
export async function carryOut(work: Work): Promise<readonly Outcome[]> {
  return each(work, changesOf(work.set), async (context, change, handler) => {
    const stage = stageOf(work.journal.entries, change.key)
    if (stage.step === 'done') return { state: 'same', says: stage.says }
    const standing = await handler.look(context, change)
    if (standing.same && stage.step === 'none') return { state: 'same', says: 'It already stands.' }
    if (work.simulate) return { state: 'would change', says: change.actions.map(({ path, why }) => `${path}: ${why}`).join('; ') }
    const before = stage.step === 'none' ? standing.before : stage.before
    const note = async (step: JournalEntry['step'], says: string): Promise<void> =>
      work.journal.append({
        schema_version: 1,
        id: context.id,
        at: timestamp(work.now()),
        step,
        change: change.key,
        before,
        says: says.slice(0, 2000),
      })
    if (stage.step === 'none') await note('begun', 'It begins.')
    const says = await handler.perform(context, change, before)
    await note('done', says)
    return { state: 'changed', says }
  })
}

/** Takes back, newest first, what the journal says was begun. */
export async function takeBack(work: Work): Promise<readonly Outcome[]> {
  const begun = changesOf(work.set).filter(({ key }) => stageOf(work.journal.entries, key).step !== 'none')
  return each(work, begun.toReversed(), async (context, change, handler) => {
    const stage = stageOf(work.journal.entries, change.key)
    const before = 'before' in stage ? stage.before : {}
    if (work.simulate) return { state: 'would change', says: 'It would be taken back.' }
    const says = await handler.undo(context, change, before)
    await work.journal.append({
      schema_version: 1,
      id: context.id,
      at: timestamp(work.now()),
      step: 'undone',
      change: change.key,
      before,
      says: says.slice(0, 2000),
    })
    return { state: 'undone', says }
  })
}

type Step = (context: Context, change: Change, handler: Handler) => Promise<Pick<Outcome, 'state' | 'says'>>

async function each({ set, hub, grafana, now }: Work, changes: readonly Change[], step: Step): Promise<readonly Outcome[]> {
  const context: Context = { hub, grafana, set, id: changeSetId(set), now }
  const outcomes: Outcome[] = []
  for (const change of changes) {
    try {
      outcomes.push({ change: change.key, next: null, ...(await step(context, change, HANDLERS[change.kind])) })
    } catch (error) {
      if (!(error instanceof ApplyError)) throw error
      outcomes.push({ change: change.key, state: 'failed', says: error.message, next: error.next })
    }
  }
  return outcomes
}
