import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { authorise, teamsFor } from '../../../app/commands/authorise.ts'
import type { ActorFacts, People, ReleaseFacts } from '../../../app/commands/authorise.ts'
import type { CommandName } from '../../../app/commands/command.ts'
import { PeopleConfig } from '../../../evidence/model/config/people.ts'

const PEOPLE: People = PeopleConfig.parse({
  on_call: ['@acme/sre', '@night'],
  approvers: { promote: { teams: ['@acme/approvers'], users: ['@boss'] } },
})
const RELEASE: ReleaseFacts = { pullAuthorId: 1, contributors: { ids: [1, 2], unattributed: 0 }, approvedBy: [], step: 10 }
const LEAD: ActorFacts = {
  login: 'lead',
  id: 9,
  type: 'User',
  viaApp: false,
  edited: false,
  role: 'maintain',
  permission: 'write',
  teams: new Map([
    ['@acme/approvers', true],
    ['@acme/sre', false],
  ]),
}
const ALL: readonly CommandName[] = ['promote', 'rollback', 'hold', 'resume', 'status', 'plan', 'help', 'rerun']

function code(command: CommandName, actor: Partial<ActorFacts> = {}, release: Partial<ReleaseFacts> = {}, people: People = PEOPLE): string {
  const answer = authorise(command, { ...LEAD, ...actor }, people, { ...RELEASE, ...release })
  return answer.allowed ? `${answer.have}/${answer.need}` : answer.code
}

const none = new Map([
  ['@acme/approvers', false],
  ['@acme/sre', false],
])

describe('who may', () => {
  test('an approver of the team may everything', () => {
    for (const command of ALL) expect(code(command)).toBe('1/1')
  })

  test('a named user may, whatever the case of the login', () => {
    expect(code('promote', { login: 'BOSS', teams: none })).toBe('1/1')
  })

  test('on call may go back and stop, not promote or resume', () => {
    const sre = {
      teams: new Map([
        ['@acme/approvers', false],
        ['@acme/sre', true],
      ]),
    }
    expect(['rollback', 'hold', 'promote', 'resume'].map((command) => code(command as CommandName, sre))).toEqual([
      '1/1',
      '1/1',
      'not-named',
      'not-named',
    ])
    expect(code('rollback', { login: 'night', teams: none })).toBe('1/1')
  })

  test('a writer may run again, a reader may look', () => {
    expect(code('rerun', { teams: none })).toBe('1/1')
    const reader = { teams: none, permission: 'read', role: 'triage' }
    expect(ALL.map((command) => code(command, reader))).toEqual(['no-write', 'no-write', 'no-write', 'no-write', '1/1', '1/1', '1/1', 'no-write'])
  })
})

describe('who may not', () => {
  test('bots, apps and edited comments, not even to look', () => {
    for (const command of ALL) {
      expect(code(command, { type: 'Bot' })).toBe('not-a-person')
      expect(code(command, { id: 0 })).toBe('not-a-person')
      expect(code(command, { viaApp: true })).toBe('via-app')
      expect(code(command, { edited: true })).toBe('edited')
    }
  })

  test('the author and the contributors let nothing through, and may always go back', () => {
    expect(code('promote', { id: 1 })).toBe('is-author')
    expect(code('promote', { id: 2 })).toBe('is-contributor')
    expect(code('resume', { id: 2 })).toBe('is-contributor')
    expect(code('rollback', { id: 1 })).toBe('1/1')
    expect(code('hold', { id: 2 })).toBe('1/1')
    const lax = PeopleConfig.parse({ approvers: { promote: { teams: ['@acme/approvers'], not: [] } } })
    expect(code('promote', { id: 1 }, { contributors: null }, lax)).toBe('1/1')
  })

  test('a fact that could not be asked is a no', () => {
    expect(code('promote', { permission: null })).toBe('facts-unavailable')
    expect(code('promote', { role: null })).toBe('facts-unavailable')
    expect(code('promote', { teams: new Map() })).toBe('facts-unavailable')
    expect(code('promote', { teams: new Map([['@acme/approvers', null]]) })).toBe('facts-unavailable')
    expect(code('promote', {}, { contributors: null })).toBe('facts-unavailable')
  })

  test('nobody, when the config names nobody', () => {
    expect(code('promote', {}, {}, PeopleConfig.parse({}))).toBe('nobody-named')
    expect(code('rollback', {}, {}, PeopleConfig.parse({}))).toBe('nobody-named')
  })
})

const config = (by: string): People =>
  PeopleConfig.parse({ approvers: { promote: { teams: ['@acme/approvers'] } }, step_up: { for: ['promote:100'], with: by } })

describe('how many', () => {
  const two = PeopleConfig.parse({ approvers: { promote: { teams: ['@acme/approvers'], count: 2 } } })

  test('different accounts are counted, the same one once', () => {
    expect(code('promote', {}, {}, two)).toBe('1/2')
    expect(code('promote', {}, { approvedBy: [9] }, two)).toBe('1/2')
    expect(code('promote', {}, { approvedBy: [8] }, two)).toBe('2/2')
  })

  test('a commit that nobody owns asks for one more', () => {
    expect(code('promote', {}, { contributors: { ids: [1], unattributed: 3 } })).toBe('1/2')
  })

  test('a step-up asks for a second approver at that step only, and one that is not built refuses', () => {
    expect(code('promote', {}, { step: 50 }, config('second_approver'))).toBe('1/1')
    expect(code('promote', {}, { step: 100 }, config('second_approver'))).toBe('1/2')
    expect(code('promote', {}, { step: 100 }, config('totp'))).toBe('step-up-not-built')
  })
})

test('the teams to ask about are those that matter for the command', () => {
  expect(teamsFor('promote', PEOPLE)).toEqual(['@acme/approvers'])
  expect(teamsFor('rollback', PEOPLE)).toEqual(['@acme/approvers', '@acme/sre'])
  expect(teamsFor('status', PEOPLE)).toEqual([])
})

test('a denial says what to do', () => {
  const answer = authorise('promote', { ...LEAD, teams: none }, PEOPLE, RELEASE)
  expect(answer).toMatchObject({ allowed: false, message: expect.stringContaining('@acme/approvers'), next: expect.stringMatching(/\w/) })
})

const fact = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: null })

test('taking a fact away never turns a no into a yes', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ALL),
      fact(fc.constantFrom('admin', 'write', 'read', 'none')),
      fact(fc.boolean()),
      fact(fc.boolean()),
      fact(fc.constantFrom([1], [1, 9], [])),
      fc.constantFrom(1, 2, 9),
      (command, permission, approver, sre, ids, id) => {
        const at = (of: { permission: string | null; approver: boolean | null; sre: boolean | null; ids: readonly number[] | null }): boolean =>
          authorise(
            command,
            {
              ...LEAD,
              id,
              permission: of.permission,
              role: of.permission,
              teams: new Map([
                ['@acme/approvers', of.approver],
                ['@acme/sre', of.sre],
              ]),
            },
            PEOPLE,
            { ...RELEASE, contributors: of.ids === null ? null : { ids: of.ids, unattributed: 0 } },
          ).allowed
        const whole = { permission, approver, sre, ids }
        if (at(whole)) return
        for (const key of Object.keys(whole)) expect(at({ ...whole, [key]: null })).toBe(false)
      },
    ),
    { numRuns: 1000 },
  )
})
