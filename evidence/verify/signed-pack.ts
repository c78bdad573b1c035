/**
 * The signed artifact of a job (SPEC part 13, How a response reaches the App): bundles under `attestations/`, and the files they cover. Each bundle is
 * believed or rejected by itself; a file that nothing believed covers is rejected. Never throws on hostile input.
 */
import { sha256 } from '../core/digest.ts'
import { isSafePath } from '../core/path.ts'
import type { EvidenceKind } from '../model/kinds.ts'
import { coverage } from './claim.ts'
import { EvidenceError, type EvidenceErrorCode } from './error.ts'
import type { Predicate } from './predicates.ts'
import type { Expectation, Trust, Verified } from './verifier.ts'
import { verifyBundle } from './verify.ts'

/** The kinds a job may state. What the App decides is never believed from a job. */
export const JOB_KINDS = ['agent-response', 'self-test', 'rollout-event'] as const satisfies readonly EvidenceKind[]
type JobKind = (typeof JOB_KINDS)[number]

export type BelievedStatement = Extract<Predicate, { kind: JobKind }> & {
  readonly digest: string
  readonly signer: string
  readonly bundlePath: string
  /** Paths of this artifact's files that the statement covers, as subjects or as the inputs it cites. */
  readonly files: readonly string[]
}

export interface RejectedFile {
  readonly path: string
  readonly code: EvidenceErrorCode
  readonly message: string
}

const BUNDLE = /^attestations\/[A-Za-z0-9._-]+\.sigstore\.json$/

/** Is this the path of a bundle? */
export function isBundlePath(path: string): boolean {
  return BUNDLE.test(path)
}

/** @param of.expect normally `{ repositoryId, sha }`; kinds are narrowed to {@link JOB_KINDS} @param of.now milliseconds; what was signed after it is rejected */
export function verifySignedPack(of: {
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly trust: Trust
  readonly expect: Expectation
  readonly now?: number
}): {
  readonly believed: readonly BelievedStatement[]
  readonly rejected: readonly RejectedFile[]
} {
  const { files, trust, expect } = of
  const believed: BelievedStatement[] = []
  const rejected: RejectedFile[] = []
  const kinds = JOB_KINDS.filter((kind) => expect.kinds?.includes(kind) ?? true)
  const hashes = new Map([...files].map(([path, bytes]) => [path, sha256(bytes)]))
  const covered = new Set<string>()
  for (const [path, bytes] of [...files].filter(([path]) => path.startsWith('attestations/')).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const read = isBundlePath(path)
      ? verifyBundle({ bundle: bytes, trust, expect: { ...expect, kinds }, ...(of.now === undefined ? {} : { now: of.now }) })
      : new EvidenceError('malformed', 'only <kind>-<topic>.sigstore.json may stand under attestations/')
    const answer = read instanceof EvidenceError ? read : believe(read, path, hashes, believed)
    if (answer instanceof EvidenceError) rejected.push({ path, code: answer.code, message: answer.message })
    else {
      believed.push(answer)
      for (const file of answer.files) covered.add(file)
    }
  }
  for (const path of files.keys()) {
    if (path.startsWith('attestations/') || covered.has(path)) continue
    const message = isSafePath(path) ? 'no believed statement covers this file' : 'the path is not a safe relative path'
    rejected.push({ path, code: 'not-covered', message })
  }
  return { believed, rejected }
}

function believe(
  verified: Verified,
  bundlePath: string,
  hashes: ReadonlyMap<string, string>,
  believed: readonly BelievedStatement[],
): BelievedStatement | EvidenceError {
  const { kind } = verified
  if (kind !== 'agent-response' && kind !== 'self-test' && kind !== 'rollout-event')
    return new EvidenceError('wrong-predicate', `a job cannot state a ${kind}`)
  const twin = believed.find((other) => other.digest === verified.digest)
  if (twin !== undefined) return new EvidenceError('duplicate', `the same statement as ${twin.bundlePath}`)
  const missing = missingFile(verified, hashes)
  if (missing !== undefined) return missing
  const files = coverage(verified)
    .filter((file) => hashes.get(file.path) === file.sha256)
    .map((file) => file.path)
  const { digest, signer, predicate } = verified
  return { kind, predicate, digest, signer, bundlePath, files } as BelievedStatement
}

/** The first subject that is absent or has other bytes. @param hashes path -> SHA-256 of what is really there */
export function missingFile(verified: Pick<Verified, 'files'>, hashes: ReadonlyMap<string, string>): EvidenceError | undefined {
  for (const { path, sha256: digest } of verified.files) {
    const found = hashes.get(path)
    if (found === undefined) return new EvidenceError('wrong-subject', `the statement covers ${path}, which is not there`)
    if (found !== digest) return new EvidenceError('wrong-subject', `${path} has SHA-256 ${found}, the statement says ${digest}`)
  }
  return undefined
}
