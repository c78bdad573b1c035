import { expect, test } from 'vitest'
import { percentage } from '../../../../app/rollout/routers/router.ts'

test.each([0, 10, 100])('%j is a percentage', (value) => {
  expect(percentage(value)).toBe(value)
})

test.each([-1, 101, 10.5, Number.NaN, Infinity, '10', null, undefined])('%j is no percentage', (value) => {
  expect(() => percentage(value)).toThrow(expect.objectContaining({ code: 'invalid' }))
})
