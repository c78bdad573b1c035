import { describe, expect, test } from 'vitest'
import { authorise, type Authorisation } from '../../../app/commands/authorise.ts'
import type { PolicyServer, ServerRuling } from '../../../app/release/ports.ts'
import { COMMAND_NAMES, type CommandInput } from '../../../gates/policy/input.ts'
import { QUESTION, questionOf } from '../../support/commands.ts'

const YES: ServerRuling = { allow: true, need: 1, reasons: [], decisionId: 'd-1' }
const NO: ServerRuling = { ...YES, allow: false, reasons: ['frozen by finance'] }
const AWAY: ServerRuling = { allow: null, need: 0, reasons: ['no answer'], decisionId: null }

async function ask(input: CommandInput, ruling?: ServerRuling): Promise<Authorisation & { readonly asked: readonly string[] }> {
  const asked: string[] = []
  const server: PolicyServer = {
    ask: async (of) => {
      asked.push(of.command.name)
      return ruling ?? YES
    },
  }
  const answer = await authorise({ input, question: '7#3 IC_1', labels: {}, server: ruling === undefined ? undefined : server })
  return { ...answer, asked }
}

test('without a server the policy in process decides alone', async () => {
  expect(await ask(QUESTION)).toMatchObject({ allowed: true, codes: [], counted: [9], need: 1, log: { server: null, result: { allow: true } } })
  expect(await ask(questionOf('promote', 'a bot', 'healthy'))).toMatchObject({ allowed: false, codes: ['command.not-a-person'] })
})

test('what is no question is refused without one', async () => {
  expect(await ask({ ...QUESTION, now: Number.NaN })).toEqual({
    allowed: false,
    codes: ['command.facts-unavailable'],
    counted: [],
    need: 0,
    log: null,
    asked: [],
  })
})

describe('a server', () => {
  test('that agrees lets it through, and may ask for more people, never for fewer', async () => {
    expect(await ask(QUESTION, YES)).toMatchObject({ allowed: true, need: 1, log: { server: YES } })
    expect((await ask(QUESTION, { ...YES, need: 3 })).need).toBe(3)
    const two = {
      ...QUESTION,
      people: { ...QUESTION.people, approvers: { ...QUESTION.people.approvers, promote: { ...QUESTION.people.approvers.promote, count: 2 } } },
    }
    expect((await ask(two, YES)).need).toBe(2)
  })

  test('that refuses or gives no decision keeps it back, and the log says which', async () => {
    expect(await ask(QUESTION, NO)).toMatchObject({ allowed: false, codes: ['command.server-refuses'], log: { server: NO } })
    expect(await ask(QUESTION, AWAY)).toMatchObject({ allowed: false, codes: ['command.server-unavailable'], log: { server: AWAY } })
  })

  test('cannot let through what the policy in process refuses, and is not asked then', async () => {
    expect(await ask(questionOf('promote', 'a writer', 'healthy'), YES)).toMatchObject({ allowed: false, codes: ['command.not-named'], asked: [] })
  })

  test('is asked about what lets something through, never about going back, stopping or looking', async () => {
    const asked = await Promise.all(COMMAND_NAMES.map(async (name) => (await ask(questionOf(name, 'approver', 'healthy'), NO)).asked))
    expect(asked.flat()).toEqual(['approve', 'break-glass', 'preview', 'promote', 'release', 'rerun', 'resume', 'waive'])
    for (const ruling of [NO, AWAY])
      for (const name of ['rollback', 'hold', 'status', 'plan', 'help'] as const)
        expect([name, (await ask(questionOf(name, 'approver', 'healthy'), ruling)).allowed]).toEqual([name, true])
  })
})
