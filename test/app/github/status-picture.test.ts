import { expect, test } from 'vitest'
import { flowPicture, rolloutBar } from '../../../app/github/status-picture.ts'

test.each([
  [0, 0, 'steps: 10 % → 50 %'],
  [10, 2, '✓ 10 % → 50 %'],
  [50, 10, '✓ 10 % → ✓ 50 %'],
  [100, 20, '✓ 10 % → ✓ 50 %'],
  [140, 20, '100 % new, 0 % old'],
  [-3, 0, '0 % new, 100 % old'],
])('%i %% fills %i of 20', (weight, filled, says) => {
  const bar = rolloutBar([10, 50], weight)
  expect(bar.split('▓').length - 1).toBe(filled)
  expect(bar.split('░').length - 1).toBe(20 - filled)
  expect(bar).toContain(says)
})

test('the box of the state is lit', () => {
  expect(flowPicture('rolled_back')).toContain('style back stroke-width')
  expect(flowPicture('ready')).toContain('style merge stroke-width')
})
