/**
 * What the policy of commands sees: exactly these fields, projected from facts that were asked just now. No secret, no address, and of a comment only the
 * command that was read in it. A fact that could not be asked is null; the policy refuses for it.
 */
import { z } from 'zod'
import { GateId } from '../../evidence/model/phases.ts'
import { CommitSha, Sha256, Version } from '../../evidence/model/primitives.ts'
import { Outcome } from '../../evidence/model/verdict.ts'

export const COMMAND_NAMES = [
  'approve',
  'break-glass',
  'help',
  'hold',
  'plan',
  'preview',
  'promote',
  'release',
  'rerun',
  'resume',
  'rollback',
  'status',
  'waive',
] as const

const Milliseconds = z.number().int().nonnegative()
const Name = z.string().max(141)
const PlanId = z.string().regex(/^[0-9a-f]{32}$/)

const Gates = z.array(GateId).max(30)
const Days = z.number().int().min(1).max(999)

/** A second proof of who asks, bound to the very command. */
const StepUp = z.strictObject({
  method: z.literal('webauthn'),
  /** From the signature until it is used. */
  age_ms: Milliseconds,
})
export type StepUp = z.infer<typeof StepUp>

const Person = z.strictObject({
  login: z.string().min(1).max(100),
  id: z.number().int(),
  /** `admin`, `write`, `read` or `none`; null: could not be asked. */
  permission: z.string().max(100).nullable(),
  /** null: could not be asked. */
  role_name: z.string().max(100).nullable(),
  /** By `@org/team`: an active member? null: could not be asked. */
  teams: z.record(Name, z.boolean().nullable()),
  /** Opened the release pull request. */
  author: z.boolean(),
  /** Has a part in a commit of the release; null: could not be asked. */
  contributor: z.boolean().nullable(),
  /** When the comment was written. */
  said_at: Milliseconds,
  /** null: there is none. */
  step_up: StepUp.nullable(),
})

/** What somebody said before: an approval of the commit with its proof, or a promote of one plan. */
const Voice = Person.extend({
  comment: z.enum(['as-written', 'edited', 'gone']),
  head: CommitSha,
  basis: Sha256,
  plan: PlanId.nullable(),
  /** The gate it would waive, or the hotfix with the gates that must hold then; for how many days, null for break-glass. null: it waives none. */
  waive: z.strictObject({ gate: z.string().max(40), days: Days.nullable(), must_hold: Gates.exactOptional() }).nullable(),
})
export type Voice = z.infer<typeof Voice>

const Approvers = z.strictObject({
  teams: z.array(Name).max(50),
  users: z.array(Name).max(100),
  count: z.number().int().min(1).max(20),
  not: z.array(z.enum(['author', 'contributor'])).max(2),
  expires_ms: Milliseconds,
})

export const CommandInput = z.strictObject({
  command: z.strictObject({
    name: z.enum(COMMAND_NAMES),
    /** Percent that is asked for. */
    step: z.number().int().min(1).max(100).nullable(),
    plan: PlanId.nullable(),
    /** Gate, phase, `all` or `hotfix`; the gate over gates when the glass is to be broken; the environment of a preview. */
    target: z.string().max(255).nullable(),
    /** Of a waiver. */
    days: Days.nullable(),
    has_reason: z.boolean(),
  }),
  actor: Person.extend({
    /** `User`, `Bot`, `Organization`, … */
    type: z.string().max(40),
    via_app: z.boolean(),
    edited: z.boolean(),
  }),
  release: z.strictObject({
    repository_id: z.number().int(),
    version: Version,
    pull: z.number().int().positive(),
    head: CommitSha,
    state: z.string().max(40),
    environment: z.string().max(60).nullable(),
    /** SHA-256 over head, base, gates, policy and evidence: what an approval without a plan is of. */
    basis: Sha256,
    /** Commits that no account owns; null: could not be asked. */
    unattributed: z.number().int().nonnegative().nullable(),
  }),
  gates: z.partialRecord(GateId, Outcome),
  people: z.strictObject({
    approvers: z.strictObject({ promote: Approvers, waive: Approvers, break_glass: Approvers }),
    on_call: z.array(Name).max(20),
    step_up: z.strictObject({ for: z.array(z.string().max(40)).max(20), with: z.string().max(40) }),
  }),
  waivers: z.strictObject({
    /** In this quarter (UTC), over all releases of the repository. */
    granted: z.number().int().nonnegative(),
    per_quarter: z.number().int().nonnegative(),
    max_days: z.number().int().positive(),
  }),
  hotfix: z.strictObject({
    /** The pull request carries the label of a hotfix now, and its version is a patch of a line. */
    is: z.boolean(),
    /** What the config names for hotfixes, in order; empty: nothing, so that none is waived. */
    gates: Gates,
  }),
  voices: z.array(Voice).max(200),
  now: Milliseconds,
})
export type CommandInput = z.infer<typeof CommandInput>
