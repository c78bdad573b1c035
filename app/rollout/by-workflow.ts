/**
 * Traffic that the adopter's own deploy workflow moves: the dispatch says how many percent, and the signed answer of that very run says how many it serves.
 * Chosen by `router: deployment` in the config, never by leaving the router out: a workflow that knows nothing of it would serve everyone. Pure.
 */
import type { Draft } from '../release/draft.ts'
import type { Facts } from '../release/facts.ts'
import type { Effect, RunFacts } from '../release/ports.ts'
import type { Rollout } from '../release/state.ts'
import { answerOf } from './deployed.ts'

/** No router of the operator's may have this name. */
export const BY_WORKFLOW = 'deployment'

/** Runs that are started to take traffic back; whoever re-runs the last of them is heard as well. */
const MOST_RUNS = 5

export function isByWorkflow({ policy }: Rollout): boolean {
  return policy.router === BY_WORKFLOW
}

type Dispatch = Extract<Effect, { kind: 'workflow.dispatch' }>

/** The deploy workflow for this release. @param step percent @param deployment GitHub's number of it; null: there is none */
export function deployRun(draft: Draft, rollout: Rollout, key: string, step: number, deployment: number | null): Dispatch {
  return {
    kind: 'workflow.dispatch',
    key,
    workflow: rollout.policy.workflow,
    ref: rollout.policy.ref,
    inputs: {
      ...rollout.policy.inputs,
      version: draft.before.version,
      sha: draft.head,
      environment: rollout.environment,
      step: String(step),
      plan: rollout.plan,
      deployment: deployment === null ? '' : String(deployment),
      digests: JSON.stringify(rollout.digests ?? {}),
      key,
    },
  }
}

/** Takes all traffic from this version. True when a run of ours has said, signed, that it did. */
export function takeHome(draft: Draft, facts: Facts, rollout: Rollout): boolean {
  for (let attempt = 1; attempt <= MOST_RUNS; attempt++) {
    const key = draft.key(`rollout/${rollout.number}/${rollout.environment}/withdraw/${attempt}`)
    const run = draft.ensure(deployRun(draft, rollout, key, 0, null))
    if (run?.id == null || facts.full === null) return false
    const evidence = facts.full.evidence.map((row) => row.evidence)
    if (answerOf(evidence, { ...rollout, step: 0 }, draft, run.id) !== undefined) return true
    if (!isOver(facts.full.runs.get(run.id))) return false
  }
  draft.data.sentence = `${rollout.why?.sentence ?? 'Roll back.'} The workflow ${rollout.policy.workflow} was started ${MOST_RUNS} times to take the traffic back and did not say that it did: take it back by hand, then re-run its last run.`
  return false
}

/** Its answer, if any, has been read by now. */
function isOver(run: RunFacts | undefined): boolean {
  return run?.status === 'completed'
}
