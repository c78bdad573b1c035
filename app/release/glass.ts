/**
 * Break-glass: two people let a release ship without the proof of its gates, for as long as their word counts. It is a waiver of the gate over gates, so
 * what is said of waivers holds for it; beyond that it opens the calendar, is told to whom a breach is told, and has a record, which stays open until the
 * gates hold on that commit, or on a later release that contains it. Pure.
 *
 * It skips neither plan nor approvers, and nothing after them: digests, schema, judge, way back.
 */
import { GLASS } from '../../evidence/model/predicate/waiver.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import { inline, marker } from '../github/markdown.ts'
import { owed } from './debt.ts'
import type { Draft } from './draft.ts'
import type { Facts, FullFacts } from './facts.ts'
import type { ReleaseData } from './state.ts'
import { isOf, type Granted, type Voice } from './voice.ts'
import { grant, namesOf, reasonOf, type IssueWords } from './waivers.ts'

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
export function standingGlass({ data, head, base }: Pick<Draft, 'data' | 'head' | 'base'>, now: number): Granted | null {
  return openGlass(data).findLast((glass) => isOf(glass, { head, base }) && now < glass.expiresAt) ?? null
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
      ...owed(full.verdicts),
      '',
      `The gates go on. This record is closed by the App when all of them hold on that commit, or on a later release that contains it; see #${pull}.`,
    ].join('\n'),
  }
}
