/**
 * The canary's state machine: facts -> what to do next, pure. Each step deploys, shifts traffic, bakes, and is judged; a breach or a deadline sends
 * everything back to 0 % before anything else. Nothing may veto a rollback: it asks neither gates, nor people, nor GitHub.
 *
 *   deploying -> shifting -> baking -> (next step: deploying) | waiting for a further approval | done
 *   any of them -> withdrawing -> withdrawn
 */
import type { Draft } from '../release/draft.ts'
import type { Facts } from '../release/facts.ts'
import { sealKey } from '../release/settling.ts'
import type { Rollout } from '../release/state.ts'
import { answerOf, sameDigests } from './deployed.ts'
import { deadlineOf, look, shareOf } from './judged.ts'
import { startRollBack, withdraw } from './withdraw.ts'

/** Longest time a deployment may take to answer, and traffic to move, when the step's own deadline is longer. */
const SHIFT_PATIENCE_MS = 30_000

export interface Permission {
  /** Why the rollout may not advance now; null when it may. Never consulted for a rollback. */
  readonly veto: string | null
  /** Why the step that serves everyone may not begin now, when only that must wait. */
  readonly everyone?: string | null
}

export function nextRollout(draft: Draft, facts: Facts, may: Permission): void {
  const rollout = draft.data.rollout
  if (rollout === null) return
  if (rollout.stage === 'withdrawing' || rollout.stage === 'withdrawn') return withdraw(draft, facts, rollout)
  if (breached(draft, facts, rollout)) return withdraw(draft, facts, rollout)
  act(draft, facts, rollout, may)
  follow(draft, facts, rollout)
}

function act(draft: Draft, facts: Facts, rollout: Rollout, may: Permission): void {
  switch (rollout.stage) {
    case 'deploying':
      return deploy(draft, facts, rollout, may)
    case 'shifting':
      return shift(draft, facts, rollout)
    case 'baking':
      return bake(draft, facts, rollout, may)
    case 'waiting':
      return wait(draft, facts, rollout, may)
    default:
      return
  }
}

/** For a further approval. A person may take as long as it takes; silence of the metrics may not. */
function wait(draft: Draft, facts: Facts, rollout: Rollout, may: Permission): void {
  const heard = facts.samples.findLast((sample) => sample.canary !== null)?.at ?? rollout.since
  if (facts.now - heard > deadlineOf(rollout))
    return startRollBack(
      draft,
      rollout,
      { code: 'deadline', sentence: `Roll back: at ${rollout.step} % nothing was heard of the canary for longer than the step may take.` },
      facts.now,
    )
  if (rollout.upTo <= rollout.step) return
  const why = vetoOf(rollout, following(rollout), may)
  if (why === null) enter(draft, facts, rollout, may)
  else draft.data.sentence = `Hold at ${rollout.step} %: ${why}`
}

/** The release's state is the rollout's, unless a person holds it; what was just sent back goes home in the same look. */
function follow(draft: Draft, facts: Facts, rollout: Rollout): void {
  // At once, so that a weight that is still on its way is replaced by 0 and not tried once more.
  if (rollout.stage === 'withdrawing') return withdraw(draft, facts, rollout)
  if (rollout.stage !== 'done') draft.lookAgainAt(facts.now + facts.settings.sampleMs)
  if (draft.data.held === null && draft.state !== 'ga') draft.move(stateOf(rollout), `${rollout.step} % of ${rollout.environment}`)
}

/** What a release is while this rollout runs. */
export function stateOf(rollout: Rollout): 'stage' | 'canary' | 'full' | 'baking' {
  if (!rollout.last) return 'stage'
  if (rollout.step < 100) return 'canary'
  return rollout.shiftedAt === null ? 'full' : 'baking'
}

/** Where an intent of this step is kept. */
export function stepKey(draft: Draft, rollout: Rollout, what: string): string {
  return draft.key(`rollout/${rollout.number}/${rollout.environment}/${rollout.step}/${what}`)
}

/** What the decision rests on is sealed before this: the deployment keeps the ledger's checkpoint of that moment, where nobody edits it. */
function checkpointOf(draft: Draft): { readonly checkpoint?: string } {
  const note = draft.outcome(sealKey(draft, 'proven'))?.data?.['checkpoint']
  return typeof note === 'string' ? { checkpoint: note } : {}
}

function breached(draft: Draft, facts: Facts, rollout: Rollout): boolean {
  if (rollout.startedAt === null) return false
  const answer = look(facts, rollout)
  if (answer.code !== 'breach' && answer.code !== 'worse') return false
  rollout.judged.push(answer.judged)
  startRollBack(draft, rollout, { code: 'slo_breach', sentence: answer.sentence }, facts.now)
  return true
}

function deploy(draft: Draft, facts: Facts, rollout: Rollout, may: Permission): void {
  if (overdue(draft, facts, rollout, 'the deployment did not answer')) return
  const deploymentKey = stepKey(draft, rollout, 'deployment')
  const before = vetoOf(rollout, rollout.step, may)
  if (draft.row(deploymentKey) === undefined && before !== null) {
    draft.data.sentence = `Hold before ${rollout.step} %: ${before}`
    return
  }
  const { version } = draft.before
  const deployment = draft.ensure({
    kind: 'deployment.create',
    key: deploymentKey,
    sha: draft.head,
    environment: rollout.environment,
    task: 'canary',
    description: `${version} to ${rollout.step} %`,
    payload: { release: version, percent: rollout.step, plan: rollout.plan, key: deploymentKey, ...checkpointOf(draft) },
  })
  if (deployment?.id == null) return
  draft.ensure({
    kind: 'deployment.status',
    key: stepKey(draft, rollout, 'in-progress'),
    deployment: deployment.id,
    state: 'in_progress',
    description: `Deploying ${version} for ${rollout.step} %`,
  })
  const runKey = stepKey(draft, rollout, 'run')
  const run = draft.ensure({
    kind: 'workflow.dispatch',
    key: runKey,
    workflow: rollout.policy.workflow,
    ref: rollout.policy.ref,
    inputs: {
      ...rollout.policy.inputs,
      version,
      sha: draft.head,
      environment: rollout.environment,
      step: String(rollout.step),
      plan: rollout.plan,
      deployment: String(deployment.id),
      digests: JSON.stringify(rollout.digests ?? {}),
      key: runKey,
    },
  })
  draft.data.sentence = `Deploying ${version} for ${rollout.step} % of ${rollout.environment}.`
  if (facts.full === null || run?.id == null) return
  const answer = answerOf(
    facts.full.evidence.map((row) => row.evidence),
    rollout,
    draft,
    run.id,
  )
  if (answer === undefined) {
    const state = facts.full.runs.get(run.id)
    if (state?.status === 'completed' && state.conclusion !== 'success')
      draft.data.sentence = `Hold: the deploy run ended with ${state.conclusion ?? 'nothing'}; re-run it, or /rollback.`
    return
  }
  if (rollout.digests !== null && !sameDigests(rollout.digests, answer))
    return startRollBack(
      draft,
      rollout,
      { code: 'digest_mismatch', sentence: `Roll back: ${rollout.environment} runs other digests at ${rollout.step} % than at the step before.` },
      facts.now,
    )
  if (may.veto !== null) {
    draft.data.sentence = `Hold before ${rollout.step} %: ${may.veto}`
    return
  }
  rollout.digests = answer
  rollout.stage = 'shifting'
  rollout.since = facts.now
  draft.note('deployed', { environment: rollout.environment, step: rollout.step, digests: answer })
  shift(draft, facts, rollout)
}

function shift(draft: Draft, facts: Facts, rollout: Rollout): void {
  if (facts.now - rollout.since > Math.min(SHIFT_PATIENCE_MS, deadlineOf(rollout)))
    return startRollBack(draft, rollout, { code: 'router', sentence: `Roll back: the router did not take ${rollout.step} % in time.` }, facts.now)
  const moved = draft.ensure({
    kind: 'weight.set',
    key: stepKey(draft, rollout, 'weight'),
    environment: rollout.environment,
    router: rollout.policy.router,
    percent: rollout.step,
  })
  if (moved === null) return
  rollout.stage = 'baking'
  rollout.since = facts.now
  rollout.shiftedAt = facts.now
  rollout.startedAt ??= facts.now
  rollout.sampleMs = facts.settings.sampleMs
  rollout.moved.push({ step: rollout.step, at: facts.now })
  draft.note('shifted', { environment: rollout.environment, router: rollout.policy.router, percent: rollout.step })
  draft.data.sentence = `${rollout.step} % of ${rollout.environment} goes to ${draft.before.version}.`
}

function bake(draft: Draft, facts: Facts, rollout: Rollout, may: Permission): void {
  const answer = look(facts, rollout)
  draft.data.sentence = answer.sentence
  if (answer.decision === 'hold') return
  if (answer.decision === 'roll_back') {
    rollout.judged.push(answer.judged)
    return startRollBack(draft, rollout, { code: answer.code, sentence: answer.sentence }, facts.now)
  }
  const share = shareOf(facts, rollout)
  if (share?.code !== rollout.share) {
    // The status comment tells of it, and only a full look writes that.
    if (facts.full === null && facts.now < rollout.since + deadlineOf(rollout)) {
      draft.wantsFull = true
      return
    }
    if (share === null) delete rollout.share
    else rollout.share = share.code
  }
  if (share !== null) return holdHere(draft, facts, rollout, `${share.why} (${share.code}).`)
  if (facts.full === null) {
    // Only fresh facts allow an advance. When GitHub or the store cannot be read for long past the deadline, this is no advance either.
    if (facts.now < rollout.since + deadlineOf(rollout) + SHIFT_PATIENCE_MS) draft.wantsFull = true
    else
      startRollBack(
        draft,
        rollout,
        { code: 'deadline', sentence: `Roll back: the deadline of the ${rollout.step} % step came and the facts could not be read again.` },
        facts.now,
      )
    return
  }
  const why = vetoOf(rollout, rollout.upTo > rollout.step ? following(rollout) : undefined, may)
  if (why !== null) return holdHere(draft, facts, rollout, why)
  const deployment = draft.outcome(stepKey(draft, rollout, 'deployment'))
  if (deployment?.id != null)
    draft.ensure({
      kind: 'deployment.status',
      key: stepKey(draft, rollout, 'success'),
      deployment: deployment.id,
      state: 'success',
      description: short(answer.sentence),
    })
  rollout.judged.push(answer.judged)
  draft.note('advance', { environment: rollout.environment, step: rollout.step, reason: answer.sentence, metrics: answer.metrics })
  if (rollout.step >= Math.max(...rollout.steps)) {
    rollout.stage = 'done'
    draft.data.completed.push(rollout.environment)
    return
  }
  if (rollout.step >= rollout.upTo) {
    rollout.stage = 'waiting'
    rollout.since = facts.now
    return
  }
  enter(draft, facts, rollout, may)
}

/** What the judge lets through waits for something else, until the step's deadline. */
function holdHere(draft: Draft, facts: Facts, rollout: Rollout, why: string): void {
  draft.data.sentence = `Hold at ${rollout.step} %: ${why}`
  if (facts.now >= rollout.since + deadlineOf(rollout))
    startRollBack(draft, rollout, { code: 'deadline', sentence: `Roll back: the deadline came while ${why}` }, facts.now)
}

/** Goes on to the next step. */
function enter(draft: Draft, facts: Facts, rollout: Rollout, may: Permission): void {
  const step = following(rollout)
  if (step === undefined || vetoOf(rollout, step, may) !== null) return
  rollout.step = step
  rollout.stage = 'deploying'
  rollout.since = facts.now
  rollout.shiftedAt = null
  delete rollout.share
  draft.note('step', { environment: rollout.environment, step })
  deploy(draft, facts, rollout, may)
}

function following(rollout: Rollout): number | undefined {
  return rollout.steps.find((step) => step > rollout.step)
}

/** Why the rollout may not go to this step now. */
function vetoOf(rollout: Rollout, step: number | undefined, may: Permission): string | null {
  return may.veto ?? (step === Math.max(...rollout.steps) ? (may.everyone ?? null) : null)
}

/** Past the deadline before traffic moved at this step. */
function overdue(draft: Draft, facts: Facts, rollout: Rollout, what: string): boolean {
  if (facts.now < rollout.since + deadlineOf(rollout)) return false
  startRollBack(draft, rollout, { code: 'deadline', sentence: `Roll back: ${what} before the deadline of the ${rollout.step} % step.` }, facts.now)
  return true
}

function short(text: string): string {
  return text.length <= 140 ? text : `${text.slice(0, 137)}...`
}
