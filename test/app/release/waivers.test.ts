import { describe, expect, test } from 'vitest'
import { Draft } from '../../../app/release/draft.ts'
import { next } from '../../../app/release/next.ts'
import type { Outcome, ReleaseRecord } from '../../../app/release/ports.ts'
import { grantedInQuarter, isSpent, waiverIssueKey, waiversOf } from '../../../app/release/waivers.ts'
import { dataOf, type ReleaseData } from '../../../app/release/state.ts'
import { factsOf, fullOf, HEAD, KEY, NOW, orderOf, OTHER_HEAD, recordOf, voiceOf } from '../../support/release.ts'
import { sealedRelease } from '../../support/sealed-release.ts'

const waive = { gate: 'slo', days: 3 } as const
const GRANTED: ReleaseData['waivers'][number] = {
  gate: 'slo',
  reason: 'a drill',
  head: HEAD,
  grantedBy: [voiceOf({ waive }), voiceOf({ id: 22, login: 'second', nodeId: 'IC_2', waive })],
  grantedAt: NOW,
  expiresAt: NOW + 1_000,
}
const record = (waivers: ReleaseData['waivers'], over: Partial<ReleaseRecord> = {}): ReleaseRecord => recordOf(over, { waivers })
const grantedOn = (grantedAt: number): ReleaseRecord => record([{ ...GRANTED, grantedAt }])
const issues =
  (...numbers: readonly number[]) =>
  (key: string): Outcome | null =>
    numbers.some((number) => waiverIssueKey(KEY, number) === key) ? { id: 70 } : null

describe('a granted waiver', () => {
  test('is a statement about the commit once its issue is open, the same each time', () => {
    const [waiver] = waiversOf(record([GRANTED]), HEAD, issues(1))
    expect(waiver).toMatchObject({ kind: 'waiver', predicate: { gate: 'slo', sha: HEAD, issue: 70, granted_by: [{ id: 21 }, { id: 22 }] } })
    expect(waiversOf(record([GRANTED]), HEAD, issues(1))).toEqual([waiver])
  })

  test('is none before its issue is open, and none for another commit', () => {
    expect(waiversOf(record([GRANTED]), HEAD, issues())).toEqual([])
    expect(waiversOf(record([GRANTED]), HEAD, issues(2))).toEqual([])
    expect(waiversOf(record([GRANTED]), OTHER_HEAD, issues(1))).toEqual([])
  })

  test('is none for another base; one of an older version is of the base that the release had', () => {
    const elsewhere = { ...GRANTED, base: 'support/1' }
    expect(waiversOf(record([elsewhere]), HEAD, issues(1))).toEqual([])
    expect(waiversOf(record([elsewhere]), HEAD, issues(1), 'support/1')).toHaveLength(1)
    expect(waiversOf(record([GRANTED]), HEAD, issues(1), 'main')).toHaveLength(1)
    expect(waiversOf(record([GRANTED]), HEAD, issues(1), 'support/1')).toEqual([])
  })
})

test('waivers of every release of the quarter are counted', () => {
  const march = Date.parse('2026-03-31T23:59:59.999Z')
  const releases = [grantedOn(march), grantedOn(march + 1), grantedOn(march - 86_400_000 * 100)]
  expect(grantedInQuarter(releases, march)).toBe(1)
  expect(grantedInQuarter(releases, march + 1)).toBe(1)
})

const said = (gate: 'slo' | 'perf', nodeId: string) => voiceOf({ id: 22, login: 'second', nodeId, waive: { gate, days: 3 } })

const answers = (granted: number): ReleaseData['answers'] => {
  const of = { counted: [21, 22], need: 2 }
  const orders = ['/waive slo 3d the vendor is down', '/waive perf 3d the vendor is down'].map((line) => orderOf(line, of))
  const before = recordOf({ state: 'proving' }, { voices: [said('slo', 'IC_2'), said('perf', 'IC_3')] })
  return dataOf(next(before, factsOf(fullOf({ orders, granted }))).record).answers
}

describe('the budget of the quarter', () => {
  test('is not overspent by two that are granted in one look: the second is refused as the policy would', () => {
    expect(answers(2)).toMatchObject([{ done: true }, { done: true }])
    expect(answers(3)).toMatchObject([
      { done: true, answer: expect.stringContaining('slo is waived for 3 days') },
      { done: false, answer: expect.stringContaining('command.waivers-spent') },
    ])
  })

  test('is what was counted before this look, with what this look granted', () => {
    const draft = new Draft(grantedOn(NOW), new Map())
    expect(isSpent(draft, fullOf({ granted: 3 }), NOW)).toBe(false)
    expect(isSpent(draft, fullOf({ granted: 4 }), NOW)).toBe(true)
    expect(isSpent(draft, fullOf(), NOW)).toBe(false)
  })
})

test('two people waive a red gate: the check is neutral, an issue remembers, the release goes on, and the pack says so', async () => {
  const { world } = await sealedRelease({ waive: true })
  const release = await world.store.release(KEY)
  expect(release?.state).toBe('ga')
  const checks = world.done.flatMap((effect) => (effect.kind === 'check.update' && effect.name.includes('policy_ci') ? [effect] : []))
  expect(checks.at(-1)).toMatchObject({
    conclusion: 'neutral',
    waiver: expect.stringMatching(/^[0-9a-f]{64}$/),
    output: { title: expect.stringMatching(/^Not proven, waived by approver and second until .* the title was wrong/) },
  })
  const opened = world.done.flatMap((effect) => (effect.kind === 'issue.open' ? [effect] : []))
  expect(opened).toMatchObject([{ labels: ['waiver'], title: expect.stringContaining('policy_ci is waived for v2.0.0 until') }])
})
