import { describe, expect, test } from 'vitest'
import { originOf } from '../../../actions/lib/origin.ts'
import { CLAIMS, FACTS, tokenOf } from '../../support/actions/handover.ts'

test('the signer is the workflow file that holds the job, not the caller', () => {
  expect(originOf(FACTS, tokenOf(CLAIMS))).toMatchObject({
    workflow: FACTS.workflow,
    signer_workflow: CLAIMS.job_workflow_ref,
    signer_digest: CLAIMS.job_workflow_sha,
    run_id: 77,
  })
})

test('without an identity token nothing says who signs', () => {
  expect(() => originOf(FACTS, null)).toThrow(
    expect.objectContaining({ code: 'no-identity', message: expect.stringContaining('id-token: write') as string }) as Error,
  )
})

test.each(['', 'a.b.c', tokenOf({ ...CLAIMS, job_workflow_sha: 'main' })])('a token that is none: %j', (token) => {
  expect(() => originOf(FACTS, token)).toThrow(expect.objectContaining({ code: 'no-identity' }) as Error)
})

describe('a token of another run is refused:', () => {
  test.each(['repository', 'repository_id', 'sha', 'ref', 'run_id', 'run_attempt', 'event_name', 'runner_environment'])('%s (T63)', (claim) => {
    expect(() => originOf(FACTS, tokenOf({ ...CLAIMS, [claim]: 'other' }))).toThrow(expect.objectContaining({ code: 'identity-differs' }) as Error)
  })
})
