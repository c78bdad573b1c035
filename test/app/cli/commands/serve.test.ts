import { expect, test } from 'vitest'
import { cli, emptyFolder } from '../harness.ts'

test('no operator file named, and one that is not there: it does not start, and says why (T43)', async () => {
  const unnamed = await cli(['serve'])
  expect([unnamed.exit, unnamed.err.includes('--operator=operator.yml')]).toEqual([2, true])
  const absent = await cli(['serve', '--operator=nowhere.yml'], { cwd: emptyFolder() })
  expect(absent.exit).toBe(2)
  expect(absent.err).toContain('nowhere.yml')
})
