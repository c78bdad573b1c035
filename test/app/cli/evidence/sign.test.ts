import { expect, test } from 'vitest'
import { sign } from '../../../../app/cli/evidence/sign.ts'
import { cli } from '../harness.ts'

test('says that it is not built', async () => {
  const { exit, err } = await cli(['evidence', sign.name])
  expect([exit, err.includes('not built yet')]).toEqual([2, true])
})
