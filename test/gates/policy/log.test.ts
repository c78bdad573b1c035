import { expect, test } from 'vitest'
import { digestOf } from '../../../evidence/core/digest.ts'
import { commandPolicy, decide } from '../../../gates/policy/decide.ts'
import { decisionLog, type DecisionLog } from '../../../gates/policy/log.ts'
import { QUESTION } from '../../support/commands.ts'

const RESULT = await decide(QUESTION)

function logOf(question: string, input = QUESTION): DecisionLog {
  return decisionLog({ question, policy: commandPolicy(), input, result: RESULT, labels: { app: 'release-conductor' } })
}

test('a decision is logged as OPA logs it, with the bundle it was made by', () => {
  const log = logOf('7#3 IC_1')
  expect(log).toMatchObject({
    labels: { app: 'release-conductor' },
    decision_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    bundles: { commands: { revision: commandPolicy().revision, digest: commandPolicy().digest } },
    path: 'release_conductor/commands/decision',
    result: RESULT,
    timestamp: '1970-01-01T00:16:41.000Z',
  })
})

test('who is named is left out and said to be, and the digest is of the whole', () => {
  const log = logOf('7#3 IC_1')
  expect(log.input).not.toHaveProperty('people')
  expect(log.erased).toEqual(['/input/people'])
  expect(log.input_digest).toBe(digestOf(QUESTION))
  expect(JSON.stringify(log)).not.toContain('boss')
})

test('the same question has the same id, another one another', () => {
  expect(logOf('7#3 IC_1', { ...QUESTION, now: 0 }).decision_id).toBe(logOf('7#3 IC_1').decision_id)
  expect(logOf('7#3 IC_2').decision_id).not.toBe(logOf('7#3 IC_1').decision_id)
})
