/**
 * Jobs of ours that wait at an environment for the answer of our deployment protection rule. A run is approved when this release started it, for that
 * environment, and still wants it (`wanted.ts`); else it is rejected. While somebody holds the release it waits. Runs of others: `app/release/foreign.ts`.
 * Pure.
 */
import type { Draft } from '../release/draft.ts'
import type { Facts, FullFacts } from '../release/facts.ts'
import type { WaitingJob } from '../release/ports.ts'
import { unwanted, waitsForPeople, type Around, type Dispatch, type Unwanted } from './wanted.ts'

/** Answers to one job: GitHub heard none of the earlier ones. */
const MOST_ANSWERS = 5

export function reviewJobs(draft: Draft, { outbox, locks }: Facts, full: FullFacts): void {
  const around = { servedAfter: full.servedAfter ?? null, ...(locks !== undefined && { locks }) }
  for (const { effect, outcome } of outbox.values())
    if (effect.kind === 'workflow.dispatch' && outcome?.id != null)
      for (const job of waitingJobs(outcome.id, effect, full)) review(draft, full, { ...job, ...answerTo(draft, effect, job.environment, around) })
}

/** As we were told; of a run that waits and that nobody told of, the environment it was started for. */
function waitingJobs(run: number, { inputs }: Dispatch, { waiting, runs }: FullFacts): readonly WaitingJob[] {
  const told = waiting.filter((job) => job.run === run)
  const environment = inputs['environment']
  return told.length > 0 || runs.get(run)?.status !== 'waiting' || environment === undefined ? told : [{ run, environment }]
}

export interface Answer {
  /** `wait`: somebody holds the release. */
  readonly answer: 'approved' | 'rejected' | 'wait'
  readonly why: string
}

/** May a run that this release started go on now, at that environment? */
export function answerTo(draft: Draft, effect: Dispatch, environment: string, around: Around): Answer {
  const no = unwanted(draft, effect, environment, around)
  if (no !== null) return { answer: 'rejected', why: said(draft, effect, no) }
  if (draft.data.held !== null && waitsForPeople(draft, effect))
    return { answer: 'wait', why: `${draft.before.version} is held: ${draft.data.held.reason}` }
  return { answer: 'approved', why: said(draft, effect, null) }
}

function review(draft: Draft, { runs, waiting }: FullFacts, { run, environment, answer, why }: WaitingJob & Answer): void {
  if (answer === 'wait') return
  const isTold = waiting.some((job) => job.run === run && job.environment === environment)
  const path = draft.key(`review/${run}/${runs.get(run)?.attempt ?? 0}/${environment}`)
  for (let time = 1; time <= MOST_ANSWERS; time++) {
    const key = `${path}/${time}`
    const row = draft.row(key)
    if (row === undefined) {
      draft.ensure({
        kind: 'deployment.review',
        key,
        run,
        environment,
        state: answer,
        comment: why,
      })
      return
    }
    // Nobody had asked then; now they do.
    if (!isTold || row.outcome?.data?.['heard'] !== 0) return
  }
}

function said({ before, head }: Draft, effect: Dispatch, no: Unwanted | null): string {
  const what = `${before.version}, commit ${head.slice(0, 12)}, ${before.repository.owner}/${before.repository.name}#${before.pull}`
  if (no === null)
    return `release-conductor started this run for ${what}${effect.inputs['plan'] === undefined ? '' : `, plan ${effect.inputs['plan']}`}.`
  return `Rejected: ${no.why}. This was for ${what}. Next: ${no.next}`
}
