/**
 * Break-glass: two people let a release ship without the proof of its gates, for as long as their word counts. It is a waiver of the gate over gates, so
 * what is said of waivers holds for it; beyond that it opens the calendar, is told to whom a breach is told, and has a record, which stays open until the
 * gates hold on that commit, or on a later release that contains it. Pure.
 *
 * It skips neither plan nor approvers, and nothing after them: digests, schema, judge, way back.
 */
import { digestOf } from '../../evidence/core/digest.ts'
import { GLASS } from '../../evidence/model/predicate/waiver.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import { gateById } from '../../gates/index.ts'
import { inline, marker } from '../github/markdown.ts'
import type { Draft } from './draft.ts'
import type { Facts, FullFacts } from './facts.ts'
import type { ReleaseData } from './state.ts'
import type { Granted, Voice } from './voice.ts'
import { grant, namesOf, reasonOf, waiverIssueKey, type IssueWords } from './waivers.ts'

/** What the gate over gates says for a promotion to go on; waived: by break-glass, and by nothing else. */
const LETS_GO: ReadonlySet<Verdict['verdict']> = new Set(['pass', 'waived'])

export function letsGo(verdict: Pick<Verdict, 'verdict'> | undefined): boolean {
  return verdict !== undefined && LETS_GO.has(verdict.verdict)
}

/** Records that nobody closed yet: the release ships, or shipped, without proof. */
export function openGlass({ waivers }: Pick<ReleaseData, 'waivers'>): readonly Granted[] {
  return waivers.filter(({ gate, settled }) => gate === GLASS && settled === undefined)
}

/** The one that lets it through now, on this commit; null: the glass is whole. */
export function standingGlass({ data, head }: Pick<Draft, 'data' | 'head'>, now: number): Granted | null {
  return openGlass(data).findLast((glass) => glass.head === head && now < glass.expiresAt) ?? null
}

/** Until the first of their words is too old to count. @param life of a word, milliseconds */
export function glassExpiry(voices: readonly Voice[], life: number, now: number): number {
  return Math.min(now, ...voices.map(({ saidAt }) => saidAt)) + life
}

/** @param voices who broke it, the last one last */
export function breakGlass(draft: Draft, facts: Facts, full: FullFacts, voices: readonly Voice[], expiresAt: number): void {
  grant(draft, { gate: GLASS, voices, expiresAt, issue: recordIssue(draft, full, voices, expiresAt) }, facts.now)
  const number = draft.data.waivers.length
  if (!full.config.ok) return
  const { people, observe } = full.config.config
  const words = shortly(draft, voices, expiresAt)
  for (const webhook of new Set(observe.messages.breach))
    draft.ensure({ kind: 'message.send', key: draft.key(`message/glass/${number}/${webhook}`), webhook, text: words.join('\n') })
  const mark = marker(`glass:${full.pull.number}/${number}`)
  const called = [...new Set([...people.on_call, ...people.cab])]
  draft.ensure({
    kind: 'comment.write',
    key: draft.key(`glass/${number}/told`),
    pull: full.pull.number,
    comment: null,
    marker: mark,
    body: [
      mark,
      ...words.map(inline),
      'The judge still watches every step and takes everything back on a breach; the plan still needs its approvers.',
      ...(called.length === 0 ? [] : [`For on-call and the change board: ${called.join(' ')}`]),
    ].join('\n\n'),
  })
}

function shortly({ before, head }: Draft, voices: readonly Voice[], expiresAt: number): string[] {
  const who = voices.map(({ login }) => login).join(' and ')
  return [
    `${before.version}: ${who} broke the glass until ${timestamp(expiresAt)}. It may ship without the proof of its gates, and through a freeze.`,
    `Reason: ${reasonOf(voices)}`,
    `${before.repository.owner}/${before.repository.name}#${before.pull}, commit ${head.slice(0, 12)}, trace ${before.traceId}`,
  ]
}

function recordIssue(draft: Draft, full: FullFacts, voices: readonly Voice[], expiresAt: number): IssueWords {
  const { version, pull } = draft.before
  return {
    title: `${version} ships by break-glass: its gates are owed`,
    labels: ['break-glass'],
    body: [
      `${namesOf(voices)} broke the glass for ${version}, on commit ${draft.head}, until ${timestamp(expiresAt)}.`,
      '',
      `Reason: ${inline(reasonOf(voices))}`,
      '',
      'What did not hold then:',
      '',
      ...owed(full),
      '',
      `The gates go on. This record is closed by the App when all of them hold on that commit, or on a later release that contains it; see #${pull}.`,
    ].join('\n'),
  }
}

function owed({ verdicts }: FullFacts): string[] {
  const lines = verdicts
    .filter(({ gate, verdict }) => gateById(gate)?.readsVerdicts !== true && verdict !== 'pass' && verdict !== 'not_applicable')
    .map(({ gate, verdict, reasons: [first] }) =>
      first === undefined
        ? `- \`${gate}\`: ${verdict}`
        : `- \`${gate}\`: ${verdict}, ${inline(first.message.slice(0, 500))} **Next:** ${inline(first.next.slice(0, 300))}`,
    )
  return lines.length === 0 ? ['- Nothing: every gate holds.'] : lines
}

/** Closes each record that is owed nothing any more, and keeps the issue of the others true. */
export function settleGlass(draft: Draft, facts: Facts, full: FullFacts): void {
  for (const [at, glass] of draft.data.waivers.entries()) {
    if (glass.gate !== GLASS) continue
    if (glass.settled === undefined) {
      const end = endOf(draft, full, glass)
      if (end !== null) {
        glass.settled = { at: facts.now, ...end }
        draft.note('glass.settled', { head: glass.head, why: end.why, proven: end.proven })
      }
    }
    tellIssue(draft, full, glass, at + 1)
  }
}

function endOf(
  { data, head, state }: Draft,
  { verdicts, provenIn }: FullFacts,
  glass: Granted,
): Pick<NonNullable<Granted['settled']>, 'why' | 'proven'> | null {
  const short = glass.head.slice(0, 12)
  if (glass.head === head && verdicts.find(({ gate }) => gate === GLASS)?.verdict === 'pass')
    return { why: `every required gate holds on commit ${short}`, proven: true }
  if (provenIn !== null) return { why: `${provenIn}, which is proven and serves everyone, contains commit ${short}`, proven: true }
  if (glass.head !== head && data.rollout === null) return { why: `another commit took the place of ${short} before anything shipped`, proven: false }
  if (state === 'abandoned') return { why: 'the pull request was closed, and nothing shipped', proven: false }
  if (state === 'rolled_back') return { why: 'everything was taken back', proven: false }
  return null
}

/** One comment on the issue, edited in place; then the issue is closed. */
function tellIssue(draft: Draft, full: FullFacts, glass: Granted, number: number): void {
  const issueKey = waiverIssueKey(draft.before.key, number)
  const issue = draft.outcome(issueKey)?.id
  if (issue == null) return
  const { settled, told } = glass
  const mark = marker(`glass-record:${number}`)
  const said =
    settled === undefined
      ? [`Still open. ${draft.before.version} is ${draft.state.replaceAll('_', ' ')}. What does not hold:`, '', ...owed(full)]
      : [`Closed at ${timestamp(settled.at)}: ${inline(settled.why)}.`]
  const digest = digestOf(said)
  const key = `${issueKey}/record`
  const created = draft.outcome(key)?.id ?? null
  if (told === undefined || (told.digest !== digest && created !== null)) {
    const seq = told === undefined ? 0 : told.seq + 1
    glass.told = { seq, digest }
    draft.ensure({
      kind: 'comment.write',
      key: seq === 0 ? key : `${key}/${seq}`,
      pull: issue,
      comment: seq === 0 ? null : created,
      marker: mark,
      body: [mark, ...said].join('\n'),
    })
  }
  if (settled !== undefined && glass.told?.digest === digest) draft.ensure({ kind: 'issue.close', key: `${issueKey}/close`, issue })
}
