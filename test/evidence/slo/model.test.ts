import { expect, test } from 'vitest'
import { ObjectiveSpec, Shorthand, shorthandMs, targetOf } from '../../../evidence/slo/model.ts'

test.each([
  ['5m', 300_000],
  ['2h', 7_200_000],
  ['30d', 2_592_000_000],
  ['4w', 2_419_200_000],
  ['1M', 31 * 86_400_000],
  ['1Q', 92 * 86_400_000],
  ['1Y', 366 * 86_400_000],
])('%s is %d ms', (text, ms) => {
  expect(Shorthand.safeParse(text).success).toBe(true)
  expect(shorthandMs(text)).toBe(ms)
})

test.each(['0d', '5', 'd', '5s', '1.5h', '-1d', '99999d'])('%s is no duration', (text) => {
  expect(Shorthand.safeParse(text).success).toBe(false)
})

test.each([
  [{ target: 0 }, 0],
  [{ target: 0.9995 }, 0.9995],
  [{ targetPercent: 99.95 }, 0.9995],
  [{ targetPercent: 0 }, 0],
  [{ targetPercent: 99.9 }, 0.999],
])('%j is %d', (objective, target) => {
  expect(targetOf(ObjectiveSpec.parse(objective))).toBe(target)
})

test.each([{ target: 1 }, { target: 1.01 }, { target: -0.001 }, { targetPercent: 100 }, { targetPercent: 101 }, { targetPercent: -1 }, {}])(
  '%j is refused',
  (objective) => {
    expect(ObjectiveSpec.safeParse(objective).success).toBe(false)
  },
)
