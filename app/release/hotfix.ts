/**
 * A hotfix's one waiver: two people let it go on without the proof of every gate that the config does not name for hotfixes. The label says that a release
 * is a hotfix and lets nothing through; what lets it through is the waiver, and that covers only while the label and the named gates are what they were. Pure.
 */
import { HOTFIX, isPatch, isSameLane, WaivableGate, type Lane } from '../../evidence/model/predicate/waiver.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import { inline } from '../github/markdown.ts'
import { HOLDS, owed } from './debt.ts'
import type { Draft } from './draft.ts'
import type { ConfigFacts, FullFacts } from './facts.ts'
import type { PullFacts, ReleaseRecord } from './ports.ts'
import { dataOf, FINAL } from './state.ts'
import { isOf, type Granted, type Voice } from './voice.ts'
import { namesOf, reasonOf, type IssueWords } from './waivers.ts'

/** Asked from GitHub and from the base branch just now. */
export interface HotfixFacts {
  /** The label is on the pull request, and the version is a patch of a line. */
  readonly is: boolean
  /** `release.hotfix.gates`, each once, in order. */
  readonly mustHold: readonly WaivableGate[]
}

/** Where no config says what one is. */
export const NO_HOTFIX: HotfixFacts = { is: false, mustHold: [] }

/** null: no config can be read. */
export function hotfixOf(version: string, { labels }: Pick<PullFacts, 'labels'>, config: ConfigFacts): HotfixFacts | null {
  if (!config.ok) return null
  const { label, gates } = config.config.release.hotfix
  return { is: labels.includes(label) && isPatch(version), mustHold: [...new Set(gates)].toSorted() }
}

/** What its waiver would cover: the gates there are today, and none that comes later. null: there is no other than those that must hold. */
export function laneOf(mustHold: HotfixFacts['mustHold'], verdicts: readonly Pick<Verdict, 'gate'>[]): Lane | null {
  const covers = verdicts.flatMap(({ gate }) => {
    const waivable = WaivableGate.safeParse(gate)
    return waivable.success && !mustHold.includes(waivable.data) ? [waivable.data] : []
  })
  return mustHold.length === 0 || covers.length === 0 ? null : { must_hold: [...mustHold], covers: covers.toSorted() }
}

/** Its waivers, those of a hotfix put on or off by what is so now. What cannot be asked changes nothing, and what has ended stays as it was. */
export function waiversNow(record: ReleaseRecord, head: string, now: HotfixFacts | null): Granted[] {
  const { waivers } = dataOf(record)
  return FINAL.includes(record.state) ? waivers : asOf(waivers, head, now)
}

function asOf(waivers: readonly Granted[], head: string, now: HotfixFacts | null): Granted[] {
  return waivers.map((granted) => {
    if (now === null || granted.gate !== HOTFIX || granted.head !== head) return granted
    const { off: _off, ...on } = granted
    const off = offBecause(on, now)
    return off === null ? on : { ...on, off }
  })
}

function offBecause({ lane }: Granted, { is, mustHold }: HotfixFacts): string | null {
  if (!is) return 'the pull request does not carry the label of a hotfix'
  return lane !== undefined && isSameLane(lane.must_hold, mustHold) ? null : 'the config names other gates for hotfixes than it did then'
}

/** Remembers which of them cover, so that what is sealed is what was decided. */
export function keepLane(draft: Draft, { pull, config }: FullFacts): void {
  if (FINAL.includes(draft.before.state)) return
  const now = asOf(draft.data.waivers, draft.head, hotfixOf(draft.before.version, pull, config))
  for (const [at, { head, off }] of now.entries())
    if (off !== draft.data.waivers[at]?.off) draft.note('hotfix', { head, says: off === undefined ? 'covers again' : `covers nothing: ${off}` })
  draft.data.waivers = now
}

/** Markdown. */
export function laneWords({ must_hold, covers }: Lane): string {
  return `It may go on without the proof of ${listOf(covers)}. These must hold as always: ${listOf(must_hold)}.`
}

function listOf(gates: readonly string[]): string {
  return gates.map((gate) => `\`${gate}\``).join(', ')
}

export function hotfixIssue(
  { before: { version, pull }, head }: Draft,
  { verdicts }: FullFacts,
  of: { readonly lane: Lane; readonly voices: readonly Voice[]; readonly expiresAt: number },
): IssueWords {
  const { lane, voices, expiresAt } = of
  const until = timestamp(expiresAt)
  const held = verdicts.filter(({ gate, verdict }) => lane.covers.some((covered) => covered === gate) && HOLDS.has(verdict))
  return {
    title: `The hotfix ${version} is waived until ${until.slice(0, 10)}: its gates are owed`,
    labels: ['waiver'],
    body: [
      `${namesOf(voices)} let the hotfix ${version} go on, on commit ${head}, until ${until}. ${laneWords(lane)}`,
      '',
      `Reason: ${inline(reasonOf(voices))}`,
      '',
      'What is owed:',
      '',
      ...owed(verdicts, lane.covers),
      ...(held.length === 0 ? [] : ['', `These held, and are owed when they turn red: ${listOf(held.map(({ gate }) => gate))}.`]),
      '',
      `The App closes this when all of them hold on that commit after the merge, or in a later release that contains it and serves everyone; see #${pull}.`,
    ].join('\n'),
  }
}

/** The newest one on this commit that is not over and whose debt is open. */
export function standingHotfix({ data, head, base }: Pick<Draft, 'data' | 'head' | 'base'>, now: number): Granted | null {
  return data.waivers.findLast((granted) => granted.gate === HOTFIX && isOf(granted, { head, base }) && now < granted.expiresAt) ?? null
}
