/**
 * Where a statement is made: the facts of the run, plus which workflow file really holds this job. Only the job's identity token says the latter, and it
 * must agree with everything else that is known about the run.
 * https://docs.github.com/en/actions/reference/security/oidc
 */
import { z } from 'zod'
import { CommitSha } from '../../evidence/model/primitives.ts'
import { Origin } from '../../evidence/model/statement.ts'
import { ActionError } from './error.ts'
import type { RunFacts } from './run-facts.ts'

export const AUDIENCE = 'release-conductor'

const Claims = z.object({
  repository: z.string(),
  repository_id: z.string(),
  sha: z.string(),
  ref: z.string(),
  run_id: z.string(),
  run_attempt: z.string(),
  event_name: z.string(),
  job_workflow_ref: z.string().min(1).max(500),
  job_workflow_sha: CommitSha,
  runner_environment: z.string().min(1).max(50),
})

/**
 * @param token identity token of this job; its signature is not checked here: the runner gave it to us, and the App checks origin against the API
 * @throws ActionError `no-identity`, `identity-differs`
 */
export function originOf(facts: RunFacts, token: string | null): Origin {
  if (token === null)
    throw new ActionError(
      'no-identity',
      'The job has no identity token, so nothing says which workflow signs. Grant `id-token: write` to the calling job.',
    )
  const claims = readClaims(token)
  const pairs: readonly (readonly [string, string, string])[] = [
    ['repository', claims.repository, facts.repository],
    ['repository_id', claims.repository_id, String(facts.repositoryId)],
    ['sha', claims.sha, facts.sha],
    ['ref', claims.ref, facts.ref],
    ['run_id', claims.run_id, String(facts.runId)],
    ['run_attempt', claims.run_attempt, String(facts.runAttempt)],
    ['event_name', claims.event_name, facts.event],
    ['runner_environment', claims.runner_environment, facts.runnerEnvironment],
  ]
  const odd = pairs.find(([, claimed, known]) => claimed !== known)
  if (odd !== undefined)
    throw new ActionError(
      'identity-differs',
      `The identity token says ${odd[0]} is ${odd[1]}, the runner says ${odd[2]}. Nothing was signed; run the job again.`,
    )
  return Origin.parse({
    repository: facts.repository,
    repository_id: facts.repositoryId,
    sha: facts.sha,
    ref: facts.ref,
    event: facts.event,
    workflow: facts.workflow,
    signer_workflow: claims.job_workflow_ref,
    signer_digest: claims.job_workflow_sha,
    run_id: facts.runId,
    run_attempt: facts.runAttempt,
    runner_environment: facts.runnerEnvironment,
  })
}

function readClaims(token: string): z.infer<typeof Claims> {
  try {
    return Claims.parse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')))
  } catch (cause) {
    throw new ActionError('no-identity', 'The identity token does not carry the claims of a GitHub Actions job.', { cause })
  }
}
