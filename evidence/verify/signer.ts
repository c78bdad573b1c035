/** From a bundle to the trusted name behind it: a key of the caller's list, or a job of a trusted workflow. */
import { readJob, type Job } from './certificate.ts'
import type { SigstoreBundle } from './bundle.ts'
import { EvidenceError } from './error.ts'
import { whoRan } from './identity.ts'
import { checkSignature, type Question } from './sigstore.ts'
import { keysOf, rootOf } from './trust.ts'
import type { Trust } from './verifier.ts'

export interface Signature {
  /** Id of the trusted key, or `owner/repo/.github/workflows/x.yml@<digest>`. */
  readonly signer: string
  /** What the certificate says of the job; null for a key. */
  readonly job: Job | null
  /** Earliest trusted time, milliseconds; null when nothing says. */
  readonly at: number | null
  readonly logged: boolean
}

type Terms = Pick<Question, 'mustBeLogged' | 'now'>

export function whoSigned(bundle: SigstoreBundle, trust: Trust, terms: Terms): Signature | EvidenceError {
  const keys = keysOf(trust)
  if (keys instanceof EvidenceError) return keys
  const root = rootOf(trust)
  if (root instanceof EvidenceError) return root
  if ('hint' in bundle.signer) {
    const trusted = keys.get(bundle.signer.hint)
    if (trusted === undefined)
      return new EvidenceError('untrusted-signer', `signed with a key that is not trusted (hint ${bundle.signer.hint || 'absent'})`)
    const signed = checkSignature({ bundle, root, key: trusted.key, ...terms })
    return signed instanceof EvidenceError ? signed : { signer: trusted.id, job: null, at: signed.at, logged: signed.logged }
  }
  if (trust.workflows.length === 0)
    return new EvidenceError('untrusted-signer', 'the bundle is signed with a certificate, and no workflow is trusted to have one')
  const signed = checkSignature({ bundle, root, ...terms })
  if (signed instanceof EvidenceError) return signed
  const job = readJob(signed.extensions)
  if (job instanceof EvidenceError) return job
  const signer = whoRan(job, trust.workflows)
  return signer instanceof EvidenceError ? signer : { signer, job, at: signed.at, logged: signed.logged }
}
