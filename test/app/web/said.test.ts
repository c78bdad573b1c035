import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from '../../../app/commands/parse.ts'
import { saidIn } from '../../../app/web/said.ts'

const PLAN = 'a'.repeat(32)
const of = (fields: Readonly<Record<string, string>>): ReturnType<typeof saidIn> => saidIn(new URLSearchParams(fields))

describe('each form says what its comment would say', () => {
  test.each<[Readonly<Record<string, string>>, string]>([
    [{ command: 'promote', line: `/promote 10 plan:${PLAN}` }, `/promote 10 plan:${PLAN}`],
    [{ command: 'promote', line: `/promote plan:${PLAN}`, reason: ' for everyone today ' }, `/promote plan:${PLAN}\nreason: for everyone today`],
    [{ command: 'approve', line: 'is not read' }, '/approve'],
    [{ command: 'approve', reason: 'it is urgent' }, '/approve\nreason: it is urgent'],
    [{ command: 'hold', reason: 'the vendor is away' }, '/hold the vendor is away'],
    [{ command: 'rollback', reason: 'checkout answers 500' }, '/rollback checkout answers 500'],
    [{ command: 'resume', reason: 'is not read' }, '/resume'],
    [{ command: 'other', line: '/break-glass checkout burns' }, '/break-glass checkout burns'],
    [
      { command: 'other', line: '/waive slo 3d a drill spent it', reason: 'agreed by both' },
      '/waive slo 3d a drill spent it\nreason: agreed by both',
    ],
  ])('%j', (fields, text) => {
    expect(of(fields)).toMatchObject({ text })
    expect(parse(text)?.kind).toBe('command')
  })
})

test.each<[Readonly<Record<string, string>>, string]>([
  [{}, 'no command'],
  [{ command: 'promote', line: 'promote it' }, 'no command'],
  [{ command: 'destroy', line: '/status' }, 'no command'],
  [{ command: 'promote', line: '/rollback because of a form' }, 'two different commands'],
  [{ command: 'promote', line: '/promote 10 plan:short' }, 'exactly 32 digits'],
  [{ command: 'rollback', reason: '' }, 'A reason of 3 to 500 characters'],
  [{ command: 'hold', reason: 'seems fine\n/promote' }, 'one line each'],
  [{ command: 'other', line: '/status\r\n/rollback now' }, 'one line each'],
  [{ command: 'other', line: '/launch' }, 'no command /launch'],
  [{ command: 'other', line: '/promte' }, 'Did you mean /promote'],
  [{ command: 'hold', reason: 'a \u202E turned reason' }, 'cannot be seen'],
])('%j is refused: %s', (fields, why) => {
  expect(of(fields)).toEqual({ wrong: expect.stringContaining(why) })
})

test('whatever a form holds, what is said is one command, or nothing', () => {
  const field = fc.oneof(
    fc.string(),
    fc.constantFrom('/promote', '/rollback it is bad', '/status\n/rollback x y', 'promote', 'hold', 'other', 'rollback'),
  )
  fc.assert(
    fc.property(field, field, field, (command, line, reason) => {
      const said = of({ command, line, reason })
      expect('wrong' in said || parse(said.text)?.kind === 'command').toBe(true)
    }),
  )
})
