import { expect, test } from 'vitest'
import { Exceptions, exceptionsFor } from '../../../../evidence/model/config/exceptions.ts'

const ONE = { rule: 'cost.past-ttl', subject: 'pr-7', owner: '@acme/web', reason: 'shown to a customer', until: '2026-12-31' }

test('somebody answers, for a reason, until a day, about one thing', () => {
  expect(Exceptions.safeParse([ONE]).success).toBe(true)
  for (const wrong of [{ owner: 'me' }, { reason: 'x' }, { until: 'soon' }, { until: '2026-02-30' }, { subject: undefined }, { rule: 'Cost' }])
    expect(Exceptions.safeParse([{ ...ONE, ...wrong }]).success).toBe(false)
})

test('a rule that no exception is for is refused, and those that have one are named', () => {
  const schema = exceptionsFor(['cost.past-ttl', 'preview.dead'])
  expect(schema.parse(undefined)).toEqual([])
  expect(schema.safeParse([ONE]).success).toBe(true)
  const refused = schema.safeParse([{ ...ONE, rule: 'cost.unpriced' }])
  expect(JSON.stringify(refused.error?.issues)).toContain('preview.dead')
})
