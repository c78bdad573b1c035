/** Waivers of a release: what two people granted becomes a statement once an issue remembers the debt. Pure; the pack holds it signed. */
import { sha256 } from '../../evidence/core/digest.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { GLASS, type WaiverPredicate } from '../../evidence/model/predicate/waiver.ts'
import { statementBytes, statementOf } from '../../evidence/sign/statement.ts'
import { inline } from '../github/markdown.ts'
import type { Draft } from './draft.ts'
import type { Facts, FullFacts } from './facts.ts'
import type { Effect, Outcome, ReleaseRecord } from './ports.ts'
import { dataOf, FINAL } from './state.ts'
import { isOf, type Granted, type Voice } from './voice.ts'

export interface StandingWaiver {
  readonly kind: 'waiver'
  /** SHA-256 of the statement's exact bytes. */
  readonly digest: string
  readonly predicate: WaiverPredicate
}

export function waiverIssueKey(release: string, number: number): string {
  return `${release}/waiver/${number}`
}

/** Of this commit for this base, over or not: a plan goes on resting on what it rested on. One whose issue is not open yet is none, nor is one that is off. */
export function waiversOf(
  record: Pick<ReleaseRecord, 'key' | 'repository' | 'version' | 'data' | 'base'>,
  head: string,
  outcomeOf: (key: string) => Outcome | null,
  base = record.base,
): readonly StandingWaiver[] {
  const { owner, name } = record.repository
  return dataOf(record as ReleaseRecord).waivers.flatMap((granted, at) => {
    const issue = outcomeOf(waiverIssueKey(record.key, at + 1))?.id ?? null
    if (!isOf(granted, { head, base }) || granted.off !== undefined || issue === null) return []
    const predicate = predicateOf(granted, record.version, issue)
    const statement = statementOf('waiver', { ...predicate }, { repository: `${owner}/${name}`, commit: head, files: [] })
    return { kind: 'waiver' as const, digest: sha256(statementBytes(statement)), predicate }
  })
}

function predicateOf(of: Granted, version: string, issue: number): WaiverPredicate {
  return {
    schema_version: 1,
    gate: of.gate,
    ...(of.lane === undefined ? {} : { hotfix: of.lane }),
    environment: 'all',
    version,
    sha: of.head,
    rules: [],
    reason: of.reason,
    granted_by: of.grantedBy.map(({ login, id, role, nodeId, at }) => ({ login, id, role, comment_node_id: nodeId, at: timestamp(at) })),
    granted_at: timestamp(of.grantedAt),
    expires_at: timestamp(of.expiresAt),
    issue,
  }
}

/** Of those on this commit, when the next one is over; null: none stands. Epoch milliseconds. */
export function standsUntil(waivers: readonly Granted[], head: string, now: number): number | null {
  const ends = waivers
    .filter(({ head: of, settled, off, expiresAt }) => of === head && settled === undefined && off === undefined && now < expiresAt)
    .map(({ expiresAt }) => expiresAt)
  return ends.length === 0 ? null : Math.min(...ends)
}

/** What stands in for a proof is looked at again at the very time when it is over. A rollout looks in full before each step anyway. */
export function lookWhenOver(draft: Draft, { now, full }: Pick<Facts, 'now' | 'full'>): void {
  if (FINAL.includes(draft.state)) return
  const until = standsUntil(draft.data.waivers, draft.head, now)
  if (until !== null) draft.lookAgainAt(until)
  if (full === null && draft.data.waivers.some(({ head, expiresAt }) => head === draft.head && expiresAt === draft.before.dueAt))
    draft.wantsFull = true
}

/** How many were granted in the quarter (UTC) of this moment, over these releases; broken glass is not among them. */
export function grantedInQuarter(releases: readonly ReleaseRecord[], now: number): number {
  return releases
    .flatMap((release) => dataOf(release).waivers)
    .filter(({ gate, grantedAt }) => gate !== GLASS && quarterOf(grantedAt) === quarterOf(now)).length
}

/** The policy counted before this look; what the look itself granted comes on top. */
export function isSpent(draft: Draft, { config, granted }: Pick<FullFacts, 'config' | 'granted'>, now: number): boolean {
  if (!config.ok || granted === undefined) return false
  const here = grantedInQuarter([draft.record()], now) - grantedInQuarter([draft.before], now)
  return granted + here >= config.config.people.waiver_budget.per_quarter
}

function quarterOf(at: number): string {
  const date = new Date(at)
  return `${date.getUTCFullYear()} ${Math.floor(date.getUTCMonth() / 3)}`
}

/** Grants it, and opens the issue that remembers it. @param of.voices who agreed, the last one last */
export function grant(
  draft: Draft,
  of: Pick<Granted, 'gate' | 'lane' | 'expiresAt'> & { readonly voices: readonly Voice[]; readonly issue: IssueWords },
  now: number,
): void {
  const { gate, lane, voices, expiresAt, issue } = of
  const reason = reasonOf(voices)
  draft.data.waivers.push({
    gate,
    ...(lane && { lane }),
    reason,
    head: draft.head,
    base: draft.base,
    grantedBy: [...voices],
    grantedAt: now,
    expiresAt,
  })
  draft.note('waiver', { gate, ...lane, head: draft.head, reason, by: voices.map(({ login }) => login), expires_at: timestamp(expiresAt) })
  draft.ensure({ kind: 'issue.open', key: waiverIssueKey(draft.before.key, draft.data.waivers.length), ...issue })
}

export type IssueWords = Pick<Extract<Effect, { kind: 'issue.open' }>, 'title' | 'body' | 'labels'>

/** The first one that was given. */
export function reasonOf(voices: readonly Voice[]): string {
  return voices.map(({ reason }) => reason ?? '').find((said) => said !== '') ?? ''
}

/** For the issue of a waiver of one gate. */
export function waiverIssue(draft: Draft, gate: string, voices: readonly Voice[], expiresAt: number): IssueWords {
  const until = timestamp(expiresAt)
  return {
    title: `${gate} is waived for ${draft.before.version} until ${until.slice(0, 10)}`,
    labels: ['waiver'],
    body: [
      `${namesOf(voices)} let ${draft.before.version} go on without the proof of \`${gate}\`, on commit ${draft.head}, until ${until}.`,
      '',
      `Reason: ${inline(reasonOf(voices))}`,
      '',
      `The proof is owed. See #${draft.before.pull}, and close this when the gate holds.`,
    ].join('\n'),
  }
}

/** Markdown. */
export function namesOf(people: readonly Pick<Voice, 'login'>[]): string {
  return people.map(({ login }) => `\`${login}\``).join(' and ')
}
