/**
 * What a release owes that went on without proof: the record of a broken glass, or of a hotfix. Its issue is kept true, and closed by the App when the proof
 * is there, on that commit or in a later release that contains it, or when nothing shipped. Pure.
 */
import { digestOf } from '../../evidence/core/digest.ts'
import type { GateId } from '../../evidence/model/phases.ts'
import { GLASS } from '../../evidence/model/predicate/waiver.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import { gateById } from '../../gates/index.ts'
import { inline, marker } from '../github/markdown.ts'
import type { Draft } from './draft.ts'
import type { Facts, FullFacts } from './facts.ts'
import { standingComment } from './standing-comment.ts'
import { isOf, type Granted } from './voice.ts'
import { waiverIssueKey } from './waivers.ts'

type End = Pick<NonNullable<Granted['settled']>, 'why' | 'proven'>

/** Nothing is owed of these. */
export const HOLDS: ReadonlySet<Verdict['verdict']> = new Set(['pass', 'not_applicable'])

/** Markdown, a line for each gate that does not hold. @param among absent: all there are */
export function owed(verdicts: readonly Verdict[], among?: readonly GateId[]): string[] {
  const lines = verdicts
    .filter(({ gate, verdict }) => gateById(gate)?.readsVerdicts !== true && !HOLDS.has(verdict) && (among?.includes(gate) ?? true))
    .map(({ gate, verdict, reasons }) => {
      const [first] = reasons.filter(({ code }) => verdict !== 'waived' || code !== 'gate.waived')
      return first === undefined
        ? `- \`${gate}\`: ${verdict}`
        : `- \`${gate}\`: ${verdict}, ${inline(first.message.slice(0, 500))} **Next:** ${inline(first.next.slice(0, 300))}`
    })
  return lines.length === 0 ? ['- Nothing: every gate holds.'] : lines
}

/** Waivers of a hotfix whose debt nobody closed yet. */
export function openHotfixes(waivers: readonly Granted[]): readonly Granted[] {
  return waivers.filter(({ lane, settled }) => lane !== undefined && settled === undefined)
}

/** Closes each debt that is owed nothing any more, and keeps the issue of the others true. */
export function settleDebts(draft: Draft, facts: Facts, full: FullFacts): void {
  for (const [at, granted] of draft.data.waivers.entries()) {
    const { gate, lane } = granted
    if (gate !== GLASS && lane === undefined) continue
    if (granted.settled === undefined) {
      const end = (lane === undefined ? glassEnd(draft, full, granted) : hotfixEnd(full, granted.head, lane.covers)) ?? nothingShipped(draft, granted)
      if (end !== null) {
        granted.settled = { at: facts.now, ...end }
        draft.note(`${lane === undefined ? 'glass' : 'hotfix'}.settled`, { head: granted.head, why: end.why, proven: end.proven })
      }
    }
    tellIssue(draft, full, granted, at + 1)
  }
}

function glassEnd({ head, base }: Draft, { verdicts, provenIn }: FullFacts, glass: Granted): End | null {
  const short = glass.head.slice(0, 12)
  if (isOf(glass, { head, base }) && verdicts.find(({ gate }) => gate === GLASS)?.verdict === 'pass')
    return { why: `every required gate holds on commit ${short}`, proven: true }
  return provenIn === null ? null : { why: `${provenIn}, which is proven and serves everyone, contains commit ${short}`, proven: true }
}

/** Before the merge a gate that holds may turn red again. */
function hotfixEnd({ pull, verdicts, later }: FullFacts, head: string, covers: readonly GateId[]): End | null {
  const short = head.slice(0, 12)
  const here = verdicts.filter(({ sha, verdict }) => sha === head && HOLDS.has(verdict)).map(({ gate }) => gate)
  if (pull.merged && covers.every((gate) => here.includes(gate))) return { why: `every gate it covers holds on commit ${short}`, proven: true }
  if (later === undefined || !covers.every((gate) => later.holds.includes(gate))) return null
  return { why: `${later.version}, which serves everyone and in which every gate it covers holds, contains commit ${short}`, proven: true }
}

function nothingShipped({ data, head, base, state }: Draft, granted: Granted): End | null {
  if (granted.head !== head && data.rollout === null)
    return { why: `another commit took the place of ${granted.head.slice(0, 12)} before anything shipped`, proven: false }
  if (granted.base !== base && data.rollout === null) return { why: 'the pull request went to another base before anything shipped', proven: false }
  if (state === 'abandoned') return { why: 'the pull request was closed, and nothing shipped', proven: false }
  if (state === 'rolled_back') return { why: 'everything was taken back', proven: false }
  return null
}

/** One comment on the issue, edited in place; then the issue is closed. */
function tellIssue(draft: Draft, full: FullFacts, granted: Granted, number: number): void {
  const issueKey = waiverIssueKey(draft.before.key, number)
  const issue = draft.outcome(issueKey)?.id
  if (issue == null) return
  const { settled, told, lane } = granted
  const mark = marker(`${lane === undefined ? 'glass' : 'hotfix'}-record:${number}`)
  const said =
    settled === undefined
      ? [`Still open. ${draft.before.version} is ${draft.state.replaceAll('_', ' ')}. What does not hold:`, '', ...owed(full.verdicts, lane?.covers)]
      : [`Closed at ${timestamp(settled.at)}: ${inline(settled.why)}.`]
  const digest = digestOf(said)
  const key = `${issueKey}/record`
  const standing = standingComment(draft, key, told?.seq ?? 0)
  if (told === undefined || (told.digest !== digest && standing !== null)) {
    const seq = told === undefined ? 0 : told.seq + 1
    granted.told = { seq, digest }
    draft.ensure({
      kind: 'comment.write',
      key: seq === 0 ? key : `${key}/${seq}`,
      pull: issue,
      comment: seq === 0 ? null : standing,
      marker: mark,
      body: [mark, ...said].join('\n'),
    })
  }
  if (settled !== undefined && granted.told?.digest === digest) draft.ensure({ kind: 'issue.close', key: `${issueKey}/close`, issue })
}
