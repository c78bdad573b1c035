import { assert, integer, nat, property, stringMatching } from 'fast-check'
import { expect, test } from 'vitest'
import { BucketKey, definitionOf, FlagKey, servingIn, servingOf, Values } from '../../../../app/rollout/routers/flagd-file.ts'
import { evaluator } from '../../../support/flagd.ts'

const FLAG = { flag: 'shop-release', key: 'targetingKey', values: { canary: true, stable: false } }
const USERS = Array.from({ length: 5_000 }, (_, at) => `user-${at}`)

function inside(percent: number, key = 'targetingKey'): ReadonlySet<string> {
  const flags = evaluator(definitionOf({ ...FLAG, key }, { percent, mark: 'a' }))
  expect(flags.violations).toEqual([])
  return new Set(USERS.filter((user) => flags.evaluate('shop-release', { [key]: user })?.['value'] === true))
}

test.each(['targetingKey', 'cart'])('by %s, the share is what it says by the evaluator of flagd, and a larger one only adds', (key) => {
  let before: ReadonlySet<string> = new Set()
  for (const percent of [0, 1, 5, 10, 25, 50, 99, 100]) {
    const now = inside(percent, key)
    expect(Math.abs(now.size / USERS.length - percent / 100)).toBeLessThan(0.03)
    expect([...before].filter((user) => !now.has(user))).toEqual([])
    before = now
  }
  expect(inside(0, key).size).toBe(0)
  expect(inside(100, key).size).toBe(USERS.length)
})

test('who brings no key gets the stable version, and at 100 percent the canary', () => {
  for (const [percent, value] of [
    [0, false],
    [50, false],
    [100, true],
  ] as const)
    expect(evaluator(definitionOf(FLAG, { percent, mark: 'a' })).evaluate('shop-release', {})).toMatchObject({ value })
})

test('beside it stands what is served', () => {
  const flags = evaluator(definitionOf(FLAG, { percent: 10, mark: 'a1' }))
  expect(servingOf(flags.evaluate('shop-release-serving', {})?.['value'])).toEqual({ percent: 10, mark: 'a1' })
})

test('a file is read back as it was written, and one that differs is not ours', () => {
  assert(
    property(integer({ min: 0, max: 100 }), stringMatching(/^[a-z0-9]{1,32}$/), nat(), (percent, mark, at) => {
      const text = definitionOf(FLAG, { percent, mark })
      expect(servingIn(text, FLAG)).toEqual({ percent, mark })
      const place = at % text.length
      expect(servingIn(`${text.slice(0, place)}~${text.slice(place + 1)}`, FLAG)).toBeNull()
      expect(servingIn(text, { ...FLAG, flag: 'other' })).toBeNull()
    }),
  )
})

test.each([null, 'now', {}, { percent: 10 }, { percent: 101, mark: 'a' }, { percent: 1, mark: 'a', more: 1 }])('%j says nothing', (value) => {
  expect(() => servingOf(value)).toThrow(expect.objectContaining({ code: 'malformed' }))
})

test('the schema of flagd is not blind', () => {
  const text = definitionOf(FLAG, { percent: 10, mark: 'a' })
  expect(evaluator(text).violations).toEqual([])
  expect(evaluator(text.replace('"state": "ENABLED"', '"state": "ENABLED", "variantz": 1').replace('10', '"10"')).violations).not.toEqual([])
})

test('names and values', () => {
  expect(FlagKey.safeParse('shop/../x').success).toBe(false)
  expect(BucketKey.safeParse('$flagd.flagKey').success).toBe(false)
  expect(Values.safeParse({ canary: 'v2', stable: 'v1' }).success).toBe(true)
  for (const values of [
    { canary: true, stable: true },
    { canary: true, stable: 'v1' },
    { canary: {}, stable: 1 },
  ])
    expect(Values.safeParse(values).success).toBe(false)
})
