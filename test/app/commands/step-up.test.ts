import { expect, test } from 'vitest'
import { COMMANDS, type Command } from '../../../app/commands/command.ts'
import { parse } from '../../../app/commands/parse.ts'
import { project } from '../../../app/commands/project.ts'
import { wantsKey } from '../../../app/commands/step-up.ts'
import { PeopleConfig } from '../../../evidence/model/config/people.ts'
import { decide } from '../../../gates/policy/decide.ts'
import { BASIS, HEAD, verdictsOf } from '../../support/release.ts'

const LINES = [...Object.values(COMMANDS).map(({ example }) => example), `/promote 50 plan:${'a'.repeat(32)}`, `/promote plan:${'a'.repeat(32)}`]
const LISTS = [[], ['promote'], ['promote:10'], ['promote:50', 'approve'], ['promote:100', 'waive'], ['break_glass'], ['waive', 'approve']]

function commandOf(line: string): Command {
  const parsed = parse(line)
  if (parsed?.kind !== 'command') throw new Error(`${line} is no command`)
  return parsed.command
}

/** Would the policy ask for a key? */
async function policyWants(command: Command, config: object): Promise<boolean> {
  const people = PeopleConfig.parse({ ...config, approvers: { promote: { users: ['lead'] }, waive: { users: ['lead'] } } })
  const actor = {
    login: 'lead',
    id: 9,
    role: { role: 'admin', permission: 'admin' },
    teams: new Map(),
    saidAt: 5,
    stepUp: null,
    type: 'User',
    viaApp: false,
    edited: false,
  }
  const release = {
    repositoryId: 7,
    version: 'v2.0.0',
    pull: 3,
    head: HEAD,
    state: 'merged',
    environment: null,
    basis: BASIS,
    authorId: 1,
    requesterId: null,
    contributors: null,
    verdicts: verdictsOf(),
    waiversGranted: 0,
    hotfix: { is: false, mustHold: [] },
  }
  const input = project({ command, hasReason: true, actor, people, release, voices: [], now: 10 })
  return (await decide(input)).codes.includes('command.step-up-missing')
}

test('a key is asked for exactly where the policy wants one', async () => {
  const wrong: string[] = []
  for (const word of ['webauthn', 'second_approver'] as const)
    for (const list of LISTS)
      for (const line of LINES) {
        const step_up = { for: list, with: word }
        const asks = wantsKey(commandOf(line), PeopleConfig.parse({ step_up }))
        if (asks !== (await policyWants(commandOf(line), { step_up }))) wrong.push(`${line} of ${list.join()} with ${word}: ${asks}`)
      }
  expect(wrong).toEqual([])
})

test('of a /promote that names no step a key is asked for where any step it may be of wants one', () => {
  const people = PeopleConfig.parse({ step_up: { for: ['promote:20'], with: 'webauthn' } })
  const line = `/promote plan:${'a'.repeat(32)}`
  expect(wantsKey(commandOf(line), people)).toBe(false)
  expect(wantsKey(commandOf(line), people, [20, 100])).toBe(true)
  expect(wantsKey(commandOf(`/promote 50 plan:${'a'.repeat(32)}`), people, [20, 100])).toBe(false)
})
