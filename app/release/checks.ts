/** One check run per (commit, base, gate): created at once, always concluded, edited only when what it says changes. Pure. */
import { digestOf } from '../../evidence/core/digest.ts'
import { checkName } from '../../evidence/model/check-name.ts'
import type { GateId } from '../../evidence/model/phases.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import { drawingOf } from '../../evidence/chart/drawings.ts'
import { gateById } from '../../gates/index.ts'
import {
  anchored,
  checkRun,
  pictured,
  superseded as replacedBy,
  waiting,
  type CheckContext,
  type CheckPicture,
  type CheckRunState,
} from '../github/check-run.ts'
import type { Gate } from '../../gates/gate.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { ANNOTATIONS } from '../github/limits.ts'
import { annotationsOf, MOST_ANNOTATIONS } from './annotations.ts'
import type { Draft } from './draft.ts'
import type { Facts, FullFacts } from './facts.ts'
import { shownSteps } from './shown-steps.ts'
import type { Outcome, SignedPosition } from './ports.ts'
import { evidenceRunning } from './proving.ts'
import { attemptsOf, deadlineOf, feederOf, timesOf } from './reruns.ts'
import { FINAL } from './state.ts'

export function checks(draft: Draft, facts: Facts, full: FullFacts): void {
  if (FINAL.includes(draft.state)) return
  for (const verdict of full.verdicts) {
    const gate = gateById(verdict.gate)
    if (gate === undefined) continue
    const name = checkName(gate.id, draft.base)
    renew(draft, facts, gate.id)
    const key = checkKey(draft, draft.head, draft.base, gate.id)
    const pastDeadline = facts.now >= deadlineOf(draft.data, feederOf(gate), facts.settings)
    const attempts = gate.reads.length > 0 ? attemptsOf(draft, facts, gate.phase) : []
    const isAsked = timesOf(draft.data, gate.phase) > 0 || !decided(verdict)
    const pending = gate.reads.length > 0 && evidenceRunning(draft, full, gate.phase) && isAsked && !pastDeadline
    const created = create(draft, gate, key, pending && attempts.length <= 1)
    if (created?.id == null) continue
    const commit = full.config.ok ? full.config.commit : undefined
    const waiver = full.waivers.find(({ digest }) => verdict.evidence.some((ref) => ref.sha256 === digest))
    const state = pending
      ? underWay(gate, attempts.length)
      : checkRun(verdict, {
          question: gate.question,
          why: gate.why,
          pastDeadline,
          lookedAt: gate.reads.length > 0,
          attempts: attempts.map(({ url }) => url),
          ...lastOf(full, gate),
          ...(commit !== undefined && { declaredBy: commit }),
          ...(waiver !== undefined && { waiver }),
        })
    const anchor = gate.id === 'all_required_gates' ? full.anchor : null
    const pictures = pending ? [] : picturesOf(draft, facts, full, gate.id)
    const said = pending ? 'pending' : contentOf(verdict, pastDeadline)
    const content = attempts.length > 1 ? [said, attempts.length] : said
    write(
      draft,
      {
        sha: draft.head,
        base: draft.base,
        gate: gate.id,
        checkRun: created.id,
        name,
        anchor,
        ...(waiver !== undefined && { waiver: waiver.digest }),
      },
      pictured(state, pictures),
      pictures.length === 0 ? content : [content, pictures],
    )
    stamp(draft, facts, gate.id)
    if (!pending && (verdict.verdict === 'fail' || verdict.verdict === 'indeterminate')) annotate(draft, facts, full, gate, created.id)
  }
}

/** GitHub archives a run after 400 days, and a required one is then missing. */
const RENEWED_MS = 180 * 86_400_000

/** A run that grows old, or that another App made and alone may change, is made anew (traps T19, T20). */
function renew(draft: Draft, { now, settings }: Facts, gate: GateId): void {
  const app = settings.app ?? null
  const place = placeOf(draft.head, draft.base, gate)
  const last = draft.data.checks[place]
  if (last?.made === undefined) return
  const { made } = last
  const isOurs = app === null || made.app === null || made.app === app
  if (isOurs && now - made.at <= RENEWED_MS) return
  draft.data.checks[place] = { seq: last.seq, digest: digestOf('made anew'), done: false, shown: [], made: { app, at: now, times: made.times + 1 } }
}

/** Who made it, and when; of one that an earlier version made, from now on. */
function stamp(draft: Draft, { now, settings }: Facts, gate: GateId): void {
  const app = settings.app ?? null
  const place = placeOf(draft.head, draft.base, gate)
  const last = draft.data.checks[place]
  if (last === undefined || (last.made !== undefined && (last.made.app !== null || app === null))) return
  draft.data.checks[place] = { ...last, made: { times: 0, at: now, ...last.made, app } }
}

/** Says from the start that agents look, where they do: that is then no edit. */
function create(draft: Draft, gate: Gate, key: string, isUnderWay: boolean): Outcome | null {
  const about = { kind: 'check.create', key, sha: draft.head, name: checkName(gate.id, draft.base), externalId: key } as const
  if (!isUnderWay || draft.row(key) !== undefined) return draft.ensure({ ...about, output: waiting(gate).output })
  const { output } = underWay(gate, 1)
  draft.data.checks[placeOf(draft.head, draft.base, gate.id)] ??= {
    seq: 0,
    digest: digestOf(['in_progress', null, 'pending']),
    done: false,
    shown: [],
  }
  return draft.ensure({ ...about, status: 'in_progress', output })
}

/** Once each, a page at a time, and each page an effect of its own. */
function annotate(draft: Draft, { now }: Facts, full: FullFacts, gate: Gate, checkRun: number): void {
  const place = placeOf(draft.head, draft.base, gate.id)
  const last = draft.data.checks[place]
  if (last === undefined) return
  const all = annotationsOf(gate, full.evidence, full.config.ok ? full.config.config : null, timestamp(now).slice(0, 10))
  const fresh = all.filter(({ digest }) => !last.shown.includes(digest)).slice(0, MOST_ANNOTATIONS - last.shown.length)
  let { shown } = last
  for (let at = 0; at < fresh.length; at += ANNOTATIONS) {
    const page = fresh.slice(at, at + ANNOTATIONS)
    shown = [...shown, ...page.map(({ digest }) => digest)]
    const key = `${checkKey(draft, draft.head, draft.base, gate.id)}/lines/${shown.length}`
    draft.ensure({ kind: 'check.annotate', key, checkRun, annotations: page.map(({ annotation }) => annotation), total: shown.length })
  }
  draft.data.checks[place] = { ...last, shown }
}

/** What a picture says better: what agents measured beside the gate they measured for, and the course of each step beside the gate over gates, which outlives the merge. */
function picturesOf(draft: Draft, { settings: { picture } }: Facts, { evidence }: FullFacts, gate: GateId): readonly CheckPicture[] {
  const release = draft.before.key
  if (picture === undefined) return []
  if (gate === 'all_required_gates')
    return shownSteps(draft.data).map(({ rollout, environment, step, at }) => ({
      words: `Errors, latency and requests a second of canary and stable at ${step} % of ${environment}`,
      url: picture({ release, rollout, step }, at),
    }))
  const series = new Map(evidence.flatMap(({ files }) => files).map(({ path, sha256 }) => [path, sha256]))
  return [...series].flatMap(([path, digest]) => {
    const drawing = drawingOf(path)
    return drawing?.gate === gate ? [{ words: drawing.caption(path), url: picture({ release, series: digest }, 0) }] : []
  })
}

/** The runs of a head that is no longer the head: what was still open is cancelled. */
export function superseded(draft: Draft, _facts: Facts): void {
  for (const [place, last] of Object.entries(draft.data.checks)) {
    const [, sha, base, gate] = /^([0-9a-f]+)\/(.+)\/([a-z_]+)$/.exec(place) ?? []
    if (sha === undefined || base === undefined || gate === undefined || last.done || !draft.head.startsWith(sha)) continue
    const created = draft.outcome(checkKey(draft, draft.head, base, gate as GateId))
    if (created?.id == null) continue
    const name = checkName(gate as GateId, base)
    write(
      draft,
      { sha: draft.head, base, gate: gate as GateId, checkRun: created.id, name, anchor: null },
      replacedBy('a newer commit'),
      'superseded',
    )
  }
}

/** Numbers of the same version of the gate only: another may count otherwise. */
function lastOf({ last, contexts }: FullFacts, { id }: Gate): Pick<CheckContext, 'last'> {
  const before = last?.decided.find(({ gate }) => gate === id)
  const isSame = before?.context != null && before.context.gate_version === contexts.get(id)?.gate_version
  return last === null || before === undefined || !isSame ? {} : { last: { version: last.version, metrics: before.verdict.metrics } }
}

interface Place {
  readonly sha: string
  readonly base: string
  readonly gate: GateId
  readonly checkRun: number
  readonly name: string
  /** What the check keeps of the ledger. It rides on what is written anyway: a ledger that only grew is no reason to write. */
  readonly anchor: SignedPosition | null
  readonly waiver?: string
}

function write(draft: Draft, { sha, base, gate, checkRun, name, anchor, ...behind }: Place, state: CheckRunState, content: unknown): void {
  const place = placeOf(sha, base, gate)
  const digest = digestOf([state.status, state.conclusion, content])
  const last = draft.data.checks[place]
  if (last?.digest === digest) return
  const seq = (last?.seq ?? 0) + 1
  draft.data.checks[place] = { ...last, seq, digest, done: state.status === 'completed', shown: last?.shown ?? [] }
  const key = `${checkKey(draft, sha, base, gate)}/${seq}`
  if (anchor === null) draft.ensure({ kind: 'check.update', key, checkRun, name, ...state, ...behind })
  else {
    const { size, root, note } = anchor
    draft.ensure({ kind: 'check.update', key, checkRun, name, ...state, ...behind, output: anchored(state.output, note), anchor: { size, root } })
  }
}

function placeOf(sha: string, base: string, gate: GateId): string {
  return `${sha.slice(0, 12)}/${base}/${gate}`
}

function checkKey(draft: Draft, sha: string, base: string, gate: GateId): string {
  const times = draft.data.checks[placeOf(sha, base, gate)]?.made?.times ?? 0
  return draft.key(`check/${sha.slice(0, 12)}/${base}/${gate}${times === 0 ? '' : `/again/${times}`}`)
}

function underWay(gate: { readonly question: string; readonly why: string }, attempts: number): CheckRunState {
  const title = attempts > 1 ? `Agents are looking again, attempt ${attempts}` : 'Agents are looking'
  return { ...waiting(gate), status: 'in_progress', output: { ...waiting(gate).output, title } }
}

function decided(verdict: Verdict): boolean {
  return verdict.verdict !== 'indeterminate'
}

/** What the check says, without the moment it was said. */
function contentOf(verdict: Verdict, pastDeadline: boolean): unknown {
  const { at: _at, ...content } = verdict
  return [content, pastDeadline]
}
