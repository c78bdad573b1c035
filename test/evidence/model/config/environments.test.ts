import { expect, test } from 'vitest'
import { EnvironmentConfig, ofStep } from '../../../../evidence/model/config/environments.ts'

test('a duration holds for every step, or for the step that is named', () => {
  expect(ofStep('10m', 50)).toBe(600_000)
  expect(ofStep({ 10: '3s', 100: '5s' }, 100)).toBe(5000)
  expect(ofStep({ 10: '3s' }, 50)).toBeUndefined()
})

test('a deadline ends after the bake, at the millisecond', () => {
  expect(EnvironmentConfig.safeParse({ bake: '10s', deadline: '10001ms' }).success).toBe(true)
  expect(EnvironmentConfig.safeParse({ bake: '10s', deadline: '10s' }).success).toBe(false)
})
