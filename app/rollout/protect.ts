/**
 * Jobs of ours that wait at an environment for the answer of our deployment protection rule. A run is approved when this release started it, for that
 * environment, and still wants it; else it is rejected. While somebody holds the release it waits. Runs of others: `app/release/foreign.ts`. Pure.
 */
import type { Draft } from '../release/draft.ts'
import type { Facts, FullFacts } from '../release/facts.ts'
import type { Effect, WaitingJob } from '../release/ports.ts'

/** Answers to one job: GitHub heard none of the earlier ones. */
const MOST_ANSWERS = 5

export type Dispatch = Extract<Effect, { kind: 'workflow.dispatch' }>

export function reviewJobs(draft: Draft, { outbox }: Facts, full: FullFacts): void {
  for (const { effect, outcome } of outbox.values())
    if (effect.kind === 'workflow.dispatch' && outcome?.id != null)
      for (const job of waitingJobs(outcome.id, effect, full)) review(draft, effect, full, job)
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
export function answerTo(draft: Draft, effect: Dispatch, environment: string): Answer {
  const why = unwanted(draft, effect, environment)
  if (why !== null) return { answer: 'rejected', why: said(draft, effect, why) }
  if (draft.data.held !== null && stepOf(effect) !== null)
    return { answer: 'wait', why: `${draft.before.version} is held: ${draft.data.held.reason}` }
  return { answer: 'approved', why: said(draft, effect, null) }
}

function review(draft: Draft, effect: Dispatch, { runs, waiting }: FullFacts, { run, environment }: WaitingJob): void {
  const { answer, why } = answerTo(draft, effect, environment)
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

/** Percent of the step that this run deploys; null: it deploys none. */
function stepOf({ key }: Dispatch): number | null {
  const step = /\/rollout\/\d+\/.+\/(\d+)\/run$/.exec(key)?.[1]
  return step === undefined ? null : Number(step)
}

function unwanted(draft: Draft, effect: Dispatch, environment: string): string | null {
  const { rollout } = draft.data
  const meant = effect.inputs['environment']
  if (meant !== undefined && meant !== environment) return `this run was started for ${meant}, and waits at ${environment}`
  const [, number] = /\/rollout\/(\d+)\//.exec(effect.key) ?? []
  if (number === undefined) return null
  if (rollout === null || Number(number) !== rollout.number) return `its rollout of ${draft.before.version} is over`
  const step = stepOf(effect)
  if (step === null) return null
  if (rollout.stage === 'withdrawing' || rollout.stage === 'withdrawn') return `${draft.before.version} goes back`
  return step === rollout.step ? null : `the rollout is at ${rollout.step} % of ${rollout.environment}`
}

function said({ before, head }: Draft, effect: Dispatch, why: string | null): string {
  const what = `${before.version}, commit ${head.slice(0, 12)}, ${before.repository.owner}/${before.repository.name}#${before.pull}`
  if (why === null)
    return `release-conductor started this run for ${what}${effect.inputs['plan'] === undefined ? '' : `, plan ${effect.inputs['plan']}`}.`
  return `Rejected: ${why}. This was for ${what}. Next: look at its status comment; what is wanted is started by itself.`
}
