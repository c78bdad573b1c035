import { expect, test } from 'vitest'
import { pack } from '../../../../app/cli/evidence/pack.ts'
import { cli } from '../harness.ts'

test('says that it is not built', async () => {
  const { exit, err } = await cli(['evidence', pack.name])
  expect([exit, err.includes('not built yet')]).toEqual([2, true])
})
