import { describe, expect, test } from 'vitest'
import { Draft } from '../../../app/release/draft.ts'
import type { Schema } from '../../../app/release/before.ts'
import { hearSchema, outside, rollForward, sayWayBack, schemaRangeOf, takenAway, unrunnable } from '../../../app/rollout/way-back.ts'
import { deployedRow, fullOf, HEAD, NOW, OTHER_HEAD, recordOf, rolloutOf, schemaOf } from '../../support/release.ts'

describe('whether the version before runs what is live', () => {
  test.each<[number | null, Schema['before'], boolean]>([
    [39, { min: 40, max: 41 }, true],
    [40, { min: 40, max: 41 }, false],
    [41, { min: 40, max: 41 }, false],
    [42, { min: 40, max: 41 }, true],
    [null, { min: 40, max: 41 }, false],
    [42, null, false],
  ])('%s against %o: positively not: %s', (live, before, not) => {
    expect(outside(schemaOf({ live, before })) !== null).toBe(not)
  })

  test('is said with both numbers', () => {
    expect(outside(schemaOf({ live: 42 }))).toBe('the live schema is 42, and v1.9.0 runs 40..41')
    expect(outside(schemaOf({ live: 42, version: null, before: { min: 40, max: 40 } }))).toBe('the live schema is 42, and the version before runs 40')
  })
})

describe('whether this version runs what is live', () => {
  test.each<[number | null, boolean, boolean]>([
    [40, false, false],
    [40, true, true],
    [41, true, false],
    [42, true, false],
    [43, false, true],
    [43, true, true],
    [null, true, false],
  ])('%s, deployed %s: positively not: %s', (live, deployed, not) => {
    expect(unrunnable(schemaOf({ live }), deployed) !== null).toBe(not)
  })
})

test.each<[string, Partial<Schema>, RegExp | null]>([
  ['one schema lets both run', {}, null],
  ['no schema does', { runs: { min: 42, max: 42 } }, /^this version runs schema 42 and v1.9.0 40..41, so no schema lets both run \(it is 41\)$/],
  ['no schema does, whatever is live', { runs: { min: 42, max: 42 }, live: null }, /no schema lets both run$/],
  ['the migration to come leaves what the version before runs', { becomes: 42 }, /^the schema becomes 42, and v1.9.0 runs 40..41$/],
  ['the migration to come does not', { becomes: 41, live: 40, runs: { min: 40, max: 42 } }, null],
  ['the schema has passed what both run', { before: { min: 40, max: 43 }, live: 43 }, /no schema lets both run \(it is 43\)/],
  ['it is gone already, so nothing is taken', { live: 42, runs: { min: 42, max: 42 } }, null],
  ['what the version before runs is not known', { before: null, runs: { min: 42, max: 42 } }, null],
])('a way back that is taken away: %s', (_what, over, words) => {
  expect(takenAway(schemaOf(over)) ?? '').toMatch(words ?? /^$/)
})

test.each<[Partial<Schema>, string]>([
  [{}, 'There is a way back while the schema is 41; it is 41.'],
  [{ live: null, before: { min: 40, max: 42 } }, 'There is a way back while the schema is 41..42; nobody has said which it is.'],
  [{ live: 42, accepted: 'the table is gone' }, 'There is no way back: the live schema is 42, and v1.9.0 runs 40..41. Accepted: the table is gone.'],
  [{ becomes: 42 }, 'There will be no way back: the schema becomes 42, and v1.9.0 runs 40..41.'],
  [
    { before: null, unknown: 'there is no db/schema.json at 222222222222' },
    'Whether the version before can run the schema is not known: there is no db/schema.json at 222222222222. A rollback is not refused for that.',
  ],
])('people read of %o: %s', (over, sentence) => {
  expect(sayWayBack(schemaOf(over))).toBe(sentence)
})

test('the plan is bound to both ranges, and to their absence', () => {
  expect(schemaRangeOf(undefined)).toBeNull()
  expect(schemaRangeOf(schemaOf())).toBe('41..42, before 40..41')
  expect(schemaRangeOf(schemaOf({ before: null }))).toBe('41..42, before unknown')
})

test('the roll-forward names the commit, and the schema that would open the way back', () => {
  expect(rollForward(schemaOf(), HEAD).join(' ')).toMatch(/from 111111111111,.* bring the schema to 40\.\.41,/)
  expect(rollForward(schemaOf({ before: null }), HEAD)).toHaveLength(1)
})

const at = (ms: number): string => new Date(ms).toISOString()
const heard = (full: Parameters<typeof fullOf>[0]): Draft => {
  const draft = new Draft(recordOf({ state: 'canary' }, { rollout: rolloutOf({ schema: schemaOf() }), rollouts: 1 }), new Map())
  hearSchema(draft, fullOf(full))
  return draft
}
const row = (schema: { live: number; becomes?: number }, over: object = {}) => deployedRow(5, { schema, made_at: at(NOW + 5), ...over })

describe('what is heard of the live schema', () => {
  test('is the newest word: of its own jobs, or of another release', () => {
    const rows = [row({ live: 42, becomes: 43 }), row({ live: 40 }, { made_at: at(NOW + 4) })]
    const draft = heard({ evidence: rows })
    expect(draft.data.rollout?.schema).toMatchObject({ live: 42, becomes: 43, toldAt: NOW + 5 })
    expect(draft.events.map(({ data }) => data['live'])).toEqual([42])
    expect(heard({ evidence: rows, live: { prod: { live: 44, at: NOW + 6 } } }).data.rollout?.schema).toMatchObject({ live: 44, becomes: null })
  })

  test.each<[string, Parameters<typeof fullOf>[0]]>([
    ['of another environment', { evidence: [row({ live: 42 }, { environment: 'stage' })], live: { stage: { live: 42, at: NOW + 9 } } }],
    ['of another commit', { evidence: [row({ live: 42 }, { sha: OTHER_HEAD })] }],
    ['that is older', { evidence: [row({ live: 42 }, { made_at: at(NOW - 9) })], live: { prod: { live: 42, at: NOW - 9 } } }],
    ['of a job that tells none', { evidence: [deployedRow(5)] }],
  ])('is no word %s', (_what, full) => {
    expect(heard(full).data.rollout?.schema).toEqual(schemaOf())
  })
})
