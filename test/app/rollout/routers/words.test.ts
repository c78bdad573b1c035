import { expect, test } from 'vitest'
import { words } from '../../../../app/rollout/routers/words.ts'

test('what is told of an answer is one short line of plain letters', () => {
  expect(words(`\n\u001b[31m${'x'.repeat(500)}\nsecret`)).toBe(`?[31m${'x'.repeat(195)}`)
})
