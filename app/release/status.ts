/** What the one status comment says, and when it is worth an edit. Pure. */
import { digestOf } from '../../evidence/core/digest.ts'
import { Phase } from '../../evidence/model/phases.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { gateById } from '../../gates/index.ts'
import { lockedBy, sayLock } from '../rollout/lock.ts'
import { promise } from '../rollout/rehearsal.ts'
import { sayRestored } from '../rollout/restore.ts'
import { rollForward, sayWayBack } from '../rollout/way-back.ts'
import { endOf, weightOf } from '../rollout/steps.ts'
import { statusComment as render, statusMarker } from '../github/status-comment.ts'
import { closedFor } from './closed.ts'
import type { Draft } from './draft.ts'
import type { Facts, FullFacts } from './facts.ts'
import { openGlass, standingGlass } from './glass.ts'
import { standingHotfix } from './hotfix.ts'
import { logRefusal, pendingSeal } from './log.ts'
import { waiverIssueKey } from './waivers.ts'
import { promoteLines, schemaHere } from './promotion.ts'
import { evidenceRunning } from './proving.ts'
import { traceLinks } from './traces.ts'
import { shownSteps } from './shown-steps.ts'
import { standingComment } from './standing-comment.ts'
import { FINAL } from './state.ts'
import { undoneOf } from './undone.ts'
import type { GateLine, StatusView } from './view.ts'

const SHOWN_ANSWERS = 5

export function statusComment(draft: Draft, facts: Facts, full: FullFacts): void {
  const view = viewOf(draft, facts, full)
  draft.data.shown = draft.state
  const key = draft.key('comment')
  const marker = statusMarker(full.pull.number)
  // Time and the judge's running numbers alone are no reason to edit: nobody is told, and everybody's feed moves.
  const judged = [draft.data.rollout?.stage, draft.data.rollout?.share].join(' ')
  const digest = digestOf({ ...view, at: null, rollout: view.rollout === null ? null : { ...view.rollout, judged } })
  const last = draft.data.comment
  const standing = last === null ? null : standingComment(draft, key, last.seq)
  if (last === null) {
    draft.data.view = view
    draft.data.comment = { seq: 0, digest }
    draft.ensure({ kind: 'comment.write', key, pull: full.pull.number, comment: null, marker, body: render(view) })
    return
  }
  if (standing === null || last.digest === digest) return
  draft.data.view = view
  draft.data.comment = { seq: last.seq + 1, digest }
  draft.ensure({ kind: 'comment.write', key: `${key}/${last.seq + 1}`, pull: full.pull.number, comment: standing, marker, body: render(view) })
}

function viewOf(draft: Draft, facts: Facts, full: FullFacts): StatusView {
  const { data } = draft
  const running = (phase: Phase): boolean => evidenceRunning(draft, full, phase)
  const lines = promoteLines(draft, full, facts)
  const whole = lines?.lines[0]
  return {
    version: draft.before.version,
    pull: full.pull.number,
    state: draft.state,
    head: draft.head,
    base: full.pull.base.sha,
    phases: phasesOf(full.verdicts, running),
    gates: full.verdicts.map((verdict) => lineOf(verdict, running)),
    rollout:
      data.rollout === null
        ? null
        : {
            environment: data.rollout.environment,
            steps: data.rollout.steps,
            weight: weightOf(data.rollout),
            judged: data.sentence,
            deadline: moment(endOf(data.rollout)),
            ...pictureOf(draft, facts),
            ...(data.rollout.traces === undefined ? {} : { traces: traceLinks(data.rollout.traces, facts.settings.tracesUrl ?? null) }),
          },
    plan:
      lines === null || whole === undefined
        ? null
        : { id: whole.line.slice(-32), step: whole.upTo, environment: lines.environment, objectives: lines.objectives },
    back: backLine(draft, facts, full, lines?.environment),
    stops: lines?.lines.slice(1).map(({ line }) => line) ?? [],
    answers: data.answers
      .slice(-SHOWN_ANSWERS)
      .toReversed()
      .map(({ login, command, done, answer }) => ({ login, command, done, answer })),
    ...glassOf(draft, facts),
    ...hotfixShown(draft, facts),
    held: data.held === null ? null : { reason: data.held.reason, by: data.held.owner, until: null },
    waits: waits(draft, facts, full),
    log: logLine(draft, facts, full),
    keeping: keptOf(facts),
    ...undone(draft, facts),
    next: nextSteps(draft, facts, full),
    ...(facts.settings.page === undefined ? {} : { page: facts.settings.page(draft.before.key) }),
    traceId: draft.before.traceId,
    at: timestamp(facts.now),
  }
}

function undone(draft: Draft, facts: Facts): Pick<StatusView, 'undone'> {
  const all = undoneOf(draft.rows(), draft.head, facts.now)
  return all.length === 0 ? {} : { undone: all }
}

/** The newest record that is open. */
function glassOf(draft: Draft, facts: Facts): Pick<StatusView, 'glass'> {
  const open = openGlass(draft.data).at(-1)
  if (open === undefined) return {}
  const { grantedBy, reason, expiresAt } = open
  const issue = draft.outcome(waiverIssueKey(draft.before.key, draft.data.waivers.indexOf(open) + 1))?.id ?? null
  const stands = standingGlass(draft, facts.now) === open
  return { glass: { by: grantedBy.map(({ login }) => login), reason, until: timestamp(expiresAt), stands, issue } }
}

function hotfixShown(draft: Draft, facts: Facts): Pick<StatusView, 'hotfix'> {
  const standing = standingHotfix(draft, facts.now)
  if (standing?.lane === undefined) return {}
  const { grantedBy, reason, expiresAt, off = '' } = standing
  const { covers, must_hold: mustHold } = standing.lane
  const issue = draft.outcome(waiverIssueKey(draft.before.key, draft.data.waivers.indexOf(standing) + 1))?.id ?? null
  return { hotfix: { by: grantedBy.map(({ login }) => login), reason, until: timestamp(expiresAt), covers, mustHold, off, issue } }
}

/** Of what may be promoted now, or runs. */
function backLine(draft: Draft, facts: Facts, full: FullFacts, next: string | undefined): string {
  const where = next ?? draft.data.rollout?.environment
  if (where === undefined || !full.config.ok || FINAL.includes(draft.state) || draft.state === 'rolling_back') return ''
  const environment = full.config.config.environments[where]
  if (environment === undefined) return ''
  const schema = schemaHere(draft, full, where)
  const own = draft.data.rehearsals.at(-1)
  const last = own === undefined ? full.rehearsed : { ...own, sha: draft.head }
  const promised = promise(last, environment.rollback.rehearsed_within, facts.now)
  return [...(schema === undefined ? [] : [sayWayBack(schema)]), promised].join(' ')
}

function moment(at: number | null): string | null {
  return at === null ? null : timestamp(at)
}

/** Of the last step whose traffic has moved. */
function pictureOf({ before: { key }, data }: Draft, { settings }: Facts): { readonly picture?: { readonly url: string; readonly step: number } } {
  const last = shownSteps({ ended: [], rollout: data.rollout }).at(-1)
  if (last === undefined || settings.picture === undefined) return {}
  const { rollout, step, at } = last
  return { picture: { step, url: settings.picture({ release: key, rollout, step }, at) } }
}

/** Sealed packs and the stores they are meant for; a store that is away delays nothing but this line. */
function keptOf(facts: Facts): NonNullable<StatusView['keeping']> {
  return [...facts.outbox.values()].flatMap(({ effect, outcome, error }) =>
    effect.kind === 'pack.keep' ? [{ seal: effect.seal, store: effect.store, kept: outcome !== null, why: error ?? '' }] : [],
  )
}

function lineOf(verdict: Verdict, running: (phase: Phase) => boolean): GateLine {
  const gate = gateById(verdict.gate)
  const waiting = verdict.verdict === 'indeterminate' && gate !== undefined && gate.reads.length > 0 && running(gate.phase)
  return {
    gate: verdict.gate,
    verdict: waiting ? 'running' : verdict.verdict,
    numbers: Object.entries(verdict.thresholds).map(([name, threshold]) => ({ name, value: verdict.metrics[name] ?? null, threshold })),
    reason: waiting ? '' : (verdict.reasons[0]?.message ?? ''),
    next: waiting ? '' : (verdict.reasons[0]?.next ?? ''),
  }
}

function phasesOf(verdicts: readonly Verdict[], running: (phase: Phase) => boolean): StatusView['phases'] {
  return Phase.options.map((phase) => {
    const of = verdicts.filter((verdict) => gateById(verdict.gate)?.phase === phase)
    if (of.length === 0) return { phase, state: 'not-built' as const }
    if (of.every((verdict) => verdict.verdict === 'pass' || verdict.verdict === 'not_applicable')) return { phase, state: 'proven' as const }
    return { phase, state: running(phase) ? ('running' as const) : ('blocked' as const) }
  })
}

/** What keeps the next environment from this release, although nothing is wrong with it. */
function waits(draft: Draft, facts: Facts, full: FullFacts): string[] {
  const { renewal } = full
  const unfit = renewal !== undefined && 'unfit' in renewal ? [`The base has moved, and this release no longer fits: ${renewal.unfit}`] : []
  if (FINAL.includes(draft.state) || draft.state === 'draft' || !full.config.ok) return unfit
  const closed = closedFor(facts, full)
  const next = Object.keys(full.config.config.environments).find((name) => !draft.data.completed.includes(name))
  const locked = next === undefined ? null : lockedBy(draft, facts, next)
  return [
    ...unfit,
    ...(closed === null ? [] : [`Promotions are closed: ${closed.why}. A rollback is not.`]),
    ...(locked === null ? [] : [`Waits: ${sayLock(locked)}.`]),
  ]
}

function logLine(draft: Draft, facts: Facts, full: FullFacts): string {
  const refusal = draft.data.rollout === null && full.config.ok ? logRefusal(full.config.config, facts.settings) : null
  if (refusal !== null) return `This release cannot be promoted: ${refusal}.`
  switch (pendingSeal(draft, facts)) {
    case 'proven':
      return 'log_pending: the transparency log does not hold the sealed decision yet. The canary goes on; the step to 100 % waits for the log, until its deadline.'
    case 'promoted':
      return 'log_pending: the transparency log does not hold the final pack yet. It is asked again and again; the GitHub release is published when it does.'
    case 'rolled_back':
      return 'log_pending: the transparency log does not hold the pack of the rollback yet. It is asked again and again; nothing waits for it.'
    default:
      return ''
  }
}

function nextSteps(draft: Draft, facts: Facts, full: FullFacts): string[] {
  switch (draft.state) {
    case 'draft':
      return ['Mark the pull request as ready for review.']
    case 'proving':
      return standingGlass(draft, facts.now) === null ? provingSteps(draft, full) : [MERGE_OWED, ...provingSteps(draft, full)]
    case 'broken_glass':
      return [...provingSteps(draft, full), 'The record is closed when every gate holds on this commit, or on a later release that contains it.']
    case 'ready':
      return [
        'Merge the pull request with a merge commit, so that the proven commit itself is in the base branch.',
        'Then an approver promotes it here.',
      ]
    case 'merged':
      if (waits(draft, facts, full).length > 0) return ['The line to paste appears here when nothing above keeps it any more.']
      return ['An approver pastes the line above. The traffic then moves step by step, and comes back by itself when the new version fails.']
    case 'rolled_back':
      return [
        ...(draft.data.rollout === null ? [] : [sayRestored(draft, draft.data.rollout)]),
        'Find the cause in the incident, fix it, and open a new release pull request.',
      ]
    case 'held':
      if (draft.data.rollout?.refused !== undefined && draft.data.rollout.schema !== undefined)
        return rollForward(draft.data.rollout.schema, draft.head)
      return ['An approver writes resume, or somebody rolls it back.']
    default:
      return []
  }
}

const MERGE_OWED = 'The glass is broken: the pull request can be merged, with a merge commit. Then an approver promotes it here.'

/** A gate that is being looked at asks nobody for anything, and the gate over gates only says what the others said. */
function provingSteps(draft: Draft, full: FullFacts): string[] {
  const lines = full.verdicts
    .filter(({ gate, verdict }) => verdict !== 'pass' && verdict !== 'not_applicable' && gateById(gate)?.readsVerdicts !== true)
    .map((verdict) => lineOf(verdict, (phase) => evidenceRunning(draft, full, phase)))
  const asking = lines.filter(({ verdict }) => verdict !== 'running')
  if (asking.length === 0 && lines.length > 0) return ['Nothing to do: the agents are looking.']
  return asking.slice(0, 5).map(({ gate, next }) => `${gate}: ${next}`)
}
