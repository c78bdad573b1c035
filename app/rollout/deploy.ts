/** The first half of a step: the adopter's workflow deploys and says what runs, and the router moves the traffic. Pure. */
import type { Draft } from '../release/draft.ts'
import type { Facts } from '../release/facts.ts'
import type { Effect } from '../release/ports.ts'
import { sealKey } from '../release/settling.ts'
import { historyWords } from '../release/remembered.ts'
import type { Rollout } from '../release/state.ts'
import { deployRun, isByWorkflow } from './by-workflow.ts'
import { answerOf, sameDigests } from './deployed.ts'
import { adopt, deploymentOf, inProgress, isGitHubs } from './deployment.ts'
import { rampFlags } from './flags.ts'
import { foresee } from './foresee.ts'
import { hookHold } from './hooks.ts'
import { deadlineOf } from './judged.ts'
import { overdue, stepKey, vetoOf, type Permission } from './steps.ts'
import { outside, takenAway, unrunnable } from './way-back.ts'
import { startRollBack } from './withdraw.ts'

/** Longest time a deployment may take to answer, and traffic to move, when the step's own deadline is longer. */
export const SHIFT_PATIENCE_MS = 30_000

export function deploy(draft: Draft, facts: Facts, rollout: Rollout, may: Permission): void {
  const stranded = noWayBack(rollout, false)
  const late = stranded === null ? (rollout.unforeseen ?? 'the deployment did not answer') : `there was no way back (${stranded})`
  if (overdue(draft, facts, rollout, late)) return
  const runKey = stepKey(draft, rollout, 'run')
  const begun = draft.row(stepKey(draft, rollout, 'deployment')) ?? draft.row(runKey)
  const before = vetoOf(rollout, rollout.step, may)
  const holds = begun !== undefined ? null : (before ?? stranded ?? hookHold(draft, facts, rollout, 'pre'))
  if (holds !== null) {
    draft.data.sentence = `Hold before ${rollout.step} %: ${holds}`
    return
  }
  const { version } = draft.before
  draft.data.sentence = `Deploying ${version} for ${rollout.step} % of ${rollout.environment}.`
  const made = deploymentFor(draft, rollout)
  const theirs = isGitHubs(draft, rollout, facts.full)
  const deployment = theirs ? null : (draft.ensure(made)?.id ?? null)
  if (!theirs && deployment === null) return
  if (deployment !== null) inProgress(draft, rollout, deployment, `Deploying ${version} for ${rollout.step} %`)
  const run = draft.ensure(deployRun(draft, rollout, runKey, rollout.step, deployment))
  if (facts.full === null || run?.id == null) return
  const answer = answerOf(
    facts.full.evidence.map((row) => row.evidence),
    rollout,
    draft,
    run.id,
  )
  if (theirs) adopt(draft, facts.full, { rollout, run: run.id, answered: answer !== undefined, made })
  if (answer === undefined) {
    const state = facts.full.runs.get(run.id)
    if (state?.status === 'completed' && state.conclusion !== 'success')
      draft.data.sentence = `Hold: the deploy run ended with ${state.conclusion ?? 'nothing'}; re-run it, or /rollback.`
    return
  }
  if (rollout.digests !== null && !sameDigests(rollout.digests, answer)) {
    startRollBack(
      draft,
      rollout,
      { code: 'digest_mismatch', sentence: `Roll back: ${rollout.environment} runs other digests at ${rollout.step} % than at the step before.` },
      facts.now,
    )
    return
  }
  const holdsNow = may.veto ?? noWayBack(rollout, true)
  if (holdsNow !== null) {
    draft.data.sentence = `Hold before ${rollout.step} %: ${holdsNow}`
    return
  }
  const foresight = foresee(facts.samples, rollout, facts.now)
  if (foresight !== null && foresight.why !== null) {
    if (rollout.unforeseen === undefined)
      draft.note('forecast', { environment: rollout.environment, step: rollout.step, why: foresight.why, ...foresight.numbers })
    rollout.unforeseen = foresight.why
    draft.data.sentence = `Hold before ${rollout.step} %: ${foresight.why}.`
    return
  }
  delete rollout.unforeseen
  if (foresight !== null)
    draft.note('forecast', { environment: rollout.environment, step: rollout.step, sentence: foresight.sentence, ...foresight.numbers })
  const own = theirs ? deploymentOf(draft, rollout) : null
  // GitHub has called it a success when its job ended; the judge has not.
  if (own !== null) inProgress(draft, rollout, own, `${version} runs; what it serves at ${rollout.step} % is judged`)
  rollout.digests = answer
  rollout.stage = 'shifting'
  rollout.since = facts.now
  draft.note('deployed', { environment: rollout.environment, step: rollout.step, digests: answer })
  shift(draft, facts, rollout)
}

function deploymentFor(draft: Draft, rollout: Rollout): Extract<Effect, { kind: 'deployment.create' }> {
  const key = stepKey(draft, rollout, 'deployment')
  return {
    kind: 'deployment.create',
    key,
    sha: draft.head,
    environment: rollout.environment,
    task: 'canary',
    description: `${draft.before.version} to ${rollout.step} %`,
    payload: { release: draft.before.version, percent: rollout.step, plan: rollout.plan, key, ...checkpointOf(draft) },
  }
}

export function shift(draft: Draft, facts: Facts, rollout: Rollout): void {
  if (facts.now - rollout.since > Math.min(SHIFT_PATIENCE_MS, deadlineOf(rollout)))
    return void startRollBack(
      draft,
      rollout,
      { code: 'router', sentence: `Roll back: the router did not take ${rollout.step} % in time.` },
      facts.now,
    )
  // A workflow that moves the traffic has said that it did.
  if (!isByWorkflow(rollout) && !isSet(draft, rollout)) return
  const history = rollout.startedAt === null ? historyWords(facts.samples) : ''
  rampFlags(draft, rollout)
  rollout.stage = 'baking'
  rollout.since = facts.now
  rollout.shiftedAt = facts.now
  rollout.startedAt ??= facts.now
  rollout.sampleMs = facts.settings.sampleMs
  rollout.moved.push({ step: rollout.step, at: facts.now })
  draft.note('shifted', {
    environment: rollout.environment,
    router: rollout.policy.router,
    percent: rollout.step,
    ...(history === '' ? {} : { history }),
  })
  draft.data.sentence = `${rollout.step} % of ${rollout.environment} goes to ${draft.before.version}.${history === '' ? '' : ` ${history}`}`
}

/** A canary that cannot come back is none: it gets no traffic unless the config accepts that. */
function noWayBack({ schema }: Rollout, deployed: boolean): string | null {
  if (schema === undefined) return null
  return unrunnable(schema, deployed) ?? (schema.accepted === null ? (outside(schema) ?? takenAway(schema)) : null)
}

function isSet(draft: Draft, rollout: Rollout): boolean {
  const { environment, step: percent, policy } = rollout
  return draft.ensure({ kind: 'weight.set', key: stepKey(draft, rollout, 'weight'), environment, router: policy.router, percent }) !== null
}

/** What the decision rests on is sealed before this: the deployment keeps the ledger's checkpoint of that moment, where nobody edits it. */
function checkpointOf(draft: Draft): { readonly checkpoint?: string } {
  const note = draft.outcome(sealKey(draft, 'proven'))?.data?.['checkpoint']
  return typeof note === 'string' ? { checkpoint: note } : {}
}
