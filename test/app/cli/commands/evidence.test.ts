import { expect, test } from 'vitest'
import { evidence } from '../../../../app/cli/commands/evidence.ts'
import { cli } from '../harness.ts'

test('help shows each action, and what each option is for', async () => {
  const { out } = await cli(['evidence', '--help'])
  expect(out).toContain('verify <evidence.zip>')
  expect(Object.keys(evidence.meaning).toSorted()).toEqual(Object.keys(evidence.options).toSorted())
})

test('an unknown action, and an option of another action', async () => {
  expect((await cli(['evidence', 'verfy'])).err).toContain('Did you mean `evidence verify`?')
  expect((await cli(['evidence', 'sign', 'a', '--version=v1.0.0'])).err).toContain('has no option --version')
  expect((await cli(['evidence', 'sign', 'a', 'b', 'c'])).exit).toBe(2)
})
