import { expect, test } from 'vitest'
import { toDenied, toMistake, toPlan, toVote } from '../../../app/commands/answer.ts'
import { parse } from '../../../app/commands/parse.ts'

const PLAN = '0123456789abcdef0123456789abcdef'

/** Our own words must never be a command, and never ping anybody. */
function harmless(text: string): void {
  expect(parse(text)).toBeNull()
  expect(text).not.toMatch(/^\//m)
  expect(text).not.toMatch(/(^|[^`\w])@\w/m)
}

test.each(['/promot', '/lgtm', '/approve all', '/rollback', '/promote 5', '/rerun polcy_ci', '/pro\u200Bmote'])(
  '%j is answered with what to do',
  (body) => {
    const parsed = parse(body)
    if (parsed === null || parsed.kind === 'command') throw new Error('not a mistake')
    const text = toMistake(parsed)
    harmless(text)
    expect(text).toMatch(/othing was done/)
    expect(text).toMatch(/`\/[a-z]/)
  },
)

test('a denial shows code, reason and next action, and pings nobody', () => {
  const text = toDenied({ codes: ['command.not-named', 'command.gates-not-held'], log: null })
  harmless(text)
  expect(text).toContain('`command.not-named`')
  expect(text).toContain('Ask one of them')
  expect(text).toContain('Also: `command.gates-not-held`.')
})

test('each way to miss the plan ends with the line to paste', () => {
  const line = `/promote 10 plan:${PLAN}`
  for (const comparison of [
    { kind: 'missing', line },
    { kind: 'stale', line, pasted: 'f'.repeat(32) },
    { kind: 'wrong-step', line, asked: 50 },
  ] as const) {
    const text = toPlan(comparison)
    harmless(text)
    expect(text.split('\n')).toContain(`> ${line}`)
  }
})

test('a voice is counted', () => {
  expect(toVote({ have: 1, need: 2 })).toContain('1 of 2')
})
