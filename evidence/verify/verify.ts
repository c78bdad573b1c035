/** Bundle in, `Verified` or `EvidenceError` out; `verifier.ts` says in which order and why. */
import { PAYLOAD_TYPE } from '../model/kinds.ts'
import { readBundle } from './bundle.ts'
import { originOf, readClaim, type ClaimedArtifact } from './claim.ts'
import { EvidenceError } from './error.ts'
import { whoSigned } from './identity.ts'
import { readKeys } from './trust.ts'
import type { Expectation, Trust, Verified, WantedArtifact } from './verifier.ts'

/** @param of.bundle bytes of a bundle file, or its JSON value. Never throws on hostile input. */
export function verifyBundle(of: { readonly bundle: unknown; readonly trust: Trust; readonly expect: Expectation }): Verified | EvidenceError {
  if (of.trust.keys.length === 0)
    return new EvidenceError('no-trust', 'no key is trusted, so nothing can be believed; name one under trust.keys or with --key')
  const keys = readKeys(of.trust.keys)
  if (keys instanceof EvidenceError) return keys
  const bundle = readBundle(of.bundle)
  if (bundle instanceof EvidenceError) return bundle
  const signer = whoSigned(bundle, keys)
  if (signer instanceof EvidenceError) return signer
  if (bundle.payloadType !== PAYLOAD_TYPE) return new EvidenceError('wrong-payload-type', `the payload is ${bundle.payloadType}, not ${PAYLOAD_TYPE}`)
  const claim = readClaim(bundle.payload)
  if (claim instanceof EvidenceError) return claim
  const verified: Verified = { ...claim, signer, payload: bundle.payload }
  return disappointment(verified, of.expect) ?? verified
}

/** Where it is not what the caller asked for. */
function disappointment(verified: Verified, expect: Expectation): EvidenceError | undefined {
  if (expect.kinds !== undefined && !expect.kinds.includes(verified.kind))
    return new EvidenceError('wrong-predicate', `${verified.kind} is not expected here, only ${expect.kinds.join(', ')}`)
  const origin = originOf(verified)
  if (expect.repositoryId !== undefined && origin?.repository_id !== expect.repositoryId)
    return new EvidenceError('wrong-repository', `made in repository ${origin?.repository_id ?? 'unknown'}, not ${expect.repositoryId}`)
  if (expect.repository !== undefined && expect.repository.toLowerCase() !== verified.repository?.toLowerCase())
    return new EvidenceError('wrong-repository', `about ${verified.repository ?? 'no repository'}, not ${expect.repository}`)
  const named = verified.kind === 'rollout-event' ? [verified.predicate.sha, verified.predicate.origin.sha] : []
  if (expect.sha !== undefined && verified.commit !== expect.sha && !named.includes(expect.sha))
    return new EvidenceError('wrong-commit', `about ${verified.commit === null ? 'no commit' : `commit ${verified.commit}`}, not ${expect.sha}`)
  for (const { name, sha256: digest } of expect.subjects ?? []) {
    const bound = verified.files.find((file) => file.path === name)
    if (bound === undefined) return new EvidenceError('wrong-subject', `${name} is no subject of the statement`)
    if (bound.sha256 !== digest) return new EvidenceError('wrong-subject', `${name} has SHA-256 ${digest}, the statement says ${bound.sha256}`)
  }
  for (const wanted of expect.artifacts ?? [])
    if (!verified.artifacts.some((artifact) => isSame(artifact, wanted)))
      return new EvidenceError('wrong-subject', `${wanted.sha256 ?? wanted.sha512 ?? 'an artifact without a digest'} is no subject of the statement`)
  return undefined
}

/** At least one algorithm is on both sides, and none of them disagrees. The name is what its maker calls it, so it decides nothing. */
function isSame(artifact: ClaimedArtifact, wanted: WantedArtifact): boolean {
  const both = (['sha256', 'sha512'] as const).filter((algorithm) => artifact[algorithm] !== null && wanted[algorithm] !== undefined)
  return both.length > 0 && both.every((algorithm) => artifact[algorithm] === wanted[algorithm])
}
