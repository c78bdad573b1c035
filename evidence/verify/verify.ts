/** Bundle in, `Verified` or `EvidenceError` out; `verifier.ts` says in which order and why. */
import { PAYLOAD_TYPE } from '../model/kinds.ts'
import { MEDIA_TYPE, readBundle } from './bundle.ts'
import { originOf, readClaim, type Claim, type ClaimedArtifact } from './claim.ts'
import type { Job } from './certificate.ts'
import { EvidenceError } from './error.ts'
import { contradiction, GITHUB } from './identity.ts'
import { whoSigned } from './signer.ts'
import type { Expectation, Trust, Verified, WantedArtifact } from './verifier.ts'

/**
 * @param of.bundle bytes of a bundle file, or its JSON value. Never throws on hostile input.
 * @param of.now milliseconds; when given, a signature from after it is refused. Nothing else looks at the clock.
 */
export function verifyBundle(of: {
  readonly bundle: unknown
  readonly trust: Trust
  readonly expect: Expectation
  readonly now?: number
}): Verified | EvidenceError {
  const { trust, expect, now } = of
  if (trust.keys.length === 0 && trust.workflows.length === 0)
    return new EvidenceError('no-trust', 'nobody is trusted, so nothing can be believed; name a key under trust.keys or with --key, or a workflow')
  const bundle = readBundle(of.bundle)
  if (bundle instanceof EvidenceError) return bundle
  if (bundle.json.mediaType !== MEDIA_TYPE) return new EvidenceError('malformed', `evidence comes as ${MEDIA_TYPE}`)
  if (!('payload' in bundle.content)) return new EvidenceError('malformed', 'the bundle signs a file, not a statement')
  const { payload, payloadType } = bundle.content
  const signed = whoSigned(bundle, trust, { mustBeLogged: expect.logged ?? false, ...(now === undefined ? {} : { now }) })
  if (signed instanceof EvidenceError) return signed
  if (payloadType !== PAYLOAD_TYPE) return new EvidenceError('wrong-payload-type', `the payload is ${payloadType}, not ${PAYLOAD_TYPE}`)
  const claim = readClaim(payload)
  if (claim instanceof EvidenceError) return claim
  const { signer, job, at, logged } = signed
  const contradicted = job === null ? undefined : contradiction(claim, job)
  if (contradicted !== undefined) return contradicted
  return disappointment(claim, expect, job) ?? { ...claim, signer, payload, job, signedAt: at, logged }
}

/** Where it is not what the caller asked for. */
function disappointment(claim: Claim, expect: Expectation, job: Job | null): EvidenceError | undefined {
  if (expect.kinds !== undefined && !expect.kinds.includes(claim.kind))
    return new EvidenceError('wrong-predicate', `${claim.kind} is not expected here, only ${expect.kinds.join(', ')}`)
  const repositoryId = originOf(claim)?.repository_id ?? (job === null ? undefined : Number(job.repositoryId))
  if (expect.repositoryId !== undefined && repositoryId !== expect.repositoryId)
    return new EvidenceError('wrong-repository', `made in repository ${repositoryId ?? 'unknown'}, not ${expect.repositoryId}`)
  const repository = claim.repository ?? job?.sourceUri.slice(GITHUB.length)
  if (expect.repository !== undefined && expect.repository.toLowerCase() !== repository?.toLowerCase())
    return new EvidenceError('wrong-repository', `about ${repository ?? 'no repository'}, not ${expect.repository}`)
  const commit = claim.commit ?? job?.sourceDigest
  const named = claim.kind === 'rollout-event' ? [claim.predicate.sha, claim.predicate.origin.sha] : []
  if (expect.sha !== undefined && commit !== expect.sha && !named.includes(expect.sha))
    return new EvidenceError('wrong-commit', `about ${commit === undefined ? 'no commit' : `commit ${commit}`}, not ${expect.sha}`)
  for (const { name, sha256: digest } of expect.subjects ?? []) {
    const bound = claim.files.find((file) => file.path === name)
    if (bound === undefined) return new EvidenceError('wrong-subject', `${name} is no subject of the statement`)
    if (bound.sha256 !== digest) return new EvidenceError('wrong-subject', `${name} has SHA-256 ${digest}, the statement says ${bound.sha256}`)
  }
  for (const wanted of expect.artifacts ?? [])
    if (!claim.artifacts.some((artifact) => isSame(artifact, wanted)))
      return new EvidenceError('wrong-subject', `${wanted.sha256 ?? wanted.sha512 ?? 'an artifact without a digest'} is no subject of the statement`)
  return undefined
}

/** At least one algorithm is on both sides, and none of them disagrees. The name is what its maker calls it, so it decides nothing. */
function isSame(artifact: ClaimedArtifact, wanted: WantedArtifact): boolean {
  const both = (['sha256', 'sha512'] as const).filter((algorithm) => artifact[algorithm] !== null && wanted[algorithm] !== undefined)
  return both.length > 0 && both.every((algorithm) => artifact[algorithm] === wanted[algorithm])
}
