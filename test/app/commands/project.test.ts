import { describe, expect, test } from 'vitest'
import { waiverAsked, type Command } from '../../../app/commands/command.ts'
import { namedFor, project, teamsFor, type AboutRelease, type ActorFacts, type People } from '../../../app/commands/project.ts'
import { PeopleConfig } from '../../../evidence/model/config/people.ts'
import { CommandInput } from '../../../gates/policy/input.ts'
import { BASIS, HEAD, verdictsOf } from '../../support/release.ts'

const PEOPLE: People = PeopleConfig.parse({
  on_call: ['@acme/sre', '@night'],
  approvers: { promote: { teams: ['@acme/approvers'], users: ['@boss'], expires: '1h' } },
})
const ACTOR: ActorFacts = {
  login: 'lead',
  id: 9,
  role: { role: 'maintain', permission: 'write' },
  teams: new Map([['@acme/approvers', true]]),
  saidAt: 5,
  stepUp: null,
  type: 'User',
  viaApp: false,
  edited: false,
}
const RELEASE: AboutRelease = {
  repositoryId: 7,
  version: 'v2.0.0',
  pull: 3,
  head: HEAD,
  state: 'merged',
  environment: 'prod',
  basis: BASIS,
  authorId: 1,
  requesterId: null,
  contributors: { ids: [1, 2], unattributed: 1 },
  verdicts: verdictsOf(),
  waiversGranted: 2,
  hotfix: { is: false, mustHold: [] },
}

function of(command: Command, actor: Partial<ActorFacts> = {}, release: Partial<AboutRelease> = {}): CommandInput {
  return project({
    command,
    hasReason: false,
    actor: { ...ACTOR, ...actor },
    people: PEOPLE,
    release: { ...RELEASE, ...release },
    voices: [{ ...ACTOR, id: 2, comment: 'as-written', head: HEAD, basis: BASIS, plan: null, waive: null }],
    now: 10,
  })
}

test('the teams to ask about are those that matter for the command', () => {
  expect(teamsFor('promote', PEOPLE)).toEqual(['@acme/approvers'])
  expect(teamsFor('rollback', PEOPLE)).toEqual(['@acme/approvers', '@acme/sre'])
  expect(teamsFor('status', PEOPLE)).toEqual([])
  expect(namedFor('hold', PEOPLE)).toEqual(['@acme/approvers', 'boss', '@acme/sre', '@night'])
})

test('what is projected is a question, and nothing more', () => {
  const input = of({ name: 'promote', step: null, plan: 'a'.repeat(32), reason: 'the words of a reason' })
  expect(CommandInput.parse(input)).toEqual(input)
  expect(input.command).toEqual({ name: 'promote', step: 100, plan: 'a'.repeat(32), target: null, days: null, has_reason: false })
  expect(JSON.stringify(input)).not.toContain('the words')
  expect(input.people.approvers.promote.expires_ms).toBe(3_600_000)
  expect(input.gates).toMatchObject({ all_required_gates: 'pass' })
})

describe('facts that could not be asked stay unknown', () => {
  const status: Command = { name: 'status' }

  test('permission and role', () => {
    expect(of(status, { role: null }).actor).toMatchObject({ permission: null, role_name: null })
  })

  test('who took part', () => {
    const input = of(status, {}, { contributors: null })
    expect([input.actor.contributor, input.release.unattributed, input.voices[0]?.contributor]).toEqual([null, null, null])
  })
})

test('who opened it and who took part is told of everybody who speaks', () => {
  const input = of({ name: 'approve', reason: null }, { id: 1 })
  expect(input.actor).toMatchObject({ author: true, contributor: true })
  expect(input.voices[0]).toMatchObject({ author: false, contributor: true })
})

test('who had the App open it is an author of it', () => {
  const input = of({ name: 'approve', reason: null }, {}, { requesterId: 9 })
  expect([input.actor.author, input.voices[0]?.author]).toEqual([true, false])
})

test.each<[Command, string]>([
  [{ name: 'rerun', target: 'all' }, 'all'],
  [{ name: 'rerun', target: { gate: 'policy_ci' } }, 'policy_ci'],
  [{ name: 'rerun', target: { phase: 'P0' } }, 'P0'],
  [{ name: 'preview', action: 'sleep', environment: 'pr-3' }, 'pr-3'],
])('the target of %j is %s', (command, target) => {
  expect(of(command).command.target).toBe(target)
})

const WAIVE: Command = { name: 'waive', gate: 'hotfix', days: 3, reason: 'the checkout is down' }

test('of a hotfix it is told whether it is one, which gates must hold, and which ones earlier voices meant', () => {
  const input = of(WAIVE, {}, { hotfix: { is: true, mustHold: ['hardening'] } })
  expect([input.command.target, input.command.days, input.hotfix]).toEqual(['hotfix', 3, { is: true, gates: ['hardening'] }])
  expect(CommandInput.parse(input)).toEqual(input)
  expect(waiverAsked(WAIVE, ['hardening'])).toEqual({ gate: 'hotfix', days: 3, must_hold: ['hardening'] })
  expect(waiverAsked({ ...WAIVE, gate: 'slo' }, ['hardening'])).toEqual({ gate: 'slo', days: 3 })
})

test('a time that cannot be read is no question', () => {
  expect(CommandInput.safeParse(of({ name: 'status' }, { saidAt: Number.NaN })).success).toBe(false)
})
