/** What the page of one release shows, from what the store holds. Pure. */
import type { LedgerEntry } from '../../evidence/ledger/chain.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import type { OutboxRow, ReleaseRecord } from '../release/ports.ts'
import { shownSteps } from '../release/shown-steps.ts'
import { dataOf, type Rollout } from '../release/state.ts'
import { endOf, weightOf } from '../rollout/steps.ts'
import type { StatusView } from '../release/view.ts'

export interface ReleaseView {
  readonly record: Pick<ReleaseRecord, 'key' | 'repository' | 'pull' | 'version' | 'head' | 'base' | 'state' | 'traceId' | 'revision'>
  /** What people were last told; null: nothing yet. */
  readonly told: StatusView | null
  readonly held: { readonly reason: string; readonly by: string; readonly since: string } | null
  readonly verdicts: readonly Verdict[]
  /** The judge's last word; '' when it has not spoken. */
  readonly sentence: string
  /** Oldest first. */
  readonly rollouts: readonly RolloutView[]
  readonly approvals: readonly {
    readonly login: string
    readonly role: string
    readonly at: string
    readonly environment: string
    readonly upTo: number
    readonly plan: string
  }[]
  /** Oldest first; also those of other commits, and those that are over. */
  readonly waivers: readonly {
    readonly gate: string
    readonly reason: string
    readonly by: readonly string[]
    readonly until: string
    /** On the commit that is shown. */
    readonly here: boolean
    /** Of a hotfix: the gates it covers, those that must hold, and why it covers nothing at present, '' when it does. null: of no hotfix. */
    readonly lane: { readonly covers: readonly string[]; readonly mustHold: readonly string[]; readonly off: string } | null
    /** Why the record of a broken glass, or of a hotfix, was closed; null: it is open, or has none. */
    readonly settled: string | null
  }[]
  /** Newest first. */
  readonly commands: readonly { readonly login: string; readonly command: string; readonly done: boolean; readonly at: string }[]
  readonly packs: readonly { readonly seal: number; readonly sha256: string; readonly says: string; readonly kept: readonly string[] }[]
  /** The GitHub release; null: not published. */
  readonly published: string | null
  /** Newest first. */
  readonly timeline: readonly LedgerEntry[]
  /** Of the whole ledger. */
  readonly entries: number
}

export interface RolloutView {
  readonly number: number
  readonly environment: string
  readonly stage: Rollout['stage']
  readonly steps: readonly number[]
  /** Percent on the new version, as far as the release itself moved it. */
  readonly weight: number
  /** The judge's words on each step it ended, oldest first. */
  readonly judged: readonly { readonly step: number; readonly decision: string; readonly sentence: string; readonly at: string }[]
  /** Steps that have a picture. */
  readonly pictures: readonly { readonly step: number; readonly at: number }[]
  /** Why it went back; '' when it did not. */
  readonly why: string
  /** UTC, ISO 8601; null: nothing is due. */
  readonly deadline: string | null
}

export interface Known {
  readonly record: ReleaseRecord
  readonly verdicts: readonly Verdict[]
  readonly outbox: readonly OutboxRow[]
  /** The last entries, oldest first. */
  readonly ledger: readonly LedgerEntry[]
  /** Of the whole ledger. */
  readonly entries: number
}

export function releaseView({ record, verdicts, outbox, ledger, entries }: Known): ReleaseView {
  const data = dataOf(record)
  const rollouts = [...data.ended, ...(data.rollout === null ? [] : [data.rollout])]
  return {
    record,
    told: data.view,
    held: data.held === null ? null : { reason: data.held.reason, by: data.held.owner, since: timestamp(data.held.at) },
    verdicts,
    sentence: data.sentence,
    rollouts: rollouts.map(rolloutView),
    approvals: rollouts.flatMap(({ agreed, environment }) =>
      agreed.map(({ approval: { login, role, at }, upTo, plan }) => ({ login, role, at: timestamp(at), environment, upTo, plan })),
    ),
    waivers: data.waivers.map(({ gate, reason, head, grantedBy, expiresAt, lane, off = '', settled }) => ({
      gate,
      reason,
      by: grantedBy.map(({ login }) => login),
      until: timestamp(expiresAt),
      here: head === record.head,
      lane: lane === undefined ? null : { covers: lane.covers, mustHold: lane.must_hold, off },
      settled: settled?.why ?? null,
    })),
    commands: data.answers.toReversed().map(({ login, command, done, at }) => ({ login, command, done, at: timestamp(at) })),
    packs: packsOf(outbox),
    published: outbox.find(({ effect, outcome }) => effect.kind === 'release.publish' && outcome !== null)?.outcome?.url ?? null,
    timeline: ledger.toReversed(),
    entries,
  }
}

function rolloutView(rollout: Rollout): RolloutView {
  const { number, environment, stage, steps, judged, why } = rollout
  const end = endOf(rollout)
  return {
    number,
    environment,
    stage,
    steps,
    weight: weightOf(rollout),
    judged: judged.map(({ step, decision, sentence, at }) => ({ step, decision, sentence, at: timestamp(at) })),
    pictures: shownSteps({ ended: [], rollout }),
    why: why?.sentence ?? '',
    deadline: end === null ? null : timestamp(end),
  }
}

function packsOf(outbox: readonly OutboxRow[]): ReleaseView['packs'] {
  return outbox.flatMap(({ effect, outcome }) => {
    if (effect.kind !== 'pack.seal' || outcome?.data === undefined) return []
    const seal = Number(outcome.data['seal'])
    const kept = outbox.flatMap((row) =>
      row.effect.kind === 'pack.keep' && row.effect.seal === seal && row.outcome !== null ? [row.effect.store] : [],
    )
    return [{ seal, sha256: String(outcome.data['sha256']), says: effect.outcome.replace('_', ' '), kept }]
  })
}
