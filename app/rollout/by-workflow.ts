/**
 * Traffic that the adopter's own deploy workflow moves: the dispatch says how many percent, and the signed answer of that very run says how many it serves.
 * Chosen by `router: deployment` in the config, never by leaving the router out: a workflow that knows nothing of it would serve everyone. Pure.
 */
import type { Draft } from '../release/draft.ts'
import type { Facts } from '../release/facts.ts'
import type { Effect, EvidenceRow, RunFacts } from '../release/ports.ts'
import type { Rollout } from '../release/state.ts'
import { answerOf } from './deployed.ts'

/** No router of the operator's may have this name. */
export const BY_WORKFLOW = 'deployment'

/** Runs that are started for one thing on the way back; whoever re-runs the last of them is heard as well. */
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
  const said = insist(draft, facts, `rollout/${rollout.number}/${rollout.environment}/withdraw`, {
    effect: (key) => deployRun(draft, rollout, key, 0, null),
    said: (rows, run) =>
      answerOf(
        rows.map((row) => row.evidence),
        { ...rollout, step: 0 },
        draft,
        run,
      ),
  })
  if (said.kind === 'in-vain')
    draft.data.sentence = `${rollout.why?.sentence ?? 'Roll back.'} The workflow ${rollout.policy.workflow} was started ${said.times} times to take the traffic back and did not say that it did: take it back by hand, then re-run its last run.`
  return said.kind === 'said'
}

type Said<Answer> =
  | { readonly kind: 'said'; readonly answer: Answer }
  | { readonly kind: 'waits' }
  | { readonly kind: 'in-vain'; readonly times: number }

/** One run after the other, until one has said it: the next is started when the last is over without its word. */
export function insist<Answer>(
  draft: Draft,
  facts: Facts,
  path: string,
  of: { readonly effect: (key: string) => Effect; readonly said: (evidence: readonly EvidenceRow[], run: number) => Answer | undefined },
): Said<Answer> {
  for (let attempt = 1; attempt <= MOST_RUNS; attempt++) {
    const run = draft.ensure(of.effect(draft.key(`${path}/${attempt}`)))
    if (run?.id == null || facts.full === null) return { kind: 'waits' }
    const answer = of.said(facts.full.evidence, run.id)
    if (answer !== undefined) return { kind: 'said', answer }
    if (!isOver(facts.full.runs.get(run.id))) return { kind: 'waits' }
  }
  return { kind: 'in-vain', times: MOST_RUNS }
}

/** Its answer, if any, has been read by now. */
function isOver(run: RunFacts | undefined): boolean {
  return run?.status === 'completed'
}
