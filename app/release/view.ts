/** A release as it is shown to people: what the status comment says, and what the release page keeps showing. */
import { z } from 'zod'
import { GateId, Phase } from '../../evidence/model/phases.ts'
import { Outcome } from '../../evidence/model/verdict.ts'
import type { ReleaseState } from './ports.ts'

export const GateLine = z.strictObject({
  gate: GateId,
  verdict: z.union([Outcome, z.enum(['waiting', 'running'])]),
  numbers: z.array(z.strictObject({ name: z.string(), value: z.number().nullable(), threshold: z.string() })).readonly(),
  /** First reason, in words; '' when there is none. */
  reason: z.string(),
  /** What to do about it; '' when nothing. */
  next: z.string(),
  /** The check run. */
  url: z.string().optional(),
})
export type GateLine = Readonly<z.infer<typeof GateLine>>

export const StatusView = z.strictObject({
  version: z.string(),
  pull: z.number(),
  state: z.custom<ReleaseState>((state) => typeof state === 'string'),
  /** Full commits. */
  head: z.string(),
  base: z.string(),
  phases: z
    .array(z.strictObject({ phase: Phase, state: z.enum(['waiting', 'running', 'proven', 'blocked', 'not-built']), url: z.string().optional() }))
    .readonly(),
  gates: z.array(GateLine).readonly(),
  rollout: z
    .strictObject({
      environment: z.string(),
      /** Percent, rising. */
      steps: z.array(z.number()).readonly(),
      /** Percent of traffic on the new version now. */
      weight: z.number(),
      /** The judge's last sentence; '' when it has not spoken. */
      judged: z.string(),
      /** UTC, ISO 8601; null: nothing is due. */
      deadline: z.string().nullable(),
      /** Of the step that moved traffic last; absent: none is to be had. */
      picture: z.strictObject({ url: z.string(), step: z.number() }).optional(),
      /** Of requests that failed or were slow before it was taken back. */
      traces: z
        .array(z.strictObject({ id: z.string(), url: z.string().nullable() }))
        .readonly()
        .optional(),
    })
    .nullable(),
  /** The plan that may be promoted now; null: nothing can be promoted. */
  /** `objectives`: which of them guard it, in words; '' when there is none. */
  plan: z.strictObject({ id: z.string(), step: z.number(), environment: z.string(), objectives: z.string() }).nullable(),
  /** Whether it can be taken back over the database schema, and how long that took when it was rehearsed; '' when nothing is to be taken back. */
  back: z.string().optional(),
  /** Smaller stops an approver may choose instead of `plan`: each a whole line to paste. */
  stops: z.array(z.string()).readonly(),
  /** What came of people's commands, newest first; `answer` is Markdown of ours. */
  answers: z.array(z.strictObject({ login: z.string(), command: z.string(), done: z.boolean(), answer: z.string() })).readonly(),
  /** Who broke the glass, until when, and the number of the issue that keeps the record; absent: it is whole, or its record is closed. */
  glass: z
    .strictObject({ by: z.array(z.string()).readonly(), reason: z.string(), until: z.string(), stands: z.boolean(), issue: z.number().nullable() })
    .optional(),
  /** The waiver of a hotfix on this commit, and the gates it covers; absent: none, or it is over. `off`: why it covers nothing; '' when it does. */
  hotfix: z
    .strictObject({
      by: z.array(z.string()).readonly(),
      reason: z.string(),
      until: z.string(),
      covers: z.array(GateId).readonly(),
      mustHold: z.array(GateId).readonly(),
      off: z.string(),
      issue: z.number().nullable(),
    })
    .optional(),
  held: z.strictObject({ reason: z.string(), by: z.string(), until: z.string().nullable() }).nullable(),
  /** What keeps a promotion from starting although nothing is wrong with the release. */
  waits: z.array(z.string()).readonly().optional(),
  /** What is awaited of the transparency log; '' when nothing is. */
  log: z.string(),
  /** Where the sealed packs are kept, or why not yet. */
  keeping: z
    .array(z.strictObject({ seal: z.number(), store: z.string(), kept: z.boolean(), why: z.string() }))
    .readonly()
    .optional(),
  /** What the App could not do. */
  undone: z
    .array(z.strictObject({ what: z.string(), why: z.string(), next: z.string() }))
    .readonly()
    .optional(),
  /** What happens next, in order, one sentence each. */
  next: z.array(z.string()).readonly(),
  /** The release page; absent: there is none. */
  page: z.string().optional(),
  traceId: z.string(),
  /** UTC, ISO 8601. */
  at: z.string(),
})
export type StatusView = Readonly<z.infer<typeof StatusView>>

/** Each state, for people. */
export const STATE_WORDS: Readonly<Record<ReleaseState, { readonly title: string; readonly sentence: string }>> = {
  draft: { title: 'draft', sentence: 'The pull request is a draft. Nothing runs until it is ready for review.' },
  proving: {
    title: 'being proven',
    sentence: 'The agents are looking at this commit. The gates below block the merge until each of them is proven.',
  },
  ready: { title: 'ready to merge', sentence: 'Every gate that stands before the merge holds on this very commit.' },
  merged: { title: 'merged, waiting for an approver', sentence: 'The commit is in the base branch. No traffic has moved yet.' },
  stage: { title: 'on stage', sentence: 'The release runs on stage.' },
  canary: { title: 'canary', sentence: 'A part of the traffic is on the new version; the judge compares it with the old one of the same time.' },
  full: { title: 'at 100 %', sentence: 'All traffic is on the new version.' },
  baking: { title: 'baking', sentence: 'All traffic is on the new version; it is watched until the bake ends.' },
  ga: { title: 'released', sentence: 'The release serves everyone, and the signed pack is attached to the GitHub release.' },
  closed: { title: 'closed', sentence: 'This release is over.' },
  held: { title: 'held', sentence: 'Nothing moves until an approver resumes it or its deadline passes.' },
  rolling_back: { title: 'rolling back', sentence: 'Traffic is going back to the old version.' },
  rolled_back: { title: 'rolled back', sentence: 'All traffic is on the old version again. The incident issue tells why.' },
  abandoned: { title: 'abandoned', sentence: 'The pull request was closed without a merge.' },
  broken_glass: { title: 'shipped by break-glass', sentence: 'It shipped without proof. The record stays open until the gates hold.' },
}

/** Each answer of a gate, for people. */
export const GATE_WORDS: Readonly<Record<GateLine['verdict'], string>> = {
  pass: 'proven',
  fail: 'no',
  indeterminate: 'not proven',
  waived: 'waived',
  not_applicable: 'not applicable',
  waiting: 'waiting',
  running: 'being looked at',
}
