/**
 * Facts -> the release's next state and the effects it wants: pure, and the only place where a release moves.
 * Events mean "look again"; everything is computed from facts, so order, loss and repetition of events do not matter.
 */
import { digestOf } from '../../evidence/core/digest.ts'
import { Phase } from '../../evidence/model/phases.ts'
import { lockChange } from '../rollout/lock.ts'
import { nextRollout } from '../rollout/next.ts'
import { reviewJobs } from '../rollout/protect.ts'
import { hearSchema } from '../rollout/way-back.ts'
import { checks, superseded } from './checks.ts'
import { closedFor, tellClosed } from './closed.ts'
import { settleDebts } from './debt.ts'
import { Draft } from './draft.ts'
import type { Facts, FullFacts } from './facts.ts'
import { letsGo, openGlass } from './glass.ts'
import { keepLane } from './hotfix.ts'
import { orders } from './orders.ts'
import { notLanded } from './landed.ts'
import { logVeto } from './log.ts'
import type { Change, LockChange, ReleaseRecord } from './ports.ts'
import { tellChannels } from './messages.ts'
import { prove } from './proving.ts'
import { keepUp } from './renewal.ts'
import { lookAgain } from './reruns.ts'
import { sealDecision, settleUp } from './settling.ts'
import { statusComment } from './status.ts'
import { FINAL, type Landed } from './state.ts'
import { veto } from './veto.ts'
import { lookWhenOver } from './waivers.ts'

export interface Step {
  readonly record: ReleaseRecord
  readonly intents: Change['intents']
  readonly events: Change['events']
  readonly verdicts: Change['verdicts']
  readonly answered: readonly string[]
  readonly changed: boolean
  readonly lock: LockChange | null
  /** A decision needs fresh facts from GitHub before anything else. */
  readonly wantsFull: boolean
  /** People do not see yet what the release is: look in full once this is done. */
  readonly unseen: boolean
}

export function next(record: ReleaseRecord, facts: Facts): Step {
  const draft = new Draft(record, facts.outbox)
  const { full } = facts
  if (full !== null) hearSchema(draft, full)
  if (full !== null) lifecycle(draft, facts, full)
  sealDecision(draft, facts)
  nextRollout(draft, facts, {
    veto: veto(draft, full),
    everyone: logVeto(draft, facts),
    closed: full === null ? null : (closedFor(facts, full)?.why ?? null),
  })
  if (full !== null) reviewJobs(draft, facts, full)
  if (full !== null) settleDebts(draft, facts, full)
  lookWhenOver(draft, facts)
  finish(draft, facts)
  settleUp(draft, facts)
  tellChannels(draft, facts)
  const lock = lockChange(draft, facts)
  if (full !== null) {
    checks(draft, facts, full)
    statusComment(draft, facts, full)
    tellClosed(draft, full)
  } else if (draft.data.shown !== draft.state) draft.lookAgainAt(facts.now + 2_000)
  return {
    record: draft.record(),
    intents: draft.intents,
    events: draft.events,
    answered: draft.answered,
    changed: draft.changed || (lock !== null && lock.kind !== 'keep'),
    lock,
    wantsFull: draft.wantsFull,
    unseen: full === null && draft.data.shown !== draft.state,
    verdicts:
      full === null ? [] : full.verdicts.map((verdict) => ({ gate: verdict.gate, verdict, context: full.contexts.get(verdict.gate) ?? null })),
  }
}

/** Effects of a release that has ended are still carried out; nothing new begins. */
function lifecycle(draft: Draft, facts: Facts, full: FullFacts): void {
  const { pull } = full
  if (full.config.ok) remember(draft, full.config)
  keepUp(draft, facts, full)
  newHead(draft, facts, full)
  keepLane(draft, full)
  if (full.landed !== null && draft.data.landed === null) land(draft, full, full.landed)
  for (const verdict of full.verdicts)
    if (full.fresh.includes(verdict.gate)) draft.note('verdict', { gate: verdict.gate, verdict: verdict.verdict, digest: digestOf(verdict) })
  if (!pull.merged) draft.data.inputs = { ...full.inputs }
  const early =
    draft.state === 'draft' || draft.state === 'proving' || draft.state === 'ready' || (draft.state === 'held' && draft.data.rollout === null)
  if (early && pull.state === 'closed' && !pull.merged) draft.move('abandoned', 'the pull request was closed without a merge')
  if (draft.state === 'abandoned' && (pull.state === 'open' || pull.merged)) reopened(draft, facts)
  if (FINAL.includes(draft.state)) {
    orders(draft, facts, full)
    return
  }
  prove(draft, facts, full)
  const gates = full.verdicts.find((verdict) => verdict.gate === 'all_required_gates')
  const held = gates?.verdict === 'pass'
  if (draft.state === 'draft' && !pull.draft) draft.move('proving', 'the pull request is open for proof')
  if (pull.draft && (draft.state === 'proving' || draft.state === 'ready')) draft.move('draft', 'the pull request is a draft')
  if (draft.state === 'proving' && held && !pull.merged) draft.move('ready', 'every required gate holds on this commit')
  if (draft.state === 'ready' && !held && !pull.merged) draft.move('proving', 'a required gate no longer holds')
  candidate(draft, full)
  if (pull.merged && (draft.state === 'proving' || draft.state === 'ready')) {
    const why = letsGo(gates) ? 'it was merged by break-glass' : 'it was merged although a required gate does not hold'
    draft.move('merged', held ? 'the proven commit was merged' : why)
    if (!letsGo(gates)) draft.note('incident', { code: 'merged-while-red', head: draft.head })
  }
  orders(draft, facts, full)
}

/** A proven head is a candidate. A preview is a release of its own, and has none. */
function candidate(draft: Draft, { config }: FullFacts): void {
  const { version } = draft.before
  if (draft.state !== 'ready' || !config.ok || config.config.release.candidates !== 'rc' || version.includes('-')) return
  draft.ensure({ kind: 'candidate.tag', key: draft.key(`candidate/${draft.head}`), version, sha: draft.head })
}

/** What lies in the base is what was proven, or something else that nobody may promote. */
function land(draft: Draft, { config }: FullFacts, landed: Landed): void {
  draft.data.landed = landed
  draft.note('landed', { head: draft.head, ...landed })
  if (notLanded(landed, draft.head, config) !== null) draft.note('incident', { code: 'command.other-commit', head: draft.head })
}

/** It starts over, as with a new head: what people said of it, and how long its evidence may take. */
function reopened(draft: Draft, facts: Facts): void {
  draft.data.headSince = facts.now
  draft.data.isFirstHead = false
  draft.data.voices = []
  draft.data.held = null
  draft.move('proving', 'the pull request was opened again')
}

function remember(draft: Draft, config: { commit: string; digest: string }): void {
  if (draft.data.policy?.digest !== config.digest) draft.note('policy', { commit: config.commit, digest: config.digest })
  if (draft.data.policy?.digest !== config.digest || draft.data.policy === null) draft.data.policy = { commit: config.commit, digest: config.digest }
}

/** Approvals and proof belong to a commit: another head starts over. A merged commit stays what it is. */
function newHead(draft: Draft, facts: Facts, full: FullFacts): void {
  const { pull } = full
  draft.base = pull.base.ref
  if (pull.head.sha === draft.head || draft.data.rollout !== null || pull.merged) return
  superseded(draft, facts)
  draft.note('head', { from: draft.head, to: pull.head.sha })
  draft.head = pull.head.sha
  draft.data.headSince = facts.now
  draft.data.isFirstHead = false
  draft.data.reruns = {}
  draft.data.voices = []
  if (draft.state === 'ready') draft.move('proving', 'a new commit must be proven')
}

/** 100 % baked everywhere: the release is generally available, or, while its proof is owed, shipped. */
function finish(draft: Draft, { full, now }: Facts): void {
  const isOwed = openGlass(draft.data).length > 0
  if (draft.state === 'baking' && draft.data.rollout?.stage === 'done') {
    if (isOwed) {
      // Nobody waits any more: the gates look again.
      lookAgain(draft, Phase.options, now)
      draft.move('broken_glass', 'the last step baked without a breach, and its proof is owed')
    } else draft.move('ga', 'the last step baked without a breach')
  } else if (draft.state === 'broken_glass' && !isOwed) {
    if (full?.provenIn == null) draft.move('ga', 'every required gate holds on what serves everyone')
    else draft.move('closed', `${full.provenIn} contains it, and is proven`)
  }
}
