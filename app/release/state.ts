/**
 * What a release remembers between two looks, and which state may follow which. The table is the one in app/README.md; a test compares them.
 * Ids of things in the world (check runs, deployments, runs) are not kept here: they are outcomes of the outbox.
 */
import { z } from 'zod'
import { Phase } from '../../evidence/model/phases.ts'
import { CommitSha, Sha256 } from '../../evidence/model/primitives.ts'
import { ReasonCode } from '../../evidence/model/reasons.ts'
import { Rehearsal, RunningRehearsal, Schema, Serving } from './before.ts'
import { Outcome } from '../../evidence/model/verdict.ts'
import { HeldObjective } from '../../evidence/slo/held.ts'
import { ReleaseError } from './error.ts'
import type { ReleaseRecord, ReleaseState } from './ports.ts'
import { StatusView } from './view.ts'
import { Approval, Authorised, Granted, Voice } from './voice.ts'

export const TRANSITIONS: Readonly<Record<ReleaseState, readonly ReleaseState[]>> = {
  draft: ['proving', 'abandoned'],
  proving: ['draft', 'ready', 'merged', 'held', 'abandoned'],
  ready: ['draft', 'proving', 'merged', 'held', 'abandoned'],
  merged: ['stage', 'canary', 'full', 'held'],
  stage: ['canary', 'full', 'held', 'rolling_back'],
  canary: ['full', 'held', 'rolling_back'],
  full: ['baking', 'held', 'rolling_back'],
  baking: ['ga', 'broken_glass', 'held', 'rolling_back'],
  ga: ['closed', 'rolling_back'],
  closed: [],
  held: ['proving', 'ready', 'merged', 'stage', 'canary', 'full', 'baking', 'rolling_back', 'abandoned', 'closed'],
  rolling_back: ['rolled_back'],
  rolled_back: [],
  abandoned: ['proving'],
  broken_glass: ['ga', 'closed', 'rolling_back'],
}

/** States in which nothing more happens by itself. */
export const FINAL: readonly ReleaseState[] = ['ga', 'closed', 'rolled_back', 'abandoned']

/** States in which a rollout that is over leaves a release alone. */
export const SERVED: readonly ReleaseState[] = ['ga', 'broken_glass', 'closed']

/** May a person hold a release in this state? */
export function isHoldable(state: ReleaseState): boolean {
  return TRANSITIONS[state].includes('held')
}

/** @throws ReleaseError `no-such-transition` when the table has no such transition. Staying is always allowed. */
export function checkTransition(from: ReleaseState, to: ReleaseState): ReleaseState {
  if (from !== to && !TRANSITIONS[from].includes(to)) throw new ReleaseError('no-such-transition', `a release cannot go from ${from} to ${to}`)
  return to
}

const State = z.enum(Object.keys(TRANSITIONS) as [ReleaseState, ...ReleaseState[]])
const Milliseconds = z.number().nonnegative()

/** What an approver agreed to, as it was shown: all that its plan id is made of. */
export const Agreed = z.strictObject({
  /** Plan id. */
  plan: z.string(),
  upTo: z.number(),
  approval: Approval,
  /** Everybody whose voice counted, the last one included. */
  voices: z.array(Voice).default([]),
  /** Absent: it was decided before policies were logged. */
  authorised: Authorised.optional(),
  /** Base branch. */
  base: z.string(),
  /** Outcome of each gate, and the digest of its verdict without time and trace. */
  gates: z.record(z.string(), z.strictObject({ outcome: Outcome, verdict: Sha256 })),
  policyDigest: Sha256,
  evidenceRoot: Sha256,
  schemaRange: z.string().nullable(),
  deployed: z.record(z.string(), z.string()),
})
export type Agreed = z.infer<typeof Agreed>

/** What ended a step, with all it was said from but the samples and the policy: so that it can be said again. */
export const Judged = z.strictObject({
  step: z.number(),
  at: Milliseconds,
  /** When the newest sample was taken that it was said from; absent: none was, or an older version kept it. */
  seen: Milliseconds.optional(),
  decision: z.enum(['advance', 'roll_back']),
  code: z.string(),
  sentence: z.string(),
  metrics: z.record(z.string(), z.number()),
  startedAt: Milliseconds,
  shiftedAt: Milliseconds,
  bakeUntil: Milliseconds,
  deadline: Milliseconds,
  sampleMs: Milliseconds,
})
export type Judged = z.infer<typeof Judged>

const Ratios = z.strictObject({ errors: z.number(), latency: z.number() })
const Absence = z.enum(['indeterminate', 'zero', 'fail'])

/** How the canary is compared with the stable version: `app/rollout/judgement.ts`, Comparison. Seconds. */
const Compare = z.strictObject({
  minimum: Ratios,
  certify: Ratios,
  absence: z.strictObject({ errors: Absence, latency: Absence }),
  objectives: z.array(HeldObjective),
  warmUp: z.number(),
})

const Steps = z.array(z.number()).optional()
export const Hook = z.union([
  z.strictObject({ workflow: z.string(), inputs: z.record(z.string(), z.string()), steps: Steps }),
  z.strictObject({ webhook: z.string(), steps: Steps }),
])
export type Hook = z.infer<typeof Hook>

export const GoldenPath = z.union([
  z.strictObject({ url: z.string(), status: z.number() }),
  z.strictObject({ workflow: z.string(), inputs: z.record(z.string(), z.string()) }),
])
export type GoldenPath = z.infer<typeof GoldenPath>

export const Rollout = z.strictObject({
  /** Counts the rollouts of this release; part of every effect key, so a second rollout repeats nothing of the first. */
  number: z.number().int().positive(),
  environment: z.string(),
  /** The environment with the canary; those before it are stages. */
  last: z.boolean(),
  plan: z.string(),
  /** The approval lets it go up to here, percent. */
  upTo: z.number(),
  steps: z.array(z.number()).min(1),
  step: z.number(),
  stage: z.enum(['deploying', 'shifting', 'baking', 'waiting', 'done', 'withdrawing', 'withdrawn', 'left']),
  /** Since when the step is at it; the deadline counts from here until traffic has moved, then from there. */
  since: Milliseconds,
  /** When the canary first got traffic. */
  startedAt: Milliseconds.nullable(),
  /** When this step's traffic had moved. */
  shiftedAt: Milliseconds.nullable(),
  digests: z.record(z.string(), z.string()).nullable(),
  approval: Approval,
  /** Every approval that counted, oldest first; each lets it go further. */
  agreed: z.array(Agreed).default([]),
  /** When traffic had moved to each step so far. */
  moved: z.array(z.strictObject({ step: z.number(), at: Milliseconds })).default([]),
  /** The judge's last word on each step that it ended. */
  judged: z.array(Judged).default([]),
  /** Why the step holds although the judge would let it go on: its share of the traffic. */
  share: z.enum(['share-off', 'share-unknown', 'weight-off']).optional(),
  /** Why the step holds although the judge let it through: the calendar. */
  closed: z.string().optional(),
  /** Golden paths that are not green yet, in words, while it goes home. */
  red: z.array(z.string()).optional(),
  /** Traces of requests that failed or were slow before it was taken back. */
  traces: z.array(z.string()).optional(),
  /** Keys of the hooks and golden paths whose runs succeeded. */
  passed: z.array(z.string()).default([]),
  /** Why this step does not begin although it is deployed: it could not decide. */
  unforeseen: z.string().optional(),
  /** Time between two looks, when traffic last moved. */
  sampleMs: Milliseconds.default(5_000),
  /** Frozen when it began: a config that changes under a canary changes nothing. */
  policy: z.strictObject({
    guard: z.strictObject({ limit: z.number(), falseAlarm: z.number(), miss: z.number(), certify: z.number(), minimum: z.number().default(1.25) }),
    /** Absent: it began before latency was compared. */
    compare: Compare.optional(),
    bake: z.record(z.string(), Milliseconds),
    deadline: z.record(z.string(), Milliseconds),
    workflow: z.string(),
    inputs: z.record(z.string(), z.string()),
    ref: z.string(),
    /** The operator's names; null: none. */
    router: z.string().nullable(),
    metrics: z.string().nullable(),
    /** The transparency log must hold the pack before 100 %. */
    log: z.boolean().default(false),
    golden: z.array(GoldenPath).default([]),
    /** The operator's names. */
    messages: z
      .strictObject({ start: z.array(z.string()), breach: z.array(z.string()), ga: z.array(z.string()) })
      .default({ start: [], breach: [], ga: [] }),
    onCall: z.array(z.string()).default([]),
    hooks: z.strictObject({ pre: z.array(Hook), post: z.array(Hook) }).default({ pre: [], post: [] }),
    /** Feature flags that follow the steps: the operator's names of routers. */
    flags: z.array(z.string()).default([]),
  }),
  why: z.strictObject({ code: z.string(), sentence: z.string() }).nullable(),
  /** What served there when it began; null: not known. */
  before: Serving.nullable().default(null),
  /** It was deployed again, and this statement says so. */
  restored: z.strictObject({ at: Milliseconds, statement: Sha256 }).optional(),
  /** Absent: none runs. */
  rehearsal: RunningRehearsal.optional(),
  /** Absent: the config names no file that tells it. */
  schema: Schema.optional(),
  /** It should have gone back, and the version before cannot run the live schema: what said so, and why not. */
  refused: z.strictObject({ code: z.string(), sentence: z.string(), because: z.string(), at: Milliseconds }).optional(),
})
export type Rollout = z.infer<typeof Rollout>

export const Answer = z.strictObject({
  nodeId: z.string(),
  comment: z.number(),
  command: z.string(),
  login: z.string(),
  at: Milliseconds,
  done: z.boolean(),
  answer: z.string(),
})
export type Answer = z.infer<typeof Answer>

/** The commit that a merge made, or was, and what it is beside the proven one. */
export const Landed = z.strictObject({ commit: CommitSha, as: z.enum(['itself', 'equal-tree', 'other']) })
export type Landed = z.infer<typeof Landed>

export const ReleaseData = z.strictObject({
  /** When this head was first seen; the evidence deadline counts from here. */
  headSince: Milliseconds,
  /** No other head was seen before it: what was written before the first look was written of it. */
  isFirstHead: z.boolean().default(false),
  /** Config as read from the base branch; after the merge this commit stays. */
  policy: z.strictObject({ commit: CommitSha, digest: Sha256 }).nullable(),
  /** Digests of what evidence is made from, as they were at the last look before the merge. */
  inputs: z.record(z.string(), Sha256),
  /** Last written content of each check, by `<sha>/<base>/<gate>`, and the digests of the findings that it shows on lines. */
  checks: z.record(
    z.string(),
    z.strictObject({
      seq: z.number().int(),
      digest: Sha256,
      done: z.boolean(),
      shown: z.array(z.string()).default([]),
      /** The App that made the run, when, and how often one was made anew. */
      made: z.strictObject({ app: z.number().int().nullable(), at: Milliseconds, times: z.number().int().nonnegative() }).optional(),
    }),
  ),
  comment: z.strictObject({ seq: z.number().int(), digest: Sha256 }).nullable(),
  /** What people were last shown; null also when another version wrote it. */
  view: StatusView.nullable().catch(null).default(null),
  /** The state people were last shown. */
  shown: State.nullable(),
  /** How often each phase was asked to look again, on this head, and when last; empty also when another version counted. */
  reruns: z.partialRecord(Phase, z.strictObject({ times: z.number().int().positive(), at: Milliseconds })).catch({}),
  /** Every executed or refused command, by the comment's node id: none is executed twice. */
  answers: z.array(Answer),
  /** Who approved or promoted, oldest first; whether that still counts is asked when it is used. */
  voices: z.array(Voice),
  waivers: z.array(Granted).default([]),
  /** null: it is not merged, or was merged before this was kept. */
  landed: Landed.nullable().default(null),
  held: z.strictObject({ from: State, reason: z.string(), owner: z.string(), at: Milliseconds, code: ReasonCode.optional() }).nullable(),
  rollout: Rollout.nullable(),
  /** Rollouts before this one, oldest first: later packs hold what they were judged by. */
  ended: z.array(Rollout).default([]),
  rollouts: z.number().int().nonnegative(),
  rehearsals: z.array(Rehearsal).default([]),
  /** Environments that serve this version in full. */
  completed: z.array(z.string()),
  /** The judge's or the machine's last word, for people. */
  sentence: z.string(),
  /** Who had the App open the pull request; null: a person opened it. */
  requester: z.strictObject({ login: z.string(), id: z.number() }).nullable().default(null),
  /** What the App last put on the branch, of which base, and the digest of the part of the text that it keeps; null: it keeps none. */
  kept: z.strictObject({ commit: CommitSha, base: CommitSha, planned: Sha256 }).nullable().default(null),
  /** Counts seals asked for, so that each is one intent. */
  sealed: z.array(z.string()),
})
export type ReleaseData = z.infer<typeof ReleaseData>

export function emptyData(now: number): ReleaseData {
  return {
    headSince: now,
    isFirstHead: true,
    policy: null,
    inputs: {},
    checks: {},
    comment: null,
    view: null,
    shown: null,
    reruns: {},
    answers: [],
    voices: [],
    waivers: [],
    landed: null,
    held: null,
    rollout: null,
    ended: [],
    rollouts: 0,
    rehearsals: [],
    completed: [],
    sentence: '',
    requester: null,
    kept: null,
    sealed: [],
  }
}

/** The record with its data parsed; what an older version kept without its base is of the record's. @throws ZodError when the store holds something else. */
export function dataOf(record: ReleaseRecord): ReleaseData {
  const data = ReleaseData.parse(record.data)
  for (const said of [...data.voices, ...data.waivers]) said.base ??= record.base
  return data
}
