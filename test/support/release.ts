/** A release and the facts about it, healthy unless a test spoils one thing; and a story that lets the pure core live through several looks. */
import type { Authorisation } from '../../app/commands/authorise.ts'
import { isSpoken, waiverAsked } from '../../app/commands/command.ts'
import { parse } from '../../app/commands/parse.ts'
import type { Facts, FullFacts, OrderFacts, Settings } from '../../app/release/facts.ts'
import { next, type Step } from '../../app/release/next.ts'
import type { CommentFacts, Effect, EvidenceRow, Outcome, OutboxRow, PullFacts, ReleaseRecord, Repository, Sample } from '../../app/release/ports.ts'
import type { Schema } from '../../app/release/before.ts'
import { emptyData, type Agreed, type ReleaseData, type Rollout } from '../../app/release/state.ts'
import type { Voice } from '../../app/release/voice.ts'
import { parseConfig } from '../../evidence/config/parse.ts'
import { sha256 } from '../../evidence/core/digest.ts'
import type { Finding } from '../../evidence/model/finding.ts'
import type { GateId } from '../../evidence/model/phases.ts'
import type { ReasonCode } from '../../evidence/model/reasons.ts'
import type { AgentResponsePredicate, Origin, RolloutEventPredicate } from '../../evidence/model/statement.ts'
import type { Outcome as VerdictOutcome, Verdict } from '../../evidence/model/verdict.ts'

export const REPOSITORY: Repository = { id: 7, owner: 'acme', name: 'shop', installationId: 1 }
export const KEY = '7#3'
export const HEAD = '1'.repeat(40)
export const OTHER_HEAD = '2'.repeat(40)
export const CONFIG_COMMIT = 'c'.repeat(40)
export const TRACE = 'e'.repeat(32)
export const NOW = 1_000_000
export const SETTINGS: Settings = { evidenceDeadlineMs: 120_000, sampleMs: 1_000, leaseMs: 15_000, publicUrl: '', log: null }
/** Addresses as a test can read them. */
export const PICTURE: NonNullable<Settings['picture']> = (of, at) =>
  `https://conductor.example/${of.release.replace('#', '-')}/${'series' in of ? of.series : `${of.rollout}/${of.step}`}?at=${at - NOW}`
export const DIGESTS = { shop: `sha256:${'5'.repeat(64)}` }

/** @param trust public keys in PEM, by id */
export function configText(trust: Readonly<Record<string, string>> = {}, prod = ''): string {
  const keys = Object.entries(trust).map(([id, key]) => `{ id: ${id}, public_key: ${JSON.stringify(key)} }`)
  return `version: 1
release: { base: [main, "support/*"] }
people: { approvers: { promote: { users: [approver, second], count: 1, not: [author] } } }
trust: { keys: [${keys.join(', ')}] }
environments:
  prod: { deploy: { workflow: deploy.yml }, router: proxy, metrics: scrape, steps: [10, 50, 100], bake: 6s, deadline: 90s, absence: { latency: zero }${prod} }
gates: { supply_chain: { no_artifacts: nothing is built in this story }, policy_ci: { app: 1234 }, slo: { logs: { retention: 30d } }, perf: { peak: 320 }, preview_budget: { prices: [{ environment: "pr-*", hour: 0.1 }] } }
`
}

export function configOf(text = configText()): Extract<FullFacts['config'], { ok: true }> {
  const parsed = parseConfig(text)
  if (!parsed.ok) throw new Error(`the builder's config is wrong: ${JSON.stringify(parsed.errors)}`)
  return { ok: true, config: parsed.config, commit: CONFIG_COMMIT, digest: sha256(text), text }
}

export function recordOf(over: Partial<Omit<ReleaseRecord, 'data'>> = {}, data: Partial<ReleaseData> = {}): ReleaseRecord {
  return {
    key: KEY,
    repository: REPOSITORY,
    pull: 3,
    version: 'v2.0.0',
    head: HEAD,
    base: 'main',
    state: 'proving',
    traceId: TRACE,
    revision: 1,
    dueAt: null,
    ...over,
    data: { ...emptyData(NOW), ...data },
  }
}

export function pullOf(over: Partial<PullFacts> = {}): PullFacts {
  return {
    number: 3,
    state: 'open',
    draft: false,
    merged: false,
    mergeCommit: null,
    head: { ref: 'release/v2.0.0', sha: HEAD, repositoryId: 7 },
    base: { ref: 'main', sha: 'b'.repeat(40) },
    defaultBranch: 'main',
    title: 'Release v2.0.0',
    body: '',
    labels: [],
    author: { login: 'author', id: 20 },
    ...over,
  }
}

export const MERGED: Partial<PullFacts> = { state: 'closed', merged: true, mergeCommit: '9'.repeat(40) }

export function verdictOf(
  gate: GateId,
  verdict: VerdictOutcome = 'pass',
  code: ReasonCode = 'gate.evidence-absent',
  over: Partial<Verdict> = {},
): Verdict {
  return {
    gate,
    env: 'all',
    sha: HEAD,
    verdict,
    metrics: { findings: verdict === 'pass' ? 0 : 1 },
    thresholds: { findings: '=0' },
    measured: { n: 3, window: 'a..b', source: 'git', query: 'log', data_digest: 'd'.repeat(64) },
    evidence: [],
    reasons: verdict === 'pass' ? [] : [{ code, message: 'it is not there', next: 'bring it' }],
    agent: gate,
    trace_id: TRACE,
    at: '2026-11-22T12:00:00.000Z',
    ...over,
  }
}

/** All gates of this version, with one answer. */
export function verdictsOf(verdict: VerdictOutcome = 'pass', over: Partial<Verdict> = {}): Verdict[] {
  const code = {
    policy_ci: 'gate.evidence-absent',
    hardening: 'gate.evidence-absent',
    supply_chain: 'gate.evidence-absent',
    slo: 'gate.evidence-absent',
    perf: 'gate.evidence-absent',
    preview_budget: 'gate.evidence-absent',
    all_required_gates: 'all_required_gates.gate-not-held',
  } as const
  return (['policy_ci', 'hardening', 'supply_chain', 'slo', 'perf', 'preview_budget', 'all_required_gates'] as const).map((gate) =>
    verdictOf(gate, verdict, code[gate], over),
  )
}

export function fullOf(over: Partial<FullFacts> = {}): FullFacts {
  return {
    pull: pullOf(),
    config: configOf(),
    landed: over.pull?.merged === true ? { commit: '9'.repeat(40), as: 'itself' } : null,
    window: configOf().config.release.window,
    inputs: { pullRequest: '3'.repeat(64), policy: configOf().digest },
    evidence: [],
    waivers: [],
    rejections: [],
    runs: new Map(),
    deployed: {},
    schemas: {},
    live: {},
    rehearsed: null,
    provenIn: null,
    orders: [],
    rerequested: [],
    waiting: [],
    last: null,
    anchor: null,
    verdicts: verdictsOf(),
    contexts: new Map(),
    fresh: [],
    ...over,
  }
}

export function factsOf(full: FullFacts | null, over: Partial<Facts> & { readonly rows?: readonly OutboxRow[] } = {}): Facts {
  const { rows = [], ...rest } = over
  return { now: NOW, full, outbox: new Map(rows.map((row) => [row.key, row])), samples: [], settings: SETTINGS, ...rest }
}

export function rowOf(effect: Effect, outcome: Outcome | null = null, over: Partial<OutboxRow> = {}): OutboxRow {
  return { key: effect.key, releaseKey: KEY, effect, state: outcome === null ? 'intended' : 'done', outcome, error: null, attempts: 0, ...over }
}

let lastComment = 500

export function commentOf(body: string, login = 'approver', id = 21, over: Partial<CommentFacts> = {}): CommentFacts {
  lastComment += 1
  return {
    id: lastComment,
    nodeId: `IC_${lastComment}`,
    body,
    author: { login, id, type: 'User' },
    viaApp: false,
    edited: false,
    createdAt: '2026-11-22T12:00:00.000Z',
    ...over,
  }
}

export const BASIS = '8'.repeat(64)

export function voiceOf(over: Partial<Voice> = {}): Voice {
  const who = { nodeId: 'IC_1', comment: 1, login: 'approver', id: 21, role: 'maintain', reason: null }
  return { ...who, at: NOW, saidAt: NOW, head: HEAD, base: 'main', basis: BASIS, plan: null, waive: null, stepUp: null, ...over }
}

/** @param by.counted the accounts whose voices the policy counts; default: this one */
export function orderOf(
  body: string,
  by: { login?: string; id?: number; counted?: readonly number[]; need?: number; denied?: boolean } = {},
): OrderFacts {
  const { login = 'approver', id = 21, counted = [id], need = 1, denied = false } = by
  const parsed = parse(body)
  if (parsed === null) throw new Error(`${body} is no command`)
  const comment = commentOf(body, login, id)
  const of = { counted, need, log: null }
  const authorisation: Authorisation = denied ? { ...of, allowed: false, codes: ['command.not-named'] } : { ...of, allowed: true, codes: [] }
  const command = parsed.kind === 'command' ? parsed.command : null
  const spoken = !denied && command !== null && isSpoken(command) ? command : null
  const plan = command?.name === 'promote' ? command.plan : null
  return {
    comment,
    parsed,
    role: 'maintain',
    authorisation: command === null ? null : authorisation,
    voice:
      spoken === null
        ? null
        : voiceOf({
            nodeId: comment.nodeId,
            comment: comment.id,
            login,
            id,
            plan,
            waive: waiverAsked(spoken),
            reason: spoken.reason,
          }),
  }
}

export function agreedOf(over: Partial<Agreed> = {}): Agreed {
  return {
    plan: 'a'.repeat(32),
    upTo: 100,
    approval: { nodeId: 'IC_1', comment: 1, login: 'approver', id: 21, role: 'maintain', at: NOW },
    voices: [],
    base: 'main',
    gates: {},
    policyDigest: configOf().digest,
    evidenceRoot: 'b'.repeat(64),
    schemaRange: null,
    deployed: {},
    ...over,
  }
}

/** This version runs 41..42, v1.9.0 runs 40..41, and 41 is live. */
export function schemaOf(over: Partial<Schema> = {}): Schema {
  return {
    runs: { min: 41, max: 42 },
    before: { min: 40, max: 41 },
    unknown: '',
    version: 'v1.9.0',
    live: 41,
    becomes: null,
    toldAt: NOW - 1,
    accepted: null,
    ...over,
  }
}

export function rolloutOf(over: Partial<Rollout> = {}): Rollout {
  return {
    number: 1,
    environment: 'prod',
    last: true,
    plan: 'a'.repeat(32),
    upTo: 100,
    steps: [10, 50, 100],
    step: 10,
    stage: 'deploying',
    since: NOW,
    startedAt: null,
    shiftedAt: null,
    digests: null,
    approval: { nodeId: 'IC_1', comment: 1, login: 'approver', id: 21, role: 'maintain', at: NOW },
    agreed: [],
    moved: [],
    judged: [],
    passed: [],
    sampleMs: 1_000,
    policy: {
      guard: { limit: 0.01, falseAlarm: 0.01, miss: 0.05, certify: 2, minimum: 1.25 },
      bake: { 10: 6_000, 50: 6_000, 100: 6_000 },
      deadline: { 10: 90_000, 50: 90_000, 100: 90_000 },
      workflow: 'deploy.yml',
      inputs: { flavour: 'plain' },
      ref: 'main',
      router: 'proxy',
      metrics: 'scrape',
      log: false,
      hooks: { pre: [], post: [] },
      flags: [],
      golden: [],
      messages: { start: [], breach: [], ga: [] },
      onCall: [],
    },
    why: null,
    before: null,
    ...over,
  }
}

/** A look a second, `rate` requests a second on each version. @param share of canary requests that fail */
export function samplesOf(from: number, to: number, { rate = 100, share = 0 }: { rate?: number; share?: number } = {}): Sample[] {
  const samples: Sample[] = []
  for (let at = from; at <= to; at += 1_000) {
    const requests = ((at - from) / 1_000) * rate
    samples.push({ at, canary: { requests, errors: Math.round(requests * share) }, stable: { requests, errors: 0 }, note: '' })
  }
  return samples
}

export function originOf(run: number, over: Partial<Origin> = {}): Origin {
  return {
    repository: 'acme/shop',
    repository_id: 7,
    sha: HEAD,
    ref: 'refs/heads/release/v2.0.0',
    event: 'workflow_dispatch',
    workflow: 'acme/shop/.github/workflows/release-conductor.yml@refs/heads/release/v2.0.0',
    signer_workflow: 'release-conductor/release-conductor/.github/workflows/conduct.yml@1',
    signer_digest: 'f'.repeat(40),
    run_id: run,
    run_attempt: 1,
    runner_environment: 'github-hosted',
    ...over,
  }
}

/** What an agent found, as the gates read it. */
export function respondedRow(topic: string, findings: readonly Finding[]): EvidenceRow {
  const predicate = { topic, findings } as AgentResponsePredicate
  return {
    evidence: { kind: 'agent-response', digest: sha256(JSON.stringify(predicate)), signer: 'demo', predicate },
    bundle: '4'.repeat(64),
    files: [],
    source: 'artifact:9',
  }
}

export function deployedRow(run: number, over: Partial<RolloutEventPredicate> = {}): EvidenceRow {
  const predicate: RolloutEventPredicate = {
    schema_version: 1,
    event: 'deployed',
    environment: 'prod',
    step: 10,
    plan: 'a'.repeat(32),
    version: 'v2.0.0',
    sha: HEAD,
    digests: DIGESTS,
    origin: originOf(run),
    made_at: '2026-11-22T12:00:00.000Z',
    ...over,
  }
  return {
    evidence: { kind: 'rollout-event', digest: sha256(JSON.stringify(predicate)), signer: 'demo', predicate },
    bundle: '4'.repeat(64),
    files: [],
    source: 'artifact:9',
  }
}

/** A release over several looks: what was wanted stays in the outbox until the test says what came of it. */
export class Story {
  record: ReleaseRecord
  now = NOW
  readonly rows = new Map<string, OutboxRow>()
  readonly events: Step['events'][number][] = []

  settings: Settings

  constructor(record: ReleaseRecord = recordOf(), settings: Settings = SETTINGS) {
    this.record = record
    this.settings = settings
  }

  look(full: FullFacts | null = fullOf(), samples: readonly Sample[] = []): Step {
    const step = next(this.record, factsOf(full, { now: this.now, rows: [...this.rows.values()], samples, settings: this.settings }))
    this.record = { ...step.record, revision: this.record.revision + 1 }
    for (const effect of step.intents) this.rows.set(effect.key, rowOf(effect))
    this.events.push(...step.events)
    return step
  }

  tick(samples: readonly Sample[] = []): Step {
    return this.look(null, samples)
  }

  /** Everything wanted so far succeeds. Answers what kinds that were, in order. */
  carryOut(except: (effect: Effect) => boolean = () => false): string[] {
    const open = [...this.rows.values()].filter((row) => row.outcome === null && row.state !== 'failed' && !except(row.effect))
    for (const row of open) {
      const id = this.rows.size * 100 + open.indexOf(row)
      this.settle(row.key, row.effect.kind === 'pack.seal' ? this.sealed(row.key) : { id })
    }
    return open.map((row) => row.effect.kind)
  }

  private sealed(key: string): Outcome {
    const before = [...this.rows.values()].filter((row) => row.effect.kind === 'pack.seal' && row.outcome !== null)
    return { id: null, data: { seal: before.length + 1, path: `${before.length + 1}.zip`, sha256: sha256(key) } }
  }

  settle(key: string, outcome: Outcome): void {
    const row = this.rows.get(key)
    if (row === undefined) throw new Error(`${key} was never wanted; there are ${[...this.rows.keys()].join(', ')}`)
    this.rows.set(key, { ...row, state: 'done', outcome })
  }

  effects<Kind extends Effect['kind']>(kind: Kind): Extract<Effect, { kind: Kind }>[] {
    return [...this.rows.values()].map((row) => row.effect).filter((effect): effect is Extract<Effect, { kind: Kind }> => effect.kind === kind)
  }

  get data(): ReleaseData {
    return this.record.data as ReleaseData
  }
}
