/**
 * The canary's state machine: facts -> what to do next, pure. Each step deploys, shifts traffic, bakes, and is judged; a breach or a deadline sends
 * everything back to 0 % before anything else. Nothing may veto a rollback: it asks neither gates, nor people, nor GitHub.
 *
 *   deploying -> shifting -> baking -> (next step: deploying) | waiting for a further approval | done
 *   any of them -> withdrawing -> withdrawn
 *   any of them, when its way back was refused and a later release has the environment -> left
 */
import { endsAtOnce } from '../../gates/judge/guard.ts'
import type { Draft } from '../release/draft.ts'
import type { Facts } from '../release/facts.ts'
import { SERVED, type Rollout } from '../release/state.ts'
import { deploymentOf } from './deployment.ts'
import { deploy, shift, SHIFT_PATIENCE_MS } from './deploy.ts'
import { rampFlags } from './flags.ts'
import { awaitsHook, hookHold } from './hooks.ts'
import { deadlineOf, look, shareOf } from './judged.ts'
import { lockedBy, lostTo } from './lock.ts'
import { hasNoWayBack, leave } from './refused.ts'
import { rehearse } from './rehearsal.ts'
import { following, stateOf, stepKey, vetoOf, type Permission } from './steps.ts'
import { startRollBack, withdraw } from './withdraw.ts'

export function nextRollout(draft: Draft, facts: Facts, may: Permission): void {
  const rollout = draft.data.rollout
  if (rollout === null) return
  if (rollout.stage === 'withdrawing' || rollout.stage === 'withdrawn') return withdraw(draft, facts, rollout)
  if (rollout.stage === 'left') return
  if (!taken(draft, facts, rollout)) {
    if (rollout.refused !== undefined && !hasNoWayBack(rollout)) delete rollout.refused
    if (!breached(draft, facts, rollout)) act(draft, facts, rollout, may)
  }
  rehearse(draft, facts, rollout)
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

/** For a further approval, or the calendar. They may take as long as they take; silence of the metrics may not. */
function wait(draft: Draft, facts: Facts, rollout: Rollout, may: Permission): void {
  const heard = facts.samples.findLast((sample) => sample.canary !== null)?.at ?? rollout.since
  if (facts.now - heard > deadlineOf(rollout)) {
    startRollBack(
      draft,
      rollout,
      { code: 'deadline', sentence: `Roll back: at ${rollout.step} % nothing was heard of the canary for longer than the step may take.` },
      facts.now,
    )
    return
  }
  if (rollout.upTo <= rollout.step || facts.full === null) return
  const why = vetoOf(rollout, following(rollout), may) ?? may.closed ?? null
  if (why === null) enter(draft, facts, rollout, may)
  else draft.data.sentence = `Hold at ${rollout.step} %: ${why}`
}

/** The release's state is the rollout's, unless a person holds it; what was just sent back goes home in the same look. */
function follow(draft: Draft, facts: Facts, rollout: Rollout): void {
  // At once, so that a weight that is still on its way is replaced by 0 and not tried once more.
  if (rollout.stage === 'withdrawing') return withdraw(draft, facts, rollout)
  if (rollout.stage === 'left') return
  if (rollout.stage !== 'done') draft.lookAgainAt(facts.now + facts.settings.sampleMs)
  if (draft.data.held === null && !SERVED.includes(draft.state)) draft.move(stateOf(rollout), `${rollout.step} % of ${rollout.environment}`)
}

function taken(draft: Draft, facts: Facts, rollout: Rollout): boolean {
  const other = rollout.stage === 'done' ? null : lockedBy(draft, facts, rollout.environment)
  if (other === null) return false
  if (rollout.refused !== undefined) leave(draft, rollout, other)
  else startRollBack(draft, rollout, lostTo(other), facts.now)
  return true
}

function breached(draft: Draft, facts: Facts, rollout: Rollout): boolean {
  if (rollout.startedAt === null) return false
  const answer = look(facts, rollout)
  if (!endsAtOnce(answer.code)) return false
  back(draft, facts, rollout, answer, 'slo_breach')
  return true
}

function bake(draft: Draft, facts: Facts, rollout: Rollout, may: Permission): void {
  const answer = look(facts, rollout)
  draft.data.sentence = answer.sentence
  const flags = rampFlags(draft, rollout)
  if (answer.decision === 'hold') return
  if (answer.decision === 'roll_back') return back(draft, facts, rollout, answer)
  if (flags !== null) return holdHere(draft, facts, rollout, flags)
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
  if (facts.full === null && awaitsHook(draft, rollout, 'post')) return holdHere(draft, facts, rollout, 'a hook has not said yes yet')
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
  const holds = why ?? hookHold(draft, facts, rollout, 'post')
  if (holds !== null) return holdHere(draft, facts, rollout, holds)
  const deployment = deploymentOf(draft, rollout)
  if (deployment !== null)
    draft.ensure({
      kind: 'deployment.status',
      key: stepKey(draft, rollout, 'success'),
      deployment,
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
  const closed = may.closed ?? null
  if (rollout.step >= rollout.upTo || closed !== null) {
    rollout.stage = 'waiting'
    rollout.since = facts.now
    if (rollout.step < rollout.upTo && closed !== null) {
      rollout.closed = closed
      draft.note('closed', { environment: rollout.environment, step: rollout.step, why: closed })
      draft.data.sentence = `Hold at ${rollout.step} %: ${closed}`
    }
    return
  }
  enter(draft, facts, rollout, may)
}

/** The judge's word that ends a step is kept once: when it goes home, or when that is first refused. */
function back(
  draft: Draft,
  facts: Facts,
  rollout: Rollout,
  { sentence, judged, ...answer }: ReturnType<typeof look>,
  code: string = answer.code,
): void {
  const again = rollout.refused !== undefined
  if (startRollBack(draft, rollout, { code, sentence }, facts.now) || !again) rollout.judged.push(judged)
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
  delete rollout.closed
  draft.note('step', { environment: rollout.environment, step })
  deploy(draft, facts, rollout, may)
}

function short(text: string): string {
  return text.length <= 140 ? text : `${text.slice(0, 137)}...`
}
