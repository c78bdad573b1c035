import { expect, test } from 'vitest'
import { drift, generated } from './generate.ts'

test('every generated file is what the sources say (else: pnpm run generate)', async () => {
  expect((await generated()).size).toBeGreaterThan(8)
  expect(await drift()).toEqual([])
})
