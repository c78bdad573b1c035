/**
 * Everything the release may know of the world, and everything it may do to it. `app/release` imports nothing else of the outside: no Octokit, no
 * clock, no disk, no random. The App gives the real parts in `app/index.ts`; the simulator gives seeded ones.
 *
 * Every effect has a key that never changes for the same intent. The outbox records the intent before and the outcome after; after a crash `find`
 * asks the world whether the effect already happened, so it happens once.
 */
import type { LatencyTotals } from '../../agents/collect/metrics/latency.ts'
import type { AgentResponsePredicate, RolloutEventPredicate, SelfTestPredicate } from '../../evidence/model/statement.ts'
import type { EvidenceKind } from '../../evidence/model/kinds.ts'
import type { GateId } from '../../evidence/model/phases.ts'
import type { LedgerEntry } from '../../evidence/ledger/chain.ts'
import type { Notary } from '../../evidence/ledger/checkpoint.ts'
import type { TrustedRoot } from '../../evidence/verify/verifier.ts'
import type { Verdict } from '../../evidence/model/verdict.ts'
import type { VerdictContext } from '../../evidence/model/verdict-context.ts'
import type { CommandInput } from '../../gates/policy/input.ts'
import type { HistoryCommit, HistoryPull } from '../planning/history.ts'

// ---------------------------------------------------------------- names

export interface Repository {
  /** GitHub's numeric id: the key. Names change. */
  readonly id: number
  readonly owner: string
  readonly name: string
  readonly installationId: number
  /** `owner/name` as GitHub calls it now; absent: as above. */
  readonly fullName?: string
}

/** Of a release on GitHub, as far as one may change without the others: its pull request with what it rests on, what people say there, and its runs. */
export type Part = 'pull' | 'comments' | 'runs'

/** "Something happened, look again." The reason is for the log only. */
export interface Trigger {
  readonly repository: Repository
  /** Pull request, when the event names one; else every open release of the repository is looked at. */
  readonly pull: number | null
  readonly why: string
  /** What alone can have changed; absent: anything may have. */
  readonly changed?: readonly Part[]
  /** Gates whose check was asked to re-run, by check-run id. */
  readonly rerequested?: readonly number[]
  /** Commits, all of whose checks were asked to re-run ("Re-run all checks"). */
  readonly rerequestedAll?: readonly string[]
  /** Jobs that wait at an environment for the answer of our deployment protection rule. */
  readonly waiting?: readonly WaitingJob[]
  /** Branches of the merge queue whose checks are awaited, without `refs/heads/`. */
  readonly queued?: readonly string[]
  /** Comments on `pull`, which may be an issue, that perhaps ask for a release. */
  readonly asked?: readonly number[]
  /** Comments on `pull` as they were when they were made. */
  readonly written?: readonly WrittenComment[]
}

/** What a signed delivery said of a comment that was just made. GitHub tells times in whole seconds, so that an edit within the second shows by nothing else. */
export interface WrittenComment {
  readonly comment: number
  /** SHA-256 of its body. */
  readonly digest: string
}

/** A job at a protected environment, by the run it is of. */
export interface WaitingJob {
  readonly run: number
  readonly environment: string
  /** The deployment that GitHub made for it; absent: not told. */
  readonly deployment?: number
}

// ---------------------------------------------------------------- facts read from GitHub

export interface PullFacts {
  readonly number: number
  readonly state: 'open' | 'closed'
  readonly draft: boolean
  readonly merged: boolean
  readonly mergeCommit: string | null
  readonly head: { readonly ref: string; readonly sha: string; readonly repositoryId: number }
  readonly base: { readonly ref: string; readonly sha: string }
  readonly defaultBranch: string
  readonly title: string
  readonly body: string
  readonly labels: readonly string[]
  readonly author: { readonly login: string; readonly id: number }
}

export interface PullInList {
  readonly number: number
  readonly head: { readonly ref: string; readonly sha: string; readonly repositoryId: number }
  readonly base: string
}

export interface CommentFacts {
  readonly id: number
  readonly nodeId: string
  readonly body: string
  readonly author: { readonly login: string; readonly id: number; readonly type: string }
  readonly viaApp: boolean
  /** updated_at differs from created_at. */
  readonly edited: boolean
  readonly createdAt: string
}

/** A command that somebody gave on the page of the release, logged in there. */
export interface PageOrder {
  /** 32 hex digits. */
  readonly id: string
  /** As a comment would say it. */
  readonly text: string
  /** Who it was when they logged in: the id stays theirs, the login may not. */
  readonly author: { readonly login: string; readonly id: number }
  /** The commit that the page showed. */
  readonly head: string
  /** Epoch milliseconds. */
  readonly at: number
  /** The security key that signed this very command then; null: none did. */
  readonly key: KeyOfOrder | null
}

export interface KeyOfOrder {
  /** Beginning of the SHA-256 of the credential's id, 16 hex digits. */
  readonly id: string
  /** Epoch milliseconds. */
  readonly registeredAt: number
}

export interface RunFacts {
  readonly id: number
  readonly attempt: number
  /** Workflow file path, e.g. `.github/workflows/release-conductor.yml`. */
  readonly path: string
  readonly event: string
  readonly headSha: string
  readonly headRepositoryId: number
  readonly title: string
  readonly status: string
  readonly conclusion: string | null
  readonly url: string
}

export interface ArtifactFacts {
  readonly id: number
  readonly name: string
  readonly size: number
  readonly digest: string | null
  readonly expired: boolean
}

/** Who took part in the code: author, committer and co-authors of every commit, the pull request's author, and who pushed to its branch. */
export interface Contributors {
  readonly ids: readonly number[]
  /** Commits that GitHub cannot attribute to an account, or whose attribution nothing vouches for. */
  readonly unattributed: number
}

/** The newest deployment of an environment, with its newest status. */
export interface DeploymentFacts {
  readonly id: number
  readonly sha: string
  readonly ref: string
  /** GitHub was told that end users see it. */
  readonly production: boolean
  /** null: it has none yet. */
  readonly status: { readonly state: string; readonly description: string | null; readonly at: string } | null
}

export interface FolderEntry {
  /** From the root of the repository. */
  readonly path: string
  readonly kind: 'file' | 'folder' | 'other'
}

export interface ReadPort {
  pull(repository: Repository, number: number): Promise<PullFacts | null>
  openPulls(repository: Repository): Promise<readonly PullInList[]>
  /** Branches of the merge queue, without `refs/heads/`. */
  queued(repository: Repository): Promise<readonly string[]>
  /** Head of a branch, and the tree of that commit; null when there is no such branch or commit. @param ref branch, or 40 hex digits */
  tree(repository: Repository, ref: string): Promise<{ readonly commit: string; readonly tree: string } | null>
  /** A file at a commit or branch; null when absent. `commit` is what the ref resolved to. @param maxBytes refuse more */
  file(repository: Repository, path: string, ref: string, maxBytes: number): Promise<{ readonly text: string; readonly commit: string } | null>
  /** What lies in a folder at a commit; null when there is none. @throws when it holds more than GitHub lists */
  folder(repository: Repository, path: string, commit: string): Promise<readonly FolderEntry[] | null>
  /** Is the first commit an ancestor of the second, or it? @param commit, of 40 hex digits each */
  contains(repository: Repository, commit: string, of: string): Promise<boolean>
  /** All comments, oldest first, to the end of the list. */
  comments(repository: Repository, pull: number): Promise<readonly CommentFacts[]>
  comment(repository: Repository, id: number): Promise<CommentFacts | null>
  /** `role_name` of the collaborator-permission API; `none` on 404. Any other error throws (a refusal upstream), and so does a login that is somebody else's by now. */
  role(
    repository: Repository,
    person: { readonly login: string; readonly id: number },
  ): Promise<{ readonly role: string; readonly permission: string }>
  /** Asked in the repository's installation. @throws when the organisation is not the repository's owner */
  teamMember(repository: Repository, org: string, slug: string, login: string): Promise<boolean>
  contributors(repository: Repository, pull: number): Promise<Contributors>
  runs(repository: Repository, headSha: string): Promise<readonly RunFacts[]>
  run(repository: Repository, id: number): Promise<RunFacts | null>
  /** Of the environment with exactly this name; null: nothing was ever deployed there. */
  deployment(repository: Repository, environment: string): Promise<DeploymentFacts | null>
  /** Is our deployment protection rule on it? No where the plan knows no such rules. */
  guarded(repository: Repository, environment: string): Promise<boolean>
  artifacts(repository: Repository, run: number): Promise<readonly ArtifactFacts[]>
  /** The artifact's zip. @param maxBytes refuse more, before buffering */
  download(repository: Repository, artifact: number, maxBytes: number): Promise<Uint8Array>
}

/** What a release is planned from. Each is one question to GitHub, or a few pages. */
export interface HistoryPort {
  /** A file of the default branch; null when it is not there. @param maxBytes refuse more */
  ofDefault(repository: Repository, path: string, maxBytes: number): Promise<string | null>
  /** Names of tags that begin with `v`. */
  tags(repository: Repository): Promise<readonly string[]>
  /** Branches whose names begin so. */
  branches(repository: Repository, prefix: string): Promise<readonly string[]>
  /** What a branch or commit has since a tag, or, without a tag, at all; newest first. */
  since(repository: Repository, tag: string | null, of: string): Promise<HistorySince>
  /** Pull requests that were merged into a branch, as many as brought these commits. @param from the time of the oldest commit, ISO 8601 */
  merged(repository: Repository, base: string, of: { readonly commits: ReadonlySet<string>; readonly from: string }): Promise<readonly HistoryPull[]>
  /** A tree, and what lies directly in it. @param of a commit, or a tree */
  tree(repository: Repository, of: string): Promise<{ readonly tree: string; readonly entries: readonly TreeEntry[] }>
  /** Comments on issues and pull requests that were written or edited since then, ISO 8601; the newest 100. */
  comments(repository: Repository, since: string): Promise<readonly { readonly issue: number; readonly comment: number; readonly body: string }[]>
  /** Open issues with a label, 100 at most. */
  issues(repository: Repository, label: string): Promise<readonly { readonly number: number; readonly title: string }[]>
}

export interface TreeEntry {
  readonly name: string
  /** Git's: 100644 a file, 100755 an executable one, 120000 a symbolic link, 160000 a submodule, 040000 a folder. */
  readonly mode: string
  readonly sha: string
}

export interface HistorySince {
  /** The head of it. */
  readonly commit: string
  readonly commits: readonly HistoryCommit[]
  /** When the oldest of them was committed, ISO 8601; null: there is none. */
  readonly from: string | null
  readonly paths: readonly string[]
  readonly cut: boolean
}

// ---------------------------------------------------------------- effects

export interface CheckOutput {
  readonly title: string
  readonly summary: string
  readonly text?: string
}

/** A button that people see when the run is over. At most 20 characters each, 40 of the description. */
export interface CheckAction {
  readonly label: string
  readonly description: string
  readonly identifier: string
}

/** Something about one line of a file of the commit. */
export interface CheckAnnotation {
  readonly path: string
  readonly line: number
  readonly level: 'failure' | 'warning' | 'notice'
  readonly title: string
  readonly message: string
}

export type CheckConclusion = 'success' | 'failure' | 'action_required' | 'timed_out' | 'cancelled' | 'neutral'

/** Where a release's ledger stood: how many entries, and the root of their Merkle tree in hex. */
export interface Position {
  readonly size: number
  readonly root: string
}

/** A position with its checkpoint: the signed note that others keep. */
export interface SignedPosition extends Position {
  readonly note: string
}

/** What a pack says of its release: proven, before a rollout begins; promoted, at 100 % everywhere; rolled back. */
export type SealOutcome = 'proven' | 'promoted' | 'rolled_back'

interface Keyed {
  /** Stable over crashes and retries; unique per release and intent. */
  readonly key: string
}

export type Effect = Keyed &
  (
    | {
        readonly kind: 'check.create'
        readonly sha: string
        readonly name: string
        readonly externalId: string
        readonly output: CheckOutput
        /** Absent: queued. */
        readonly status?: 'in_progress'
      }
    | {
        readonly kind: 'check.update'
        readonly checkRun: number
        readonly name: string
        readonly status: 'queued' | 'in_progress' | 'completed'
        readonly conclusion: CheckConclusion | null
        readonly output: CheckOutput
        /** Absent: none, and those that were there go. */
        readonly actions?: readonly CheckAction[]
        readonly detailsUrl?: string
        /** Digest of the waiver statement that stands behind `neutral`. */
        readonly waiver?: string
        /** The ledger's position that the output's text carries, for whoever keeps it. */
        readonly anchor?: Position
      }
    /** Adds to a run what it shows on lines of the code; `total`: how many the run has then. */
    | { readonly kind: 'check.annotate'; readonly checkRun: number; readonly annotations: readonly CheckAnnotation[]; readonly total: number }
    /** A run that is over when it is made: for commits that are no release's. */
    | {
        readonly kind: 'check.report'
        readonly sha: string
        readonly name: string
        readonly externalId: string
        readonly conclusion: CheckConclusion
        readonly output: CheckOutput
      }
    | {
        readonly kind: 'comment.write'
        readonly pull: number
        /** null: create */ readonly comment: number | null
        readonly marker: string
        readonly body: string
      }
    | { readonly kind: 'reaction.add'; readonly comment: number; readonly content: '+1' | '-1' | 'eyes' | 'rocket' | 'confused' }
    | { readonly kind: 'workflow.dispatch'; readonly workflow: string; readonly ref: string; readonly inputs: Readonly<Record<string, string>> }
    | {
        readonly kind: 'deployment.create'
        readonly sha: string
        readonly environment: string
        readonly task: string
        readonly description: string
        readonly payload: Readonly<Record<string, unknown>>
      }
    /** Takes the one that GitHub made for the job of this run that waits at our protected environment; its outcome's id is null when there is none. */
    | {
        readonly kind: 'deployment.adopt'
        readonly run: number
        readonly environment: string
        /** As GitHub told; null: the newest that links to the run. */
        readonly deployment: number | null
      }
    | {
        readonly kind: 'deployment.status'
        readonly deployment: number
        readonly state: 'queued' | 'in_progress' | 'success' | 'failure' | 'error' | 'inactive'
        readonly description: string
      }
    /** Answers a job that waits at a protected environment; its outcome's data is `heard`, 0 when nobody waited for it. */
    | {
        readonly kind: 'deployment.review'
        readonly run: number
        readonly environment: string
        readonly state: 'approved' | 'rejected'
        readonly comment: string
      }
    | { readonly kind: 'issue.open'; readonly title: string; readonly body: string; readonly labels: readonly string[] }
    | { readonly kind: 'issue.close'; readonly issue: number }
    | { readonly kind: 'tag.create'; readonly tag: string; readonly sha: string }
    /** Tags the commit as the version's next candidate; its outcome's data is `tag`. */
    | { readonly kind: 'candidate.tag'; readonly version: string; readonly sha: string }
    | ReleaseCut
    | ReleaseRenew
    | {
        readonly kind: 'release.publish'
        readonly tag: string
        readonly sha: string
        readonly name: string
        readonly body: string
        readonly prerelease: boolean
        /** File at that commit which tells what changed, where it is there; absent: none is looked for. */
        readonly notes?: string
        readonly assets: readonly { readonly name: string; readonly path: string; readonly contentType: string; readonly sha256: string }[]
      }
    | {
        readonly kind: 'weight.set'
        readonly environment: string
        /** The operator's name for it; null: the deploy workflow moves the traffic. */ readonly router: string | null
        readonly percent: number
        /** A flag goes back to what it had. */
        readonly home?: true
      }
    /** Asks a router what it has now, and changes nothing; its outcome's data is `percent`. */
    | { readonly kind: 'weight.read'; readonly environment: string; readonly router: string }
    /** Tells people, behind an operator-named webhook. */
    | { readonly kind: 'message.send'; readonly webhook: string; readonly text: string }
    /** Asks a hook of the adopter behind an operator-named webhook; its outcome's data is `result`, ok or fail, and `reason`. Asked again, it answers the same. */
    | { readonly kind: 'hook.call'; readonly webhook: string; readonly body: Readonly<Record<string, string | number>> }
    /** Its outcome's data names the pack: `seal`, its number in the chain of this release's packs, `sha256`, `path`, `previous` unless it is the first. */
    | { readonly kind: 'pack.seal'; readonly outcome: SealOutcome }
    | {
        /** Enters the signature of a sealed pack into the transparency log, once, and keeps the logged bundle beside the pack. */
        readonly kind: 'log.enter'
        readonly seal: number
        /** SHA-256 of the pack. */
        readonly pack: string
        readonly path: string
      }
    | {
        readonly kind: 'pack.keep'
        /** A name of the operator's `stores`, `artifacts` or `github-release`. */
        readonly store: string
        /** Where it was sealed, and its digest. */
        readonly path: string
        readonly sha256: string
        readonly seal: number
      }
  )

/** A file as it shall be in a commit. */
export interface FileText {
  readonly path: string
  readonly text: string
  /** Default: false. */
  readonly executable?: boolean
}

/**
 * The release branch with its one commit, and its pull request with text and labels. Whatever of it is there already is taken up. Its outcome's id is the pull
 * request; its data is `sha`, the commit.
 */
export interface ReleaseCut {
  readonly kind: 'release.cut'
  readonly version: string
  readonly branch: string
  readonly base: { readonly branch: string; readonly commit: string }
  /** A base that is to be made first, at this commit; null: it is there. */
  readonly line: string | null
  /** Tree of the base's commit. */
  readonly tree: string
  readonly message: string
  readonly files: readonly FileText[]
  readonly title: string
  readonly body: string
  /** The part of the body that is kept up to date. */
  readonly planned: string
  readonly labels: readonly string[]
  readonly draft: boolean
  /** Who asked for it. */
  readonly requester: { readonly login: string; readonly id: number }
}

/** The base merged into the release branch, with what was planned anew. Its outcome's data is `sha`, the new head, or `theirs`: somebody else's by then. */
export interface ReleaseRenew {
  readonly kind: 'release.renew'
  readonly version: string
  readonly pull: number
  readonly branch: string
  /** The head that it is made on, and no other. */
  readonly from: string
  readonly base: { readonly branch: string; readonly commit: string }
  /** Of the base's commit. */
  readonly tree: string
  readonly message: string
  readonly files: readonly FileText[]
  readonly planned: string
  /** Digest of the planned part as the App last wrote it: another one is somebody's. */
  readonly was: string
}

export type EffectKind = Effect['kind']

/** What the effect left behind in the world: the id to go on with. */
export interface Outcome {
  readonly id: number | null
  readonly url?: string
  /** Small facts the next step needs: a digest, a path. */
  readonly data?: Readonly<Record<string, string | number>>
}

/** Resolves when something may be sent now. @throws ReleaseError `late`: the lease may be somebody else's by now, so nothing may */
export interface Leave {
  (): Promise<void>
}

export interface EffectPort {
  /** Does it, once. Creating calls are never retried inside. @throws EffectError */
  /** @param leave asked right before each thing that is sent */
  perform(repository: Repository, effect: Effect, leave: Leave): Promise<Outcome>
  /** Asks the world whether this intent already happened; null when it certainly did not. @throws EffectError `unknown` when it cannot tell */
  find(repository: Repository, effect: Effect): Promise<Outcome | null>
  /** True while a slow effect is under way, or must not be tried again yet: no attempt is made then. */
  waits?(effect: Effect, repository: Repository): boolean
}

// ---------------------------------------------------------------- evidence

interface Believed<Kind extends EvidenceKind, Predicate> {
  readonly kind: Kind
  /** SHA-256 of the statement's exact bytes. */
  readonly digest: string
  /** Id of the trusted signer. */
  readonly signer: string
  readonly predicate: Predicate
}

export type Evidence =
  | Believed<'agent-response', AgentResponsePredicate>
  | Believed<'self-test', SelfTestPredicate>
  | Believed<'rollout-event', RolloutEventPredicate>

export interface Rejection {
  readonly source: string
  readonly code: string
  readonly message: string
}

/** Believed evidence with what it was believed from. */
export interface EvidenceRow {
  readonly evidence: Evidence
  /** Blob of the Sigstore bundle's bytes. */
  readonly bundle: string
  /** Files of the signed pack this statement covers, each a blob. */
  readonly files: readonly { readonly path: string; readonly sha256: string }[]
  /** `artifact:<id>` it came from. */
  readonly source: string
}

// ---------------------------------------------------------------- metrics and traffic

/** Running totals of one version at one instant; null for what could not be read. */
export interface Reading {
  readonly requests: number
  readonly errors: number
  /** Absent: the source measures none. null: it should, and could not be read. */
  readonly latency?: LatencyTotals | null
}

export type ArmState = 'ok' | 'no_data' | 'frozen' | 'partial'

export interface Sample {
  /** Epoch milliseconds. */
  readonly at: number
  readonly canary: Reading | null
  readonly stable: Reading | null
  /** Why an arm is null, in words, or ''. */
  readonly note: string
  /** Trace ids of requests of the canary that failed or were slow, as its metrics told them; absent: none. */
  readonly traces?: readonly string[]
  /** What the router counted; null when it did not say, absent when it counts nothing. */
  readonly routed?: Routed | null
  /** Percent that a router which counts nothing says is in force; null when it did not say. */
  readonly weight?: number | null
}

/** Running totals of the requests a router gave to each version; they fall when it was started anew. */
export interface Routed {
  readonly canary: number
  readonly stable: number
}

export interface MetricsPort {
  /** One look at both versions, bounded in time and bytes. Never throws: an unreadable arm is null with a note. @param source the operator's name for it */
  sample(source: string): Promise<Sample>
  /** The stable version's last half hour, before @param until (epoch milliseconds); null: this source remembers nothing. Bounded like a look, never throws. */
  history?(source: string, until: number): Promise<History | null>
}

/** What a source remembers of the stable version. */
export interface History {
  /** Oldest first, of the stable version alone. */
  readonly samples: readonly Sample[]
  /** Why there are none, in words, or ''. */
  readonly note: string
}

export interface TrafficPort {
  /** What a router counted, or, when it counts nothing, its weight; null when nobody knows it. Bounded in time, never throws. @param router the operator's name for it */
  counted(router: string): Promise<Counted | null>
}

/** Has `routed` or `weight`, each as in {@link Sample}. */
export interface Counted extends Pick<Sample, 'routed' | 'weight'> {
  /** Why it is null, in words, or ''. */
  readonly note: string
}

/** What an operator-named address answered. */
export interface Probed {
  /** null: it did not. */
  readonly status: number | null
  /** Why `status` is null, in words, or ''. */
  readonly note: string
}

/** What the operator's policy server said of a command. */
export interface ServerRuling {
  /** null: it gave no decision. */
  readonly allow: boolean | null
  /** How many voices it wants, at the least. */
  readonly need: number
  /** Its reasons, or why there is no decision; others' words. */
  readonly reasons: readonly string[]
  /** The id under which it logged the decision; null: it told none. */
  readonly decisionId: string | null
}

export interface PolicyServer {
  /** Bounded in time and bytes, never throws. */
  ask(input: CommandInput): Promise<ServerRuling>
}

export interface ProbePort {
  /** Bounded in time, never throws. @param name the operator's name for the address */
  look(name: string): Promise<Probed>
}

// ---------------------------------------------------------------- store

export type ReleaseState =
  | 'draft'
  | 'proving'
  | 'ready'
  | 'merged'
  | 'stage'
  | 'canary'
  | 'full'
  | 'baking'
  | 'ga'
  | 'closed'
  | 'held'
  | 'rolling_back'
  | 'rolled_back'
  | 'abandoned'
  | 'broken_glass'

/** One row per release; `data` is owned by app/release/state.ts and app/rollout. */
export interface ReleaseRecord {
  /** `<repository id>#<pull request>` */
  readonly key: string
  readonly repository: Repository
  readonly pull: number
  readonly version: string
  readonly head: string
  readonly base: string
  readonly state: ReleaseState
  readonly traceId: string
  /** Compare-and-set counter. */
  readonly revision: number
  /** Epoch milliseconds of the next timed look; null: none. */
  readonly dueAt: number | null
  readonly data: Readonly<Record<string, unknown>>
}

export interface LedgerEvent {
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface LedgerPart {
  readonly from: number
  readonly count: number
}

export interface OutboxRow {
  readonly key: string
  readonly releaseKey: string
  readonly effect: Effect
  readonly state: 'intended' | 'started' | 'done' | 'failed'
  readonly outcome: Outcome | null
  readonly error: string | null
  readonly attempts: number
  /** Epoch milliseconds: when an attempt failed last; absent or null: none did, or that was not kept then. */
  readonly failedAt?: number | null
  /** Epoch milliseconds: since when each attempt met something that does not pass by itself; absent or null: the last one did not. */
  readonly refusedSince?: number | null
}

export interface Lease {
  readonly key: string
  readonly owner: string
  /** Rises with every holder; a write with an older fence is refused. */
  readonly fence: number
}

/** Which rollout has an environment of a repository to itself. */
export interface EnvironmentLock {
  readonly environment: string
  /** Key of the release. */
  readonly release: string
  readonly version: string
  /** Which of that release's rollouts. */
  readonly rollout: number
  /** Epoch milliseconds. */
  readonly since: number
  /** Rises with every holder. */
  readonly fence: number
  /** What that release does there now, in words, where it was asked. */
  readonly doing?: string
}

/** `take` is refused while another release has it, `keep` when it is not this release's any more with this fence; then the whole change is. */
export type LockChange =
  | { readonly kind: 'take' | 'seize'; readonly environment: string; readonly rollout: number; readonly since: number }
  | { readonly kind: 'keep' | 'free'; readonly environment: string; readonly fence: number }

export interface Change {
  readonly release: ReleaseRecord
  /** The revision this change was computed from; null: the release must not exist yet. */
  readonly expected: number | null
  readonly lease: Lease
  /** Another one that this change rests on. */
  readonly also?: Lease
  readonly intents: readonly Effect[]
  readonly events: readonly LedgerEvent[]
  readonly verdicts: readonly Decided[]
  readonly lock?: LockChange | null
  /** Commands of the page that it answers, by id: they wait no more. */
  readonly answered?: readonly string[]
}

/** A gate's verdict with what it was decided from; the two are never kept apart. */
export interface Decided {
  readonly gate: GateId
  readonly verdict: Verdict
  /** null: decided by a version that did not keep it; it is decided again at the next full look. */
  readonly context: VerdictContext | null
}

export interface StorePort {
  release(key: string): Promise<ReleaseRecord | null>
  /** Not in ga, closed, rolled_back or abandoned. */
  openReleases(): Promise<readonly ReleaseRecord[]>
  /** Of all repositories, open ones first, then the newest pull requests. */
  recent(limit: number): Promise<readonly ReleaseRecord[]>
  releasesOf(repositoryId: number): Promise<readonly ReleaseRecord[]>
  /** Releases whose dueAt has come. */
  due(now: number): Promise<readonly ReleaseRecord[]>
  /** Locked environments of a repository. */
  locks(repositoryId: number): Promise<readonly EnvironmentLock[]>
  /** State, lock, intents, verdicts and ledger entries in one transaction. False when the revision, the fence or the lock moved: look again. An intent whose key exists already is left alone. */
  commit(change: Change): Promise<boolean>
  outbox(releaseKey: string): Promise<readonly OutboxRow[]>
  /** Effects of this kind without an outcome, of every release, oldest first. */
  waiting(kind: EffectKind): Promise<readonly OutboxRow[]>
  /** Releases with an effect that has no outcome yet. */
  unfinished(): Promise<ReadonlySet<string>>
  /** Intents and ledger entries beside a release, under a key of their own, in one transaction. False when the lease is not the newest any more. */
  intend(of: {
    readonly key: string
    readonly lease: Lease
    readonly intents: readonly Effect[]
    readonly events: readonly LedgerEvent[]
  }): Promise<boolean>
  /** Marks an attempt. False when the lease's fence is no longer the newest: stop. */
  start(key: string, lease: Lease): Promise<boolean>
  /** Outcome or error, with its ledger entry, in one transaction. `refused`: that does not pass by itself. */
  settle(
    key: string,
    result: { readonly outcome: Outcome } | { readonly error: string; readonly final: boolean; readonly refused?: boolean },
    events: readonly LedgerEvent[],
  ): Promise<void>
  append(releaseKey: string, events: readonly LedgerEvent[]): Promise<void>
  verdicts(releaseKey: string, sha: string): Promise<readonly Decided[]>
  /** Keeps what was believed and what was not of one source, once: a second call for the same source changes nothing. */
  keepEvidence(of: {
    readonly releaseKey: string
    readonly sha: string
    readonly source: string
    readonly rows: readonly EvidenceRow[]
    readonly rejections: readonly Rejection[]
    readonly events: readonly LedgerEvent[]
  }): Promise<void>
  evidence(releaseKey: string, sha: string): Promise<readonly EvidenceRow[]>
  rejections(releaseKey: string): Promise<readonly Rejection[]>
  /** Sources already looked at, so that none is downloaded twice. */
  sources(releaseKey: string): Promise<ReadonlySet<string>>
  /** Content-addressed bytes. */
  putBlob(bytes: Uint8Array): Promise<string>
  blob(sha256: string): Promise<Uint8Array | null>
  /** The release's hash chain, oldest first. @param part so many entries, beginning with this index; absent: all */
  ledger(releaseKey: string, part?: LedgerPart): Promise<readonly LedgerEntry[]>
  /** Where the ledger stands, at no cost of its length; null when it has no entry. */
  position(releaseKey: string): Promise<Position | null>
  keepSample(releaseKey: string, step: string, sample: Sample): Promise<void>
  samples(releaseKey: string, step: string): Promise<readonly Sample[]>
  /** Those of these instants. Nothing goes when the release is not at this revision any more: something may have been decided from them. */
  dropSamples(release: Pick<ReleaseRecord, 'key' | 'revision'>, step: string, at: readonly number[]): Promise<void>
  /** Keeps a command of the page until a change answers it. False when too many of this release wait; then it is not kept. */
  order(releaseKey: string, order: PageOrder): Promise<boolean>
  /** Not answered yet, oldest first. */
  pageOrders(releaseKey: string): Promise<readonly PageOrder[]>
  /** Takes or renews; null when somebody else holds it. */
  lease(key: string, owner: string, now: number, ttlMs: number): Promise<Lease | null>
  free(lease: Lease): Promise<void>
}

// ---------------------------------------------------------------- the rest

export interface Clock {
  now(): number
}

/** Hex digits from a secure source; 32 for a trace id. */
export interface RandomPort {
  hex(digits: number): string
}

export interface Log {
  info(fields: Record<string, unknown>, message: string): void
  warn(fields: Record<string, unknown>, message: string): void
  error(fields: Record<string, unknown>, message: string): void
}

export interface Ports {
  readonly read: ReadPort
  /** Absent: no release can be planned. */
  readonly history?: HistoryPort
  readonly effects: EffectPort
  readonly metrics: MetricsPort
  /** Absent: no router counts. */
  readonly traffic?: TrafficPort
  /** Must agree to commands; absent: the policy in process decides alone. */
  readonly policyServer?: PolicyServer
  /** Absent: no address can be looked at, so none is green. */
  readonly probes?: ProbePort
  readonly store: StorePort
  /** Signs checkpoints of ledgers. */
  readonly notary: Notary
  readonly clock: Clock
  readonly random: RandomPort
  readonly log: Log
  /** The operator's trusted root; absent: no certificate is believed. */
  readonly root?: TrustedRoot
}
