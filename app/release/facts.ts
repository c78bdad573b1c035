/** Everything one decision of the release rests on, as plain data: gathered by `gather.ts`, read by `next.ts`. Time is a fact like any other. */
import type { Config } from '../../evidence/model/config.ts'
import type { GateId } from '../../evidence/model/phases.ts'
import type { SchemaRange } from '../../evidence/model/schema-range.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import type { VerdictContext } from '../../evidence/model/verdict-context.ts'
import type { Slo } from '../../evidence/slo/registry.ts'
import type { Limits } from '../limits.ts'
import type { Counts } from '../judge/counts.ts'
import type { Rehearsed } from '../rollout/rehearsal.ts'
import type { Told } from '../rollout/way-back.ts'
import type { Window } from '../rollout/window.ts'
import type { PreviewFacts } from './previews.ts'
import type { Landed } from './state.ts'
import type { Voice } from './voice.ts'
import type { StandingWaiver } from './waivers.ts'
import type { Authorisation } from '../commands/authorise.ts'
import type { Serving } from './before.ts'
import type { Parsed } from '../commands/parse.ts'
import type {
  CommentFacts,
  Decided,
  EnvironmentLock,
  EvidenceRow,
  OutboxRow,
  PageOrder,
  Probed,
  PullFacts,
  Rejection,
  ReleaseRenew,
  RunFacts,
  Sample,
  SignedPosition,
  WaitingJob,
} from './ports.ts'

/** What a picture shows, of a release by its key: a step of one of its rollouts, or what an agent measured of one objective, by the digest of that file. */
export type PictureOf =
  | { readonly release: string; readonly rollout: number; readonly step: number }
  | { readonly release: string; readonly series: string }

export type ConfigFacts =
  | { readonly ok: true; readonly config: Config; readonly commit: string; readonly digest: string; readonly text: string }
  | { readonly ok: false; readonly code: 'config.absent' | 'config.invalid' | 'config.base-not-named'; readonly message: string }

/** A comment on the release pull request that wants something, or a command of its page in the form of one; and whether its author may. */
export interface OrderFacts {
  readonly comment: CommentFacts
  /** Absent: it is a comment. */
  readonly page?: PageOrder
  readonly parsed: Parsed
  readonly role: string
  /** null: it is no command that could be done. */
  readonly authorisation: Authorisation | null
  /** Of a `/preview`: absent when it is none, or names what no command may reach; null: it could not be asked. */
  readonly preview?: PreviewFacts | null
  /** What counts for a promotion from now on, when it is done. */
  readonly voice: Voice | null
}

/** What the config's `slos` name, at its commit; or why that cannot be read. */
export type SloFacts = { readonly ok: true; readonly slos: readonly Slo[] } | { readonly ok: false; readonly message: string }

/** Read from GitHub; absent on a tick, which looks only at traffic. */
export interface FullFacts {
  readonly pull: PullFacts
  readonly config: ConfigFacts
  /** What the merge brought into the base; null: nothing yet, or nobody has to know. */
  readonly landed: Landed | null
  /** When promotions may start, as the base branch says now: the calendar alone is not frozen with the config. null: no config can be read. */
  readonly window: Window | null
  /** Absent: the config names no `slos`, or nothing can be promoted yet. */
  readonly slos?: SloFacts
  /** What the App would bring onto the release branch now that its base has moved, or why it cannot; absent: nothing. */
  readonly renewal?: ReleaseRenew | { readonly unfit: string }
  /** Current digests of what evidence was made from, by InputDigest.kind. */
  readonly inputs: Readonly<Record<string, string>>
  readonly evidence: readonly EvidenceRow[]
  /** Of this commit; what a gate reads of them is its own to say. */
  readonly waivers: readonly StandingWaiver[]
  readonly rejections: readonly Rejection[]
  /** Runs this release started, by id. */
  readonly runs: ReadonlyMap<number, RunFacts>
  /** By environment: the version that serves now and would be restored. */
  readonly deployed: Readonly<Record<string, Serving>>
  /** By environment that is still to come and names a schema file: which versions can be run, or why that is not known. */
  readonly schemas: Readonly<
    Record<string, { readonly runs: SchemaRange | string; readonly before: SchemaRange | string; readonly version: string | null }>
  >
  /** By environment: the newest word on its schema, of any release. */
  readonly live: Readonly<Record<string, Told>>
  /** The newest rehearsal of a way back in this repository; null: none. */
  readonly rehearsed: Rehearsed | null
  /** A later release that is proven and serves everyone, and contains the commit of this one; null: none, or nobody has to know. */
  readonly provenIn: string | null
  /** A later release that serves everyone and contains the commit of this one, and the gates that hold there; absent: none, or nobody has to know. */
  readonly later?: { readonly version: string; readonly holds: readonly GateId[] }
  /** Version that served the environment of this rollout after it; null: none, absent: not asked. */
  readonly servedAfter?: string | null
  readonly orders: readonly OrderFacts[]
  /** Waivers of the repository in this quarter, before these orders; absent: not counted. */
  readonly granted?: number
  readonly rerequested: readonly GateId[]
  /** Jobs at a protected environment that we were told of at this look, of any run. */
  readonly waiting: readonly WaitingJob[]
  /** Environments with our deployment protection rule, of those a step may soon be deployed to; absent: not asked. */
  readonly guarded?: ReadonlySet<string>
  /** The ledger as it stood at this look, signed; null when it has no entry. */
  readonly anchor: SignedPosition | null
  /** Verdicts of the built gates on the head, from `evaluate`. */
  readonly verdicts: readonly Verdict[]
  /** What each of them was decided from. */
  readonly contexts: ReadonlyMap<GateId, VerdictContext>
  /** What the version that was released last had, by gate; null: none was, or it is this one. */
  readonly last: { readonly version: string; readonly decided: readonly Decided[] } | null
  /** Gates that say something else than at the last look. */
  readonly fresh: readonly GateId[]
}

export interface Facts {
  readonly now: number
  readonly full: FullFacts | null
  readonly outbox: ReadonlyMap<string, OutboxRow>
  /** Of the running rollout, oldest first. */
  readonly samples: readonly Sample[]
  readonly settings: Settings
  /** Golden paths at an address, by the operator's name; absent: none was looked at. */
  readonly probed?: ReadonlyMap<string, Probed>
  /** Locked environments of the repository; absent: not asked. */
  readonly locks?: readonly EnvironmentLock[]
}

export interface PictureAddress {
  (of: PictureOf, at: number): string
}

/** @param release its key */
export interface PageAddress {
  (release: string): string
}

export interface Settings {
  /** How long evidence may take before its gates are timed out. */
  readonly evidenceDeadlineMs: number
  /** How long a process may hold a release without saying so again. */
  readonly leaseMs: number
  /** Time between two looks at a canary. */
  readonly sampleMs: number
  /** What each metrics source of the operator measures beside requests and errors, by its name; absent: not known, then nothing is refused for it. */
  readonly sources?: Readonly<Record<string, { readonly latency: boolean; readonly counts?: Counts }>>
  /** The operator's names of what moves traffic and flags; absent: not known, then nothing is refused for it. */
  readonly routers?: readonly string[]
  /** The operator's names of what is asked and told, and of what is looked at; absent: not known, then nothing is refused for it. */
  readonly webhooks?: readonly string[]
  readonly probes?: readonly string[]
  /** Which repositories may use which of all these names; absent: not known, then nothing is refused for it. */
  readonly limits?: Limits
  /** Where the App's pages and packs are, for links; '' when it has none. */
  readonly publicUrl: string
  /** Where a trace is looked at, with `{trace_id}` in it; absent: nowhere. */
  readonly tracesUrl?: string
  /** Address of a step's picture; absent: the world does not reach this App. */
  readonly picture?: PictureAddress
  /** Address of a release's page, by its key; absent: the world reaches none. */
  readonly page?: PageAddress
  /** Our App's id at GitHub; absent: not known. */
  readonly app?: number
  /** Generation of the transparency log the operator named; null: none. */
  readonly log: 1 | 2 | null
}

/** What a plan is computed from, beside the release itself. */
export type PlanFacts = Pick<FullFacts, 'pull' | 'config' | 'schemas' | 'live' | 'evidence' | 'waivers' | 'verdicts' | 'deployed'>
