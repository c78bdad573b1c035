import { expect, test } from 'vitest'
import { sound } from '../../../../app/rollout/metrics/sound.ts'

const GOOD = { requests: 100, errors: 3 }

test('counts stay as they are, and so does what is absent', () => {
  const sample = { at: 1, canary: GOOD, stable: null, note: 'stable did not answer' }
  expect(sound(sample)).toBe(sample)
})

test.each([
  [Number.NaN, 0],
  [100, Number.NaN],
  [Number.POSITIVE_INFINITY, 0],
  [-1, 0],
  [JSON.parse('null') as number, 0],
])('%s requests and %s errors are nothing measured, and the other arm is', (requests, errors) => {
  const found = sound({ at: 1, canary: { requests, errors }, stable: GOOD, note: 'slow' })
  expect(found).toEqual({ at: 1, canary: null, stable: GOOD, note: `slow; what canary told is no count: ${requests} requests, ${errors} errors` })
  expect(sound({ at: 1, canary: GOOD, stable: { requests, errors }, note: '' }).stable).toBeNull()
})
