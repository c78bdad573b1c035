import { expect, test } from 'vitest'
import { replayCommands } from '../../../app/commands/replay.ts'
import { authorise } from '../../../app/commands/authorise.ts'
import { peopleOf } from '../../../app/commands/project.ts'
import type { LedgerEntry } from '../../../evidence/ledger/chain.ts'
import type { Config } from '../../../evidence/model/config.ts'
import type { CommandInput } from '../../../gates/policy/input.ts'
import { QUESTION } from '../../support/commands.ts'
import { configOf, configText } from '../../support/release.ts'

const CONFIG = configOf().config
const OTHER = configOf(configText().replace('count: 1', 'count: 2')).config

async function logged(over: Partial<CommandInput> = {}, change: (data: Record<string, unknown>) => void = () => {}): Promise<LedgerEntry> {
  const input = { ...QUESTION, people: peopleOf(CONFIG.people), ...over }
  const { log } = await authorise({ input, question: 'x', labels: {}, server: undefined })
  const data = JSON.parse(JSON.stringify({ comment: 'IC_1', ...log })) as Record<string, unknown>
  change(data)
  return { type: 'policy.decision', data } as unknown as LedgerEntry
}

const replayed = async (entry: LedgerEntry, config: Config | null = CONFIG) => (await replayCommands([entry], config))[0]

test('a decision comes out as it was logged, yes or no', async () => {
  const no = await replayed(await logged())
  expect(no).toMatchObject({ subject: '/promote of lead in IC_1', packed: 'refused: command.not-named', result: 'same' })
  const actor = { ...QUESTION.actor, login: 'approver' }
  expect(await replayed(await logged({ actor }))).toMatchObject({ packed: 'allowed', recomputed: 'allowed', result: 'same', differences: [] })
})

test('a no that was logged as a yes is found', async () => {
  const entry = await logged({}, (data) => {
    data['result'] = { allow: true, as: 'approver', codes: [], counted: [9], need: 1 }
  })
  const row = await replayed(entry)
  expect(row).toMatchObject({ packed: 'allowed', recomputed: 'refused: command.not-named', result: 'differs' })
  expect(row?.differences.map(({ field }) => field)).toContain('policy.result.allow')
})

test('what was asked of another policy or with another config is not asked again', async () => {
  expect(await replayed(await logged(), OTHER)).toMatchObject({ result: 'not-computed', why: expect.stringContaining('another config') })
  expect(await replayed(await logged(), null)).toMatchObject({ result: 'not-computed' })
  const other = await logged({}, (data) => {
    data['bundles'] = { commands: { revision: 'commands-0', digest: 'a'.repeat(64) } }
  })
  expect(await replayed(other)).toMatchObject({ result: 'not-computed', why: expect.stringContaining('commands-0') })
})

test('an input that was changed since does not have the digest that was logged', async () => {
  const changed = await logged({}, (data) => {
    data['input'] = { ...(data['input'] as object), now: 1 }
  })
  expect(await replayed(changed)).toMatchObject({ result: 'not-computed' })
})

test('a log in no known form is told, and other entries are none', async () => {
  expect(await replayed({ type: 'policy.decision', data: {} } as unknown as LedgerEntry)).toMatchObject({ result: 'indeterminate' })
  expect(await replayCommands([{ type: 'state', data: {} } as unknown as LedgerEntry], CONFIG)).toEqual([])
})
