/** A question to the policy of commands, healthy unless a test spoils one thing; and the table of who may say what, for every engine that decides it. */
import * as fc from 'fast-check'
import type { CommandInput, Voice } from '../../gates/policy/input.ts'
import { COMMAND_NAMES } from '../../gates/policy/input.ts'

export const TEAM = '@acme/approvers'
export const ON_CALL = '@acme/sre'
const HEAD = '1'.repeat(40)
const BASIS = '8'.repeat(64)
const PLAN = 'a'.repeat(32)
const SAID = 1_000_000

const LEAD: CommandInput['actor'] = {
  login: 'lead',
  id: 9,
  permission: 'write',
  role_name: 'maintain',
  teams: { [TEAM]: true, [ON_CALL]: false },
  author: false,
  contributor: false,
  said_at: SAID,
  step_up: null,
  type: 'User',
  via_app: false,
  edited: false,
}

export const VOICE: Voice = {
  login: 'second',
  id: 8,
  permission: 'admin',
  role_name: 'admin',
  teams: { [TEAM]: true, [ON_CALL]: false },
  author: false,
  contributor: false,
  said_at: SAID,
  step_up: null,
  comment: 'as-written',
  head: HEAD,
  basis: BASIS,
  plan: null,
  waive: null,
}

const APPROVERS: CommandInput['people']['approvers']['promote'] = {
  teams: [TEAM],
  users: ['boss'],
  count: 1,
  not: ['author', 'contributor'],
  expires_ms: 60_000,
}

const NAMES_NOBODY = { ...APPROVERS, teams: [], users: [] }

export const QUESTION: CommandInput = {
  command: { name: 'promote', step: 10, plan: PLAN, target: null, days: null, has_reason: false },
  actor: LEAD,
  release: { repository_id: 7, version: 'v2.0.0', pull: 3, head: HEAD, state: 'merged', environment: 'prod', basis: BASIS, unattributed: 0 },
  gates: { policy_ci: 'pass', slo: 'fail', all_required_gates: 'pass' },
  people: {
    approvers: { promote: APPROVERS, waive: { ...APPROVERS, count: 2 }, break_glass: { ...APPROVERS, count: 2 } },
    on_call: [ON_CALL, '@night'],
    step_up: { for: ['promote:100'], with: 'second_approver' },
  },
  waivers: { granted: 0, per_quarter: 4, max_days: 14 },
  hotfix: { is: true, gates: ['policy_ci'] },
  voices: [],
  now: SAID + 1_000,
}

type Spoil = (input: CommandInput) => CommandInput

const actor =
  (over: Partial<CommandInput['actor']>): Spoil =>
  (input) => ({ ...input, actor: { ...input.actor, ...over } })
const NOBODY = { [TEAM]: false, [ON_CALL]: false }

/** Kinds of people. */
export const ACTORS = {
  approver: actor({}),
  'a user who is named': actor({ login: 'BOSS', teams: NOBODY }),
  'on call': actor({ teams: { [TEAM]: false, [ON_CALL]: true } }),
  'a writer': actor({ teams: NOBODY }),
  'a reader': actor({ teams: NOBODY, permission: 'read', role_name: 'triage' }),
  'an approver without write access': actor({ permission: 'read', role_name: 'read' }),
  'the author, an approver': actor({ author: true }),
  'a contributor, an approver': actor({ contributor: true }),
  'a bot': actor({ type: 'Bot' }),
  'an app in a person’s name': actor({ via_app: true }),
  'an edited comment': actor({ edited: true }),
  'somebody whose permission is not known': actor({ permission: null, role_name: null }),
  'somebody whose teams are not known': actor({ teams: { [TEAM]: null, [ON_CALL]: null } }),
} as const satisfies Record<string, Spoil>

/** States of the release and of the config. */
export const STATES = {
  healthy: (input) => input,
  'a red gate': (input) => ({ ...input, gates: { ...input.gates, all_required_gates: 'fail' } }),
  'no verdict': (input) => ({ ...input, gates: {} }),
  'an old comment': (input) => ({ ...input, now: SAID + 60_000 }),
  'nobody named': (input) => ({
    ...input,
    people: {
      ...input.people,
      on_call: [],
      approvers: { promote: NAMES_NOBODY, waive: NAMES_NOBODY, break_glass: NAMES_NOBODY },
    },
  }),
  'commits that are not known': (input) => ({
    ...input,
    actor: { ...input.actor, contributor: null },
    release: { ...input.release, unattributed: null },
  }),
} as const satisfies Record<string, Spoil>

export type ActorKind = keyof typeof ACTORS
export type StateKind = keyof typeof STATES

/** One cell of the table: what was asked. */
export function questionOf(name: CommandInput['command']['name'], kind: ActorKind, state: StateKind): CommandInput {
  const said: Partial<Record<typeof name, object>> = {
    promote: { step: 10, plan: PLAN },
    waive: { target: 'slo', days: 3, has_reason: true },
    'break-glass': { target: 'all_required_gates', has_reason: true },
    preview: { target: 'pr-3' },
  }
  const command = { ...QUESTION.command, name, step: null, plan: null, ...said[name] }
  // Only what is red can be let stand without its proof.
  const gates = name === 'break-glass' ? { ...QUESTION.gates, all_required_gates: 'fail' as const } : QUESTION.gates
  return STATES[state](ACTORS[kind]({ ...QUESTION, gates, command }))
}

const fact = <Value>(of: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> => fc.option(of, { nil: null })
const LOGINS = ['lead', 'second', 'boss', 'BOSS', 'night', 'author']
const person = {
  login: fc.constantFrom(...LOGINS),
  id: fc.integer({ min: -1, max: 4 }),
  permission: fact(fc.constantFrom('admin', 'write', 'read', 'none')),
  role_name: fact(fc.constantFrom('admin', 'maintain', 'write', 'triage', 'read', 'none', 'release-manager', '')),
  teams: fc.dictionary(fc.constantFrom(TEAM, ON_CALL), fact(fc.boolean()), { noNullPrototype: true }),
  author: fc.boolean(),
  contributor: fact(fc.boolean()),
  said_at: fc.integer({ min: 0, max: 20 }),
  step_up: fact(fc.record({ method: fc.constant('webauthn' as const), age_ms: fc.constantFrom(0, 300_000, 300_001) })),
}
const plan = fact(fc.constantFrom(PLAN, 'b'.repeat(32)))

const anyApprovers = fc.record({
  teams: fc.subarray([TEAM]),
  users: fc.subarray(['boss', 'second', 'author']),
  count: fc.integer({ min: 1, max: 3 }),
  not: fc.subarray(['author' as const, 'contributor' as const]),
  expires_ms: fc.constantFrom(5, 50),
})

/** Any question that the schema lets through, with small worlds so that its parts meet. */
export const anyQuestion: fc.Arbitrary<CommandInput> = fc.record({
  command: fc.record({
    name: fc.constantFrom(...COMMAND_NAMES),
    step: fact(fc.constantFrom(10, 50, 100)),
    plan,
    target: fact(fc.constantFrom('all', 'P0', 'policy_ci', 'slo', 'all_required_gates', 'hotfix', 'pr-3')),
    days: fact(fc.integer({ min: 1, max: 4 })),
    has_reason: fc.boolean(),
  }),
  actor: fc.record({ ...person, type: fc.constantFrom('User', 'Bot', 'Organization'), via_app: fc.boolean(), edited: fc.boolean() }),
  release: fc.record({
    repository_id: fc.constant(7),
    version: fc.constant('v2.0.0'),
    pull: fc.constant(3),
    head: fc.constant(HEAD),
    state: fc.constantFrom('ready', 'merged', 'canary'),
    environment: fact(fc.constantFrom('stage', 'prod')),
    basis: fc.constant(BASIS),
    unattributed: fact(fc.integer({ min: 0, max: 2 })),
  }),
  gates: fc.dictionary(
    fc.constantFrom('policy_ci' as const, 'slo' as const, 'all_required_gates' as const),
    fc.constantFrom('pass' as const, 'fail' as const, 'indeterminate' as const, 'waived' as const),
    { noNullPrototype: true },
  ),
  people: fc.record({
    approvers: fc.record({ promote: anyApprovers, waive: anyApprovers, break_glass: anyApprovers }),
    on_call: fc.subarray([ON_CALL, '@night']),
    step_up: fc.record({
      for: fc.subarray(['promote', 'promote:100', 'approve', 'waive', 'break_glass']),
      with: fc.constantFrom('second_approver', 'another', 'webauthn'),
    }),
  }),
  waivers: fc.record({
    granted: fc.integer({ min: 0, max: 3 }),
    per_quarter: fc.integer({ min: 0, max: 3 }),
    max_days: fc.integer({ min: 1, max: 4 }),
  }),
  hotfix: fc.record({ is: fc.boolean(), gates: fc.subarray(['policy_ci' as const, 'slo' as const]) }),
  voices: fc.array(
    fc.record({
      ...person,
      comment: fc.constantFrom('as-written' as const, 'edited' as const, 'gone' as const),
      head: fc.constantFrom(HEAD, '2'.repeat(40)),
      basis: fc.constantFrom(BASIS, '7'.repeat(64)),
      plan,
      waive: fact(
        fc.record(
          {
            gate: fc.constantFrom('slo', 'policy_ci', 'all_required_gates', 'hotfix'),
            days: fact(fc.integer({ min: 1, max: 4 })),
            must_hold: fc.subarray(['policy_ci' as const, 'slo' as const]),
          },
          { requiredKeys: ['gate', 'days'] },
        ),
      ),
    }),
    { maxLength: 4 },
  ),
  now: fc.integer({ min: 0, max: 40 }),
})
