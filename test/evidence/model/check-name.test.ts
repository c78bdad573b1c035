import { expect, test } from 'vitest'
import { checkName } from '../../../evidence/model/check-name.ts'

test('the name carries the base (T7)', () => {
  expect(checkName('policy_ci', 'main')).toBe('release-conductor/policy_ci (main)')
})
