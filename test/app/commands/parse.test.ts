import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../../app/commands/command.ts'
import { REASON_MAX, REASON_MIN, parse } from '../../../app/commands/parse.ts'

const PLAN = '0123456789abcdef0123456789abcdef'

function mistake(body: string): string {
  const parsed = parse(body)
  return parsed === null ? 'null' : parsed.kind === 'malformed' ? parsed.mistake : parsed.kind
}

describe('what is a command', () => {
  test.each([
    [`/promote plan:${PLAN}`, { name: 'promote', step: null, plan: PLAN, reason: null }],
    [`/promote 10 plan:${PLAN}`, { name: 'promote', step: 10, plan: PLAN, reason: null }],
    [`/promote 50 plan:${PLAN}  `, { name: 'promote', step: 50, plan: PLAN, reason: null }],
    [`/promote 100 plan:${PLAN}\r\nLooks good to me.`, { name: 'promote', step: 100, plan: PLAN, reason: null }],
    ['/promote', { name: 'promote', step: null, plan: null, reason: null }],
    ['/promote 100', { name: 'promote', step: 100, plan: null, reason: null }],
    [`/promote 100 plan:${PLAN}\nreason: the fix is urgent`, { name: 'promote', step: 100, plan: PLAN, reason: 'the fix is urgent' }],
    ['/approve', { name: 'approve', reason: null }],
    ['/approve\r\nReason: looked at it', { name: 'approve', reason: 'looked at it' }],
    ['/approve\n\nreason: too far below', { name: 'approve', reason: null }],
    ['/rollback --rehearse', { name: 'rollback', reason: 'rehearsal', rehearse: true }],
    ['/rollback checkout is broken', { name: 'rollback', reason: 'checkout is broken' }],
    ['/hold währenddessen: größer 5 %', { name: 'hold', reason: 'währenddessen: größer 5 %' }],
    ['/resume', { name: 'resume' }],
    ['/status', { name: 'status' }],
    ['/plan', { name: 'plan' }],
    ['/help', { name: 'help' }],
    ['/waive slo 3d the drill', { name: 'waive', gate: 'slo', days: 3, reason: 'the drill' }],
    ['/waive hotfix 3d the drill', { name: 'waive', gate: 'hotfix', days: 3, reason: 'the drill' }],
    ['/rerun all', { name: 'rerun', target: 'all' }],
    ['/rerun P0', { name: 'rerun', target: { phase: 'P0' } }],
    ['/rerun policy_ci', { name: 'rerun', target: { gate: 'policy_ci' } }],
    ['/release v3.0.0', { name: 'release', version: 'v3.0.0' }],
    ['/release v3.0.0-beta.1 ', { name: 'release', version: 'v3.0.0-beta.1' }],
  ])('%j', (body, command) => {
    expect(parse(body)).toEqual({ kind: 'command', command })
  })
})

describe('what is none, and gets no answer', () => {
  test.each([
    [''],
    ['hello'],
    [' /resume'],
    ['\t/resume'],
    ['\n/resume'],
    ['> /resume'],
    ['```\n/resume\n```'],
    ['`/resume`'],
    ['<!-- x -->\n/resume'],
    ['<b>/resume</b>'],
    ['/usr/bin/env is missing'],
    ['//resume'],
    ['/ resume'],
    ['/10'],
    ['please /resume'],
    ['\uFEFFhello'],
    ['/resume,'],
  ])('%j (T29)', (body) => {
    expect(parse(body)).toBeNull()
  })
})

test.each(['reason:', 'reason: ', 'reason: ok', 'reason:  twice', 'reason: <b>bold</b>', 'reason: un\u200Bseen', `reason: ${'x'.repeat(501)}`])(
  'an elevated command with %j below it is wrong',
  (below) => {
    expect(mistake(`/promote plan:${PLAN}\n${below}`)).toBe('reason')
    expect(mistake(`/approve\n${below}`)).toBe('reason')
  },
)

test.each([
  ['/waive', 'usage'],
  ['/waive slo', 'usage'],
  ['/waive slo 3 the drill', 'usage'],
  ['/waive slo 0d the drill', 'usage'],
  ['/waive slo 1000d the drill', 'usage'],
  ['/waive slo 3d', 'reason'],
  ['/waive slo 3d x', 'reason'],
  ['/waive slow 3d the drill', 'target'],
  ['/waive all_required_gates 3d the drill', 'target'],
])('%j is wrong: %s', (body, expected) => {
  expect(mistake(body)).toBe(expected)
})

const reason = (length: number): string => mistake(`/hold ${'é'.repeat(length)}`)

describe('what is said wrongly', () => {
  test.each([
    ['/promote 25', 'usage'],
    ['/promote now', 'usage'],
    ['/promote  10', 'usage'],
    [`/promote plan:${PLAN}0`, 'plan'],
    [`/promote plan:${PLAN.slice(1)}`, 'plan'],
    [`/promote plan:${PLAN.toUpperCase()}`, 'plan'],
    [`/promote 20 plan:${PLAN}`, 'plan'],
    [`/promote plan:${PLAN} 10`, 'plan'],
    [`/promote plan:${PLAN} --force`, 'plan'],
    ['/rollback', 'reason'],
    ['/rollback no', 'reason'],
    ['/rollback   indented', 'reason'],
    ['/rollback ...', 'reason'],
    ['/rollback --rehearsal', 'reason'],
    ['/rollback --rehearse now', 'reason'],
    ['/hold --rehearse', 'reason'],
    ['/rollback <!-- hidden -->', 'reason'],
    ['/rollback <img src=x>', 'reason'],
    ['/resume now', 'usage'],
    ['/rerun', 'target'],
    ['/rerun policy-ci', 'target'],
    ['/rerun policy_c', 'target'],
    ['/rerun P9', 'target'],
    ['/release', 'target'],
    ['/release 3.0.0', 'target'],
    ['/release v3', 'target'],
    ['/release v3.0.0 now', 'target'],
    ['/release v3.0.0;rm', 'target'],
    [`/release v3.0.0-${'a'.repeat(80)}`, 'target'],
    ['/resume\n/promote', 'several'],
    ['/status\ntext\n  /rollback it is bad', 'several'],
    ['/rollback zero\u200Bwidth', 'invisible'],
    ['/rollback right\u202Eleft', 'invisible'],
    ['/rollback tab\there', 'invisible'],
    ['/rollback \u00A0nbsp', 'invisible'],
    ['/rollback esc\u001B[31mred', 'invisible'],
    ['/pro\u200Bmote', 'invisible'],
    ['\u200B/promote', 'invisible'],
    ['/resume\u00A0', 'invisible'],
    ['/resume\t', 'invisible'],
    ['\uFEFF/rollback it is bad', 'invisible'],
    [`/rollback ${'x'.repeat(1001)}`, 'too-long'],
  ])('%j is %s', (body, expected) => {
    expect(mistake(body)).toBe(expected)
  })

  test('the bounds of a reason', () => {
    expect([REASON_MIN - 1, REASON_MIN, REASON_MAX, REASON_MAX + 1].map(reason)).toEqual(['reason', 'command', 'command', 'reason'])
  })

  test('a gate that was nearly named is suggested', () => {
    expect(parse('/rerun policy_cl')).toMatchObject({ message: expect.stringContaining('policy_ci') })
  })
})

test.each([
  ['/promot', 'promote'],
  ['/Promote', 'promote'],
  ['/rolback it is bad', 'rollback'],
  ['/satus', 'status'],
  ['/wave', 'waive'],
  ['/lgtm', null],
])('%s is unknown, nearest %s', (body, suggestion) => {
  expect(parse(body)).toMatchObject({ kind: 'unknown', suggestion })
})

test('/break-glass takes a reason, and nothing less', () => {
  expect(parse('/break-glass all is lost')).toEqual({ kind: 'command', command: { name: 'break-glass', reason: 'all is lost' } })
  for (const body of ['/break-glass', '/break-glass  x', '/break-glass --now', '/break-glass <b>x</b>'])
    expect(parse(body)).toMatchObject({ kind: 'malformed', mistake: 'reason' })
  expect(parse('/break_glass all is lost')).toBeNull()
  expect(parse('/breakglass all is lost')).toMatchObject({ kind: 'unknown', suggestion: 'break-glass' })
})

test('the examples of the table are commands', () => {
  for (const [name, words] of Object.entries(COMMANDS)) expect(parse(words.example)).toMatchObject({ kind: 'command', command: { name } })
})

describe('whatever is written', () => {
  test('never throws, and a command stands at the very beginning, alone, visible', () => {
    const piece = fc.oneof(
      fc.constantFrom('/promote', '/rollback', '/hold', ' 10', ` plan:${PLAN}`, '\n', '\r', ' ', '>', '`', '<!--', '\u200B', '\u202E'),
      fc.string({ unit: 'grapheme' }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const body = pieces.join('')
        const parsed = parse(body)
        if (parsed?.kind !== 'command') return
        const first = body.split(/\r\n?|\n/)[0] ?? ''
        expect(first.startsWith(`/${parsed.command.name}`)).toBe(true)
        expect(first).not.toMatch(/[\p{Cc}\p{Cf}]/u)
      }),
      { numRuns: 2000 },
    )
  })

  test('a promotion has exactly one spelling', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(null, 10, 50, 100),
        fc.stringMatching(/^[0-9a-f]{32}$/),
        fc.string({ minLength: 1, maxLength: 5 }),
        fc.nat(60),
        (step, plan, noise, at) => {
          const line = `/promote${step === null ? '' : ` ${step}`} plan:${plan}`
          expect(parse(line)).toEqual({ kind: 'command', command: { name: 'promote', step, plan, reason: null } })
          const spoiled = line.slice(0, at) + noise + line.slice(at)
          const parsed = parse(spoiled)
          const promoted = parsed?.kind === 'command' && parsed.command.name === 'promote' && parsed.command.plan !== null ? parsed.command : null
          const spelt = promoted === null ? null : `/promote${promoted.step === null ? '' : ` ${promoted.step}`} plan:${promoted.plan}`
          expect([null, spoiled.split(/\r\n?|\n/)[0]?.replace(/ +$/, '')]).toContain(spelt)
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('/preview', () => {
  test.each([
    ['/preview sleep pr-3', 'sleep', 'pr-3'],
    ['/preview wake preview/shop-42  \nthanks', 'wake', 'preview/shop-42'],
    [`/preview wake ${'x'.repeat(255)}`, 'wake', 'x'.repeat(255)],
  ])('%j', (body, action, environment) => {
    expect(parse(body)).toEqual({ kind: 'command', command: { name: 'preview', action, environment } })
  })

  test.each([
    ['/preview', 'usage'],
    ['/preview sleep', 'usage'],
    ['/preview pr-3', 'usage'],
    ['/preview Sleep pr-3', 'usage'],
    ['/preview delete pr-3', 'usage'],
    ['/preview  sleep pr-3', 'usage'],
    ['/preview sleep  pr-3', 'target'],
    ['/preview sleep pr-3 pr-4', 'target'],
    ['/preview sleep pr-3;reboot', 'target'],
    ['/preview sleep $(id)', 'target'],
    ['/preview sleep `id`', 'target'],
    ['/preview sleep ${{ secrets.TOKEN }}', 'target'],
    ['/preview sleep pr-🚀', 'target'],
    ['/preview sleep ../prod', 'target'],
    [`/preview sleep ${'x'.repeat(256)}`, 'target'],
    ['/preview sleep pr\u200B-3', 'invisible'],
    ['/preview sleep pr-3\n/preview wake pr-3', 'several'],
  ])('%j is %s', (body, mistake) => {
    expect(parse(body)).toMatchObject({ kind: 'malformed', name: 'preview', mistake })
  })

  test('a name that goes on in the next line ends with the line', () => {
    expect(parse('/preview sleep pr-3\nprod')).toMatchObject({ command: { environment: 'pr-3' } })
  })
})
