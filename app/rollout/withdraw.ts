/** The way back: all traffic to the version before, first of all. It asks neither gates, nor people, nor GitHub. Pure. */
import type { Draft } from '../release/draft.ts'
import type { Facts } from '../release/facts.ts'
import type { Rollout } from '../release/state.ts'
import { newestTraces } from '../release/traces.ts'
import { deployRun, isByWorkflow, takeHome } from './by-workflow.ts'
import { restoreFlags, restoreOnceMore } from './flags.ts'
import { waitForGreen } from './golden-paths.ts'
import { refused } from './refused.ts'

interface Why {
  readonly code: string
  readonly sentence: string
}

/** @returns false: it stays, because the version before is known not to run the live schema */
export function startRollBack(draft: Draft, rollout: Rollout, why: Why, now: number): boolean {
  if (rollout.stage === 'withdrawing' || rollout.stage === 'withdrawn') return true
  if (refused(draft, rollout, why, now)) return false
  goHome(draft, rollout, why, now)
  return true
}

/** Whatever the schema is: it is decided, or done. */
export function goHome(draft: Draft, rollout: Rollout, why: Why, now: number): void {
  delete rollout.refused
  delete rollout.rehearsal
  rollout.stage = 'withdrawing'
  rollout.why = { ...why }
  rollout.since = now
  draft.data.held = null
  draft.data.sentence = why.sentence
  draft.move('rolling_back', why.sentence)
  draft.note('rollback', { environment: rollout.environment, step: rollout.step, code: why.code, reason: why.sentence })
}

export function withdraw(draft: Draft, facts: Facts, rollout: Rollout): void {
  if (rollout.stage === 'withdrawn') {
    waitForGreen(draft, facts, rollout)
    return stayHome(draft, facts, rollout)
  }
  const traces = rollout.traces === undefined ? newestTraces(facts.samples) : []
  if (traces.length > 0) rollout.traces = traces
  const home = isHome(draft, facts, rollout)
  // After the traffic's own intent: flags are asked for in the same look, and hold nothing up.
  restoreFlags(draft, rollout)
  if (!home) {
    draft.lookAgainAt(facts.now + facts.settings.sampleMs)
    return
  }
  rollout.stage = 'withdrawn'
  rollout.since = facts.now
  draft.note('withdrawn', { environment: rollout.environment, step: rollout.step })
  waitForGreen(draft, facts, rollout)
  stayHome(draft, facts, rollout)
}

function isHome(draft: Draft, facts: Facts, rollout: Rollout): boolean {
  if (isByWorkflow(rollout)) return takeHome(draft, facts, rollout)
  const key = draft.key(`rollout/${rollout.number}/${rollout.environment}/withdraw`)
  return draft.ensure({ kind: 'weight.set', key, environment: rollout.environment, router: rollout.policy.router, percent: 0 }) !== null
}

export function stayHomeKey(draft: Draft, rollout: Rollout): string {
  return draft.key(`rollout/${rollout.number}/${rollout.environment}/stay-home`)
}

/** A process that was suspended in the middle of an older step may still move traffic when it wakes: after its lease has run out, say 0 once more. */
function stayHome(draft: Draft, facts: Facts, rollout: Rollout): void {
  const key = stayHomeKey(draft, rollout)
  if (draft.row(key) !== undefined) return
  const at = rollout.since + facts.settings.leaseMs + 1_000
  if (facts.now < at) return draft.lookAgainAt(at)
  restoreOnceMore(draft, rollout)
  if (isByWorkflow(rollout)) draft.ensure(deployRun(draft, rollout, key, 0, null))
  else draft.ensure({ kind: 'weight.set', key, environment: rollout.environment, router: rollout.policy.router, percent: 0 })
}
