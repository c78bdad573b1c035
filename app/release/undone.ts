/** What the App could not do for a release, for people: what it was, why, and what they can do. Pure. */
import { isNeverGivenUp } from './again.ts'
import { REPLACED } from './outbox.ts'
import type { Effect, OutboxRow } from './ports.ts'

export interface Undone {
  readonly what: string
  readonly why: string
  readonly next: string
}

const SHOWN = 5
/** So long it is tried before people are told. */
const QUIET_MS = 60_000

/** Given up, or refused for a minute and still tried. @param head what was wanted of another commit is of no use any more */
export function undoneOf(rows: readonly OutboxRow[], head: string, now: number): readonly Undone[] {
  return rows
    .filter((row) => row.effect.kind !== 'pack.keep' && row.outcome === null && isOf(row.effect, head) && (isGivenUp(row) || isStuck(row, now)))
    .slice(-SHOWN)
    .map((row) => {
      const { what, next } = wordsOf(row.effect)
      const again =
        row.state === 'failed'
          ? `It is not tried again. ${next}`
          : isNeverGivenUp(row.effect)
            ? 'It is tried again until it can be done.'
            : 'It is tried again; mend it within an hour.'
      return { what, why: row.error ?? '', next: again }
    })
}

function isGivenUp({ state, error }: OutboxRow): boolean {
  return state === 'failed' && error !== REPLACED
}

function isStuck({ state, effect, refusedSince }: OutboxRow, now: number): boolean {
  // Said elsewhere: of the log, and of a router.
  return state === 'started' && refusedSince != null && now - refusedSince >= QUIET_MS && effect.kind !== 'log.enter' && effect.kind !== 'weight.set'
}

function isOf(effect: Effect, head: string): boolean {
  if (effect.kind === 'check.create') return effect.sha === head
  return !isEvidence(effect) || effect.key.includes(`/${head.slice(0, 12)}/`)
}

function isEvidence(effect: Effect): boolean {
  return effect.kind === 'workflow.dispatch' && effect.inputs['phase'] !== undefined
}

function wordsOf(effect: Effect): Pick<Undone, 'what' | 'next'> {
  switch (effect.kind) {
    case 'check.create':
    case 'check.update':
    case 'check.report':
    case 'check.annotate':
      return { what: 'A check could not be written', next: 'Mend that and push a commit: its checks are written anew.' }
    case 'workflow.dispatch':
      return isEvidence(effect)
        ? { what: `${effect.workflow} could not be started`, next: 'Mend that, then /rerun all.' }
        : { what: `${effect.workflow} could not be started`, next: 'Mend that. The step goes back at its deadline; promote it again then.' }
    case 'deployment.create':
    case 'deployment.adopt':
    case 'deployment.review':
      return { what: 'A deployment could not be made or answered', next: 'Mend that. The step goes back at its deadline; promote it again then.' }
    case 'deployment.status':
      return { what: 'The state of a deployment could not be written', next: 'Nothing waits for it; mend that for the next one.' }
    case 'hook.call':
      return { what: `The hook ${effect.webhook} could not be asked`, next: 'Mend that. The step goes back at its deadline; promote it again then.' }
    case 'message.send':
      return { what: `${effect.webhook} could not be told`, next: 'Tell them by hand what this comment says.' }
    case 'issue.open':
      return { what: `The issue "${effect.title}" could not be opened`, next: 'Open it by hand.' }
    case 'issue.close':
      return { what: 'An issue could not be closed', next: 'Close it by hand.' }
    case 'tag.create':
    case 'candidate.tag':
      return { what: 'A tag could not be made', next: 'Look at the rules for tags, and make it by hand.' }
    case 'release.publish':
      return { what: `The GitHub release ${effect.tag} could not be published`, next: 'Publish it by hand, with the pack.' }
    case 'pack.seal':
      return { what: 'The evidence pack could not be sealed', next: "Look at the App's log: the release is not lost, its pack is." }
    default:
      return { what: `${effect.kind} could not be done`, next: 'Mend that; the ledger of the release page names it.' }
  }
}
