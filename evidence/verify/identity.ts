/**
 * Is the job that signed one that is trusted, and is it the one the statement names? Every comparison is of whole strings: no pattern, no prefix of a
 * name, no default. A commit pins the workflow, so a tag that moves changes nothing.
 */
import type { Origin } from '../model/statement.ts'
import type { Job } from './certificate.ts'
import { originOf, type Claim } from './claim.ts'
import { EvidenceError, type EvidenceErrorCode } from './error.ts'
import type { TrustedWorkflow } from './verifier.ts'

/** Who issues the identities of GitHub Actions on github.com. */
export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com'
export const GITHUB = 'https://github.com/'
/** What starts runs that make evidence (SPEC part 13, What is proven is what is deployed). */
const TRIGGERS: readonly string[] = ['push', 'workflow_dispatch']
const RUNNER = 'github-hosted'
const COMMIT = /^[0-9a-f]{40}$/

/** The trusted workflow that this job is, as `owner/repo/.github/workflows/x.yml@<digest>`. */
export function whoRan(job: Job, workflows: readonly TrustedWorkflow[]): string | EvidenceError {
  const { signerUri, signerDigest } = job
  if (job.name !== signerUri) return no('wrong-workflow', `the certificate is for ${job.name}, but its signer is ${signerUri}`)
  const at = signerUri.indexOf('@')
  const [path, ref] = [signerUri.slice(0, at), signerUri.slice(at + 1)]
  if (at < 0 || !COMMIT.test(signerDigest) || (COMMIT.test(ref) && ref !== signerDigest))
    return no('wrong-workflow', `${signerUri} at ${signerDigest} names no workflow at one commit`)
  const trusted = workflows.filter((workflow) => path === `${GITHUB}${workflow.ref}`)
  if (trusted.length === 0) return no('wrong-workflow', `signed by the workflow ${signerUri}, which is not trusted`)
  const pinned = trusted.filter((workflow) => workflow.digest === signerDigest)
  if (pinned.length === 0)
    return no('wrong-workflow', `signed by ${path} at ${signerDigest}; trusted at ${trusted.map(({ digest }) => digest).join(', ')}`)
  if (!pinned.some(({ issuer = GITHUB_ISSUER }) => issuer === job.issuer)) return no('wrong-issuer', `the identity was issued by ${job.issuer}`)
  const signer = `${path.slice(GITHUB.length)}@${signerDigest}`
  return wrongJob(job) ?? signer
}

function wrongJob(job: Job): EvidenceError | undefined {
  if (!TRIGGERS.includes(job.trigger)) return no('wrong-trigger', `the run was started by ${job.trigger}, which is never evidence`)
  if (job.runner !== RUNNER) return no('wrong-runner', `signed on a ${job.runner} runner; only ${RUNNER} ones are believed`)
  if (!COMMIT.test(job.sourceDigest)) return no('wrong-commit', `the certificate names no commit but ${job.sourceDigest}`)
  if (!job.configUri.startsWith(`${job.sourceUri}/.github/workflows/`) || job.configDigest !== job.sourceDigest)
    return no('wrong-workflow', `called from ${job.configUri} at ${job.configDigest}, which is not of ${job.sourceUri} at ${job.sourceDigest}`)
  return undefined
}

/** Where the statement says something else than the certificate. */
export function contradiction(claim: Claim, job: Job): EvidenceError | undefined {
  const origin = originOf(claim)
  if (origin !== undefined) return differs(origin, job)
  // About artifacts: what it says of its source, its predicate says.
  if (claim.repository === null) return undefined
  if (`${GITHUB}${claim.repository}` !== job.sourceUri) return no('wrong-repository', `about ${claim.repository}, but signed in ${job.sourceUri}`)
  return claim.commit === job.sourceDigest ? undefined : no('wrong-commit', `about commit ${claim.commit}, but signed at ${job.sourceDigest}`)
}

function differs(origin: Origin, job: Job): EvidenceError | undefined {
  const pairs: readonly (readonly [EvidenceErrorCode, string, string, string])[] = [
    ['wrong-repository', 'repository', `${GITHUB}${origin.repository}`, job.sourceUri],
    ['wrong-repository', 'repository id', String(origin.repository_id), job.repositoryId],
    ['wrong-commit', 'commit', origin.sha, job.sourceDigest],
    ['wrong-ref', 'ref', origin.ref, job.sourceRef],
    ['wrong-trigger', 'event', origin.event, job.trigger],
    ['wrong-workflow', 'workflow', `${GITHUB}${origin.workflow}`, job.configUri],
    ['wrong-workflow', 'signer workflow', `${GITHUB}${origin.signer_workflow}`, job.signerUri],
    ['wrong-workflow', 'signer digest', origin.signer_digest, job.signerDigest],
    ['wrong-run', 'run', `${GITHUB}${origin.repository}/actions/runs/${origin.run_id}/attempts/${origin.run_attempt}`, job.runUri],
    ['wrong-runner', 'runner', origin.runner_environment, job.runner],
  ]
  const wrong = pairs.find(([, , said, certified]) => said !== certified)
  if (wrong === undefined) return undefined
  const [code, what, said, certified] = wrong
  return no(code, `the statement says that the ${what} is ${said}, the certificate says ${certified}`)
}

function no(code: EvidenceErrorCode, message: string): EvidenceError {
  return new EvidenceError(code, message)
}
