import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../../app/commands/command.ts'
import { commandPolicy, decide, decisionOf } from '../../../gates/policy/decide.ts'
import { COMMAND_NAMES, CommandInput } from '../../../gates/policy/input.ts'
import { ACTORS, anyQuestion, QUESTION, questionOf, STATES, VOICE, type ActorKind, type StateKind } from '../../support/commands.ts'

const ANY = ['help', 'plan', 'status'] as const
type Names = readonly (typeof COMMAND_NAMES)[number][]

/** Who may say which commands when all is well. */
const MAY: Readonly<Record<ActorKind, Names>> = {
  approver: COMMAND_NAMES,
  'a user who is named': COMMAND_NAMES,
  'on call': ['help', 'hold', 'plan', 'preview', 'release', 'rerun', 'rollback', 'status'],
  'a writer': ['help', 'plan', 'preview', 'release', 'rerun', 'status'],
  'a reader': ANY,
  'an approver without write access': ANY,
  'the author, an approver': ['help', 'hold', 'plan', 'preview', 'release', 'rerun', 'rollback', 'status'],
  'a contributor, an approver': ['help', 'hold', 'plan', 'preview', 'release', 'rerun', 'rollback', 'status'],
  'a bot': [],
  'an app in a person’s name': [],
  'an edited comment': [],
  'somebody whose permission is not known': ANY,
  'somebody whose teams are not known': ['help', 'plan', 'preview', 'release', 'rerun', 'status'],
}
/** What each state takes away from an approver, and why. */
const TAKEN: Readonly<Record<StateKind, { readonly code: string; readonly from: Names }>> = {
  healthy: { code: '', from: [] },
  'a red gate': { code: 'command.gates-not-held', from: ['approve', 'promote'] },
  'no verdict': { code: 'command.gates-not-held', from: ['approve', 'break-glass', 'promote', 'waive'] },
  'an old comment': { code: 'command.too-old', from: ['approve', 'break-glass', 'promote', 'resume', 'waive'] },
  'nobody named': { code: 'command.nobody-named', from: ['approve', 'break-glass', 'hold', 'promote', 'resume', 'rollback', 'waive'] },
  'commits that are not known': { code: 'command.facts-unavailable', from: ['approve', 'break-glass', 'promote', 'resume', 'waive'] },
}
/** What is said of a gate without a verdict. */
const UNKNOWN: Readonly<Partial<Record<Names[number], string>>> = {
  waive: 'command.not-waivable',
  'break-glass': 'command.glass-not-needed',
}
const KINDS = Object.keys(ACTORS) as ActorKind[]

test.each(KINDS)('%s may say exactly this (T28)', async (kind) => {
  const may = await Promise.all(COMMAND_NAMES.map(async (name) => ((await decide(questionOf(name, kind, 'healthy'))).allow ? [name] : [])))
  expect(may.flat()).toEqual(MAY[kind].toSorted())
})

test.each(Object.keys(STATES) as StateKind[])('%s takes exactly this away, from everybody', async (state) => {
  for (const kind of KINDS)
    for (const name of COMMAND_NAMES) {
      const { allow, codes } = await decide(questionOf(name, kind, state))
      const isTaken = TAKEN[state].from.includes(name)
      expect([kind, name, allow]).toEqual([kind, name, MAY[kind].includes(name) && !isTaken])
      const said = (state === 'no verdict' ? UNKNOWN[name] : undefined) ?? TAKEN[state].code
      expect(codes.includes(said as never) || !isTaken || kind !== 'approver').toBe(true)
    }
})

test.each(KINDS)('%s may waive a hotfix exactly when they may waive a gate', async (kind) => {
  for (const state of Object.keys(STATES) as StateKind[]) {
    const gate = questionOf('waive', kind, state)
    const hotfix = { ...gate, command: { ...gate.command, target: 'hotfix' } }
    expect([kind, state, await decide(hotfix)]).toEqual([kind, state, await decide(gate)])
  }
})

test.each<[string, object, string]>([
  ['of a config that names no gates for it', { hotfix: { is: true, gates: [] } }, 'command.hotfix-without-gates'],
  ['of what is none', { hotfix: { is: false, gates: ['policy_ci'] } }, 'command.not-a-hotfix'],
  ['whose only red gate must hold', { hotfix: { is: true, gates: ['slo'] } }, 'command.not-waivable'],
])('a hotfix %s is not waived, and the reason says so', async (_what, over, code) => {
  const { command, ...question } = questionOf('waive', 'approver', 'healthy')
  const { allow, codes } = await decide({ ...question, ...over, command: { ...command, target: 'hotfix' } })
  expect([allow, codes]).toEqual([false, [code]])
})

test('what help tells of each command is what the policy wants', async () => {
  for (const name of COMMAND_NAMES) expect([name, (await decide(questionOf(name, 'approver', 'healthy'))).as]).toEqual([name, COMMANDS[name].who])
  expect(Object.keys(COMMANDS).toSorted()).toEqual([...COMMAND_NAMES])
})

const counted = async (over: Partial<typeof VOICE>) => (await decide({ ...QUESTION, voices: [{ ...VOICE, ...over }] })).counted

test('a second voice counts, once, and falls with head, proof, plan, comment and right', async () => {
  expect(await counted({})).toEqual([8, 9])
  expect(await counted({ plan: QUESTION.command.plan })).toEqual([8, 9])
  expect(await counted({ id: 9 })).toEqual([9])
  for (const over of [
    { head: '2'.repeat(40) },
    { basis: '7'.repeat(64) },
    { plan: 'b'.repeat(32) },
    { comment: 'edited' },
    { comment: 'gone' },
    { said_at: QUESTION.now - 60_000 },
    { permission: 'read' },
    { role_name: 'triage' },
    { teams: {} },
    { author: true },
    { contributor: null },
  ] as const)
    expect(await counted(over)).toEqual([9])
})

describe('laws', () => {
  test('every question that the schema lets through has a decision', async () => {
    await fc.assert(
      fc.asyncProperty(anyQuestion, async (input) => {
        const { allow, codes, counted, need } = await decide(CommandInput.parse(input))
        expect(allow).toBe(codes.length === 0)
        expect(counted).toContain(input.actor.id)
        expect(need).toBeGreaterThan(0)
      }),
      { numRuns: 2_000 },
    )
  })

  test('taking anything away never turns a no into a yes, and never asks for fewer', async () => {
    const wrong: string[] = []
    for (const kind of KINDS)
      for (const state of Object.keys(STATES) as StateKind[])
        for (const name of ['approve', 'promote', 'resume', 'rollback', 'rerun', 'waive', 'break-glass'] as const) {
          const of = questionOf(name, kind, state)
          const people = { ...of.people, approvers: { ...of.people.approvers, promote: { ...of.people.approvers.promote, count: 2 } } }
          const input = { ...of, people, voices: [VOICE] }
          const whole = await decide(input)
          for (const path of fields(input)) {
            const less = await decide(without(input, path) as CommandInput)
            const isLooser = less.allow && (!whole.allow || less.need - less.counted.length < whole.need - whole.counted.length)
            if (isLooser) wrong.push(`${kind}, ${state}, ${name}: without ${path.join('.')}`)
          }
        }
    expect(wrong).toEqual([])
  })

  test('going back and stopping need no gate, no time, no step-up, no second person and no clean hands', async () => {
    await fc.assert(
      fc.asyncProperty(anyQuestion, fc.constantFrom('rollback' as const, 'hold' as const), async (input, name) => {
        const actor = { ...input.actor, login: 'night', id: 4, type: 'User', via_app: false, edited: false, permission: 'write', role_name: 'write' }
        const people = { ...input.people, on_call: ['@night'] }
        const { allow, need } = await decide({ ...input, command: { ...input.command, name }, actor, people })
        expect([allow, need]).toEqual([true, 1])
      }),
    )
  })
})

test.each([
  ['nothing', undefined],
  ['a word', 'yes'],
  ['true', true],
  ['allowed and refused', { allow: true, as: 'approver', codes: ['command.edited'], counted: [1], need: 1 }],
  ['refused without a reason', { allow: false, as: 'approver', codes: [], counted: [1], need: 1 }],
  ['allowed for nobody', { allow: true, as: 'nobody', codes: [], counted: [1], need: 1 }],
  ['allowed by no voice', { allow: true, as: 'approver', codes: [], counted: [], need: 1 }],
  ['allowed when none is needed', { allow: true, as: 'approver', codes: [], counted: [1], need: 0 }],
  ['a reason that is not registered', { allow: false, as: 'approver', codes: ['because'], counted: [1], need: 1 }],
  ['more than a decision', { allow: true, as: 'approver', codes: [], counted: [1], need: 1, note: '' }],
])('%s is no decision', (_what, answer) => {
  expect(() => decisionOf(answer)).toThrow(expect.objectContaining({ code: 'evaluation' }))
})

test('an input that is none is refused by the policy itself', async () => {
  for (const input of [null, {}, [], 'promote', { command: { name: 'promote' } }])
    expect((await decide(input as never)).codes).toEqual(['command.undefined'])
})

test('the bundle says what it is', () => {
  expect(commandPolicy()).toMatchObject({ revision: expect.stringMatching(/^commands-\d+$/), entrypoint: 'release_conductor/commands/decision' })
})

/** Paths to every field that can be left out. */
function fields(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path]
  return [...(path.length === 0 ? [] : [path]), ...Object.entries(value).flatMap(([key, inner]) => fields(inner, [...path, key]))]
}

/** A copy in which this is absent. */
function without(value: unknown, [key = '', ...rest]: readonly string[]): unknown {
  const entries = Object.entries(value as object)
  return Object.fromEntries(
    entries.flatMap(([name, inner]) => (name !== key ? [[name, inner]] : rest.length === 0 ? [] : [[name, without(inner, rest)]])),
  )
}
