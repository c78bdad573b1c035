/** Waivers of a release: what two people granted becomes a statement once an issue remembers the debt. Pure; the pack holds it signed. */
import { sha256 } from '../../evidence/core/digest.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import type { WaiverPredicate } from '../../evidence/model/predicate/waiver.ts'
import { statementBytes, statementOf } from '../../evidence/sign/statement.ts'
import { inline } from '../github/markdown.ts'
import type { Draft } from './draft.ts'
import type { Outcome, ReleaseRecord } from './ports.ts'
import { dataOf } from './state.ts'
import type { Granted, Voice } from './voice.ts'

export interface StandingWaiver {
  readonly kind: 'waiver'
  /** SHA-256 of the statement's exact bytes. */
  readonly digest: string
  readonly predicate: WaiverPredicate
}

const DAY = 86_400_000

export function waiverIssueKey(release: string, number: number): string {
  return `${release}/waiver/${number}`
}

/** Of this commit, over or not: a plan goes on resting on what it rested on. One whose issue is not open yet is none. */
export function waiversOf(
  record: Pick<ReleaseRecord, 'key' | 'repository' | 'version' | 'data'>,
  head: string,
  outcomeOf: (key: string) => Outcome | null,
): readonly StandingWaiver[] {
  const { owner, name } = record.repository
  return dataOf(record as ReleaseRecord).waivers.flatMap((granted, at) => {
    const issue = outcomeOf(waiverIssueKey(record.key, at + 1))?.id ?? null
    if (granted.head !== head || issue === null) return []
    const predicate = predicateOf(granted, record.version, issue)
    const statement = statementOf('waiver', { ...predicate }, { repository: `${owner}/${name}`, commit: head, files: [] })
    return { kind: 'waiver' as const, digest: sha256(statementBytes(statement)), predicate }
  })
}

function predicateOf(of: Granted, version: string, issue: number): WaiverPredicate {
  return {
    schema_version: 1,
    gate: of.gate,
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

/** How many were granted in the quarter (UTC) of this moment, over these releases. */
export function grantedInQuarter(releases: readonly ReleaseRecord[], now: number): number {
  return releases.flatMap((release) => dataOf(release).waivers).filter(({ grantedAt }) => quarterOf(grantedAt) === quarterOf(now)).length
}

function quarterOf(at: number): string {
  const date = new Date(at)
  return `${date.getUTCFullYear()} ${Math.floor(date.getUTCMonth() / 3)}`
}

/** Grants it, and opens the issue. @param voices who agreed, the last one last */
export function grant(
  draft: Draft,
  of: { readonly gate: Granted['gate']; readonly days: number; readonly voices: readonly Voice[] },
  now: number,
): void {
  const reason = of.voices.map(({ reason }) => reason ?? '').find((said) => said !== '') ?? ''
  const expiresAt = now + of.days * DAY
  draft.data.waivers.push({ gate: of.gate, reason, head: draft.head, grantedBy: [...of.voices], grantedAt: now, expiresAt })
  const who = of.voices.map(({ login }) => `\`${login}\``).join(' and ')
  draft.note('waiver', { gate: of.gate, head: draft.head, reason, by: of.voices.map(({ login }) => login), expires_at: timestamp(expiresAt) })
  draft.ensure({
    kind: 'issue.open',
    key: waiverIssueKey(draft.before.key, draft.data.waivers.length),
    title: `${of.gate} is waived for ${draft.before.version} until ${timestamp(expiresAt).slice(0, 10)}`,
    labels: ['waiver'],
    body: [
      `${who} let ${draft.before.version} go on without the proof of \`${of.gate}\`, on commit ${draft.head}, until ${timestamp(expiresAt)}.`,
      '',
      `Reason: ${inline(reason)}`,
      '',
      `The proof is owed. See #${draft.before.pull}, and close this when the gate holds.`,
    ].join('\n'),
  })
}
