/**
 * A verdict as a check run, by the mapping of SPEC part 4. GitHub counts `neutral`, `skipped` and `stale` as passed, so only one function here writes
 * `neutral`, and it demands the waiver: a `waived` verdict without the waiver it cites blocks like any other unproven gate.
 */
import type { CheckAction, CheckConclusion, CheckOutput } from '../release/ports.ts'
import { keeps } from '../../evidence/model/verdict.ts'
import { covers, type WaiverPredicate } from '../../evidence/model/predicate/waiver.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import { anchorText } from './anchor.ts'
import { fit, fitOutput, LONG_TEXT } from './limits.ts'
import { code, image, inline } from './markdown.ts'

export interface CheckRunState {
  readonly status: 'queued' | 'in_progress' | 'completed'
  readonly conclusion: CheckConclusion | null
  readonly output: CheckOutput
  /** Buttons; absent: none. */
  readonly actions?: readonly CheckAction[]
}

/** What the button of a gate that does not hold asks for. GitHub shows it to whoever may write (trap T8: only on a run that is over). */
export const LOOK_AGAIN: CheckAction = { label: 'Look again', description: 'Runs the agents of its phase again', identifier: 'look-again' }

/** What the check needs beside the verdict to explain itself. */
export interface CheckContext {
  /** The gate's one sentence. */
  readonly question: string
  readonly why: string
  /** The gate's deadline has passed without evidence. */
  readonly pastDeadline: boolean
  /** Agents can look again for this gate. */
  readonly lookedAt?: boolean
  /** Runs of its phase on this commit, oldest first; null: not known where. */
  readonly attempts?: readonly (string | null)[]
  /** The same gate on the version that was released last, when the same version of the gate decided it; absent: there is none to compare with. */
  readonly last?: { readonly version: string; readonly metrics: Verdict['metrics'] }
  /** Commit of the base branch on which `not_applicable` was declared. */
  readonly declaredBy?: string
  /** The waiver that the verdict cites, with the digest of its statement. */
  readonly waiver?: { readonly digest: string; readonly predicate: WaiverPredicate }
}

/** The run as it is created, before anything is known. */
export function waiting(context: Pick<CheckContext, 'question' | 'why'>): CheckRunState {
  return {
    status: 'queued',
    conclusion: null,
    output: fitOutput({
      title: 'Waiting for evidence',
      summary: `${inline(context.question)}\n\n${inline(context.why)}\n\nNothing has been measured yet. The agents of this phase run next; this check blocks until their evidence is here.`,
    }),
  }
}

/** A newer commit, base or evaluation took its place. */
export function superseded(by: string): CheckRunState {
  return {
    status: 'completed',
    conclusion: 'cancelled',
    output: fitOutput({ title: 'Superseded', summary: `This run was replaced by ${code(by)}. It says nothing about any commit any more.` }),
  }
}

/** @param verdict as `evaluate` decided it */
export function checkRun(verdict: Verdict, context: CheckContext): CheckRunState {
  const mayAsk = context.lookedAt === true && (verdict.verdict === 'fail' || verdict.verdict === 'indeterminate')
  return {
    status: 'completed',
    conclusion: conclusionOf(verdict, context),
    output: fitOutput(outputOf(verdict, context)),
    ...(mayAsk && { actions: [LOOK_AGAIN] }),
  }
}

export interface CheckPicture {
  /** For whoever does not see it. */
  readonly words: string
  readonly url: string
}

/** The same state with pictures below what it says; none of them when they do not fit. */
export function pictured<State extends CheckRunState>(state: State, pictures: readonly CheckPicture[]): State {
  if (pictures.length === 0) return state
  const lines = pictures.map(({ words, url }) => image(words, url))
  const summary = `${state.output.summary}\n\n${lines.join('\n\n')}`
  return Buffer.byteLength(summary) > LONG_TEXT ? state : { ...state, output: { ...state.output, summary } }
}

/** The same output with the ledger's checkpoint at its end, whole whatever the text before it is cut to. @param note a signed note */
export function anchored(output: CheckOutput, note: string): CheckOutput {
  const said = `\n\n${anchorText(note)}`
  return { ...output, text: fit(output.text ?? '', LONG_TEXT - Buffer.byteLength(said)) + said }
}

function conclusionOf(verdict: Verdict, context: CheckContext): CheckConclusion {
  switch (verdict.verdict) {
    case 'pass':
    case 'not_applicable':
      return 'success'
    case 'fail':
      return 'failure'
    case 'indeterminate':
      return context.pastDeadline ? 'timed_out' : 'action_required'
    case 'waived':
      return isWaived(verdict, context) ? 'neutral' : 'action_required'
  }
}

/** Does this very waiver stand behind this very verdict? */
function isWaived({ gate, sha, at, evidence }: Verdict, { waiver }: CheckContext): boolean {
  if (waiver === undefined || !evidence.some((ref) => ref.sha256 === waiver.digest)) return false
  const { predicate: of } = waiver
  return covers(of, gate) && of.sha === sha && of.granted_at <= at && at < of.expires_at
}

function outputOf(verdict: Verdict, context: CheckContext): CheckOutput {
  const parts = [
    `**Question.** ${inline(context.question)}`,
    `**Why it matters.** ${inline(context.why)}`,
    answer(verdict, context),
    reasons(verdict),
    numbers(verdict, context.last),
    measured(verdict),
    attempts(context.attempts ?? []),
  ]
  const text = evidence(verdict)
  return { title: titleOf(verdict, context), summary: parts.filter((part) => part !== '').join('\n\n'), ...(text !== '' && { text }) }
}

function titleOf(verdict: Verdict, context: CheckContext): string {
  const first = verdict.reasons[0]
  const more = verdict.reasons.length > 1 ? ` (and ${verdict.reasons.length - 1} more)` : ''
  switch (verdict.verdict) {
    case 'pass':
      return `Proven: ${thresholds(verdict)}`
    case 'fail':
      return `Blocked: ${first?.message ?? 'the gate said no'}${more}`
    case 'indeterminate':
      return `${context.pastDeadline ? 'Deadline passed' : 'Not proven'}: ${first?.message ?? 'nothing was measured'}${more}`
    case 'waived':
      return isWaived(verdict, context) ? `Not proven, ${first?.message ?? 'waived'}` : 'Not proven: the waiver that is named is not there'
    case 'not_applicable':
      return `not applicable: ${first?.message ?? ''}, declared by ${context.declaredBy ?? 'an unknown commit'}`
  }
}

function thresholds(verdict: Verdict): string {
  return Object.entries(verdict.thresholds)
    .map(([name, threshold]) => `${name} ${show(verdict.metrics[name])} (${threshold})`)
    .join(', ')
}

function answer(verdict: Verdict, context: CheckContext): string {
  const on = `on commit ${code(verdict.sha)}, environment ${code(verdict.env)}`
  switch (verdict.verdict) {
    case 'pass':
      return `**Answer.** Yes, ${on}.`
    case 'fail':
      return `**Answer.** No, ${on}.`
    case 'not_applicable':
      return `**Answer.** The config on the base branch says this does not apply, ${on}.`
    default:
      return `**Answer.** Not known ${on}${context.pastDeadline ? ', and its deadline has passed' : ''}. Nothing measured is never a pass, so this blocks.`
  }
}

function reasons(verdict: Verdict): string {
  if (verdict.reasons.length === 0) return ''
  const lines = verdict.reasons.map((reason) => `- ${code(reason.code)}: ${inline(reason.message)}\n  **Next:** ${inline(reason.next)}`)
  return ['**Why, and what to do next**', '', ...lines].join('\n')
}

function numbers(verdict: Verdict, last: CheckContext['last']): string {
  const names = [...new Set([...Object.keys(verdict.thresholds), ...Object.keys(verdict.metrics)])]
  if (names.length === 0) return ''
  const isCompared = last !== undefined && names.some((name) => last.metrics[name] !== undefined)
  const rows = names.map((name) => {
    const value = verdict.metrics[name]
    const threshold = verdict.thresholds[name]
    const kept = threshold === undefined ? 'no threshold' : keeps(value, threshold) ? 'yes' : '**no**'
    const trend = isCompared ? ` ${trendOf(value, last.metrics[name])} |` : ''
    return `| ${inline(name)} | ${show(value)} | ${threshold === undefined ? '' : code(threshold)} | ${kept} |${trend}`
  })
  const [head, line] = isCompared ? [` in ${inline(last.version)} |`, '---|'] : ['', '']
  return [`| what | value | threshold | kept? |${head}`, `|---|---|---|---|${line}`, ...rows].join('\n')
}

/** What it was, and by how much it is more or less now. */
function trendOf(value: number | undefined, before: number | undefined): string {
  if (before === undefined) return 'not measured'
  if (value === undefined || value === before) return show(before)
  const change = value - before
  return `${show(before)} (${change > 0 ? '+' : ''}${show(change)})`
}

function measured(verdict: Verdict): string {
  const of = verdict.measured
  if (of === null) return '**Measured.** Nothing.'
  return [
    '| measured | |',
    '|---|---|',
    `| n | ${of.n} |`,
    `| window | ${inline(of.window)} |`,
    `| source | ${inline(of.source)} |`,
    `| query | ${code(of.query)} |`,
    `| raw data, SHA-256 | ${code(of.data_digest)} |`,
  ].join('\n')
}

function attempts(of: NonNullable<CheckContext['attempts']>): string {
  if (of.length === 0) return ''
  const runs = of.map((url, at) => (url === null ? `${at + 1}` : `[${at + 1}](${encodeURI(url).replace(/[()]/g, '')})`))
  return `**Attempts on this commit.** ${runs.join(', ')}`
}

function evidence(verdict: Verdict): string {
  const lines = verdict.evidence.map((item) => `| ${code(item.path)} | ${code(item.sha256)} | ${item.sig === null ? 'unsigned' : code(item.sig)} |`)
  const table = lines.length === 0 ? 'No evidence was read.' : ['| evidence | SHA-256 | bundle |', '|---|---|---|', ...lines].join('\n')
  return `${table}\n\nDecided by ${code(verdict.agent)} at ${verdict.at}, trace ${code(verdict.trace_id)}.`
}

function show(value: number | undefined): string {
  if (value === undefined) return 'absent'
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)))
}
