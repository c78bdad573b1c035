/**
 * The contract of verification: a bundle in, `Verified` or an `EvidenceError` out. Nothing else turns bytes into evidence.
 *
 * In this order, and the first no ends it: the bundle is strict JSON of one shape with one signature; a key of `trust` made that signature over exactly
 * these bytes, or a job of a workflow of `trust` did; payload type, statement type and predicate type are on a list; the statement and its predicate fit
 * their schemas; the first subject is the repository at a commit, every other one a file with its SHA-256 (of provenance, SBOM and test result: each an
 * artifact with a strong digest); the origin agrees with the subject; everything the caller expects is so.
 *
 * A job is believed by its certificate: issued by an authority of the root, in its certificate log, valid at a trusted time of the signature (a timestamp
 * of the root's authority, or a time the root's transparency log signed); exact workflow and commit of it; GitHub's issuer; `push` or
 * `workflow_dispatch`; a runner that GitHub hosts; and the statement says of its origin what the certificate says. Log entries need proof and checkpoint.
 *
 * Trust is a required argument. With an empty one nothing is believed; it comes from the caller, never from the bundle or the pack.
 */
import type { EvidenceKind } from '../model/kinds.ts'
import type { Job } from './certificate.ts'
import type { Claim } from './claim.ts'

export interface TrustedKey {
  /** As in the config's `trust.keys[].id`. */
  readonly id: string
  /** SPKI PEM, ECDSA P-256 or Ed25519. */
  readonly publicKeyPem: string
}

/** A reusable workflow whose keyless signatures count, at one commit. */
export interface TrustedWorkflow {
  /** `owner/repo/.github/workflows/x.yml` */
  readonly ref: string
  /** Its commit, 40 hex digits. */
  readonly digest: string
  /** Who issues its identities; absent: GitHub Actions of github.com. */
  readonly issuer?: string
}

/** Whose certificates, logs and clocks count: `trusted_root.json` of a Sigstore instance, media type trustedroot v0.1. */
export interface TrustedRoot {
  readonly bytes: Uint8Array
}

export interface Trust {
  readonly keys: readonly TrustedKey[]
  readonly workflows: readonly TrustedWorkflow[]
  /** null: no certificate is believed. */
  readonly root: TrustedRoot | null
}

export interface SubjectFile {
  /** Path inside the pack, as the statement names it. */
  readonly path: string
  readonly sha256: string
}

export interface Expectation {
  /** Kinds that may be believed here; absent: every readable kind. */
  readonly kinds?: readonly EvidenceKind[]
  /** GitHub's numeric id. Of the origin or the certificate; a statement with neither cannot meet it. */
  readonly repositoryId?: number
  /** `owner/name` that the first subject must name. */
  readonly repository?: string
  /** The commit the statement must be about. A rollout event is made on the default branch about the release's commit: either may be asked for. */
  readonly sha?: string
  /** True: a proven entry of a transparency log must be there. */
  readonly logged?: boolean
  /** Files whose bytes have these digests and must be bound by the statement. */
  readonly subjects?: readonly { readonly name: string; readonly sha256: string }[]
  /** For provenance, SBOM and test result: each must be a subject by digest. Without it such a statement is believed about whatever it names. */
  readonly artifacts?: readonly WantedArtifact[]
}

/** An artifact by what its bytes hash to, full length, lower-case hex; at least one. */
export interface WantedArtifact {
  readonly sha256?: string
  readonly sha512?: string
}

/** A statement whose signature, signer, subjects and commit were checked. */
export type Verified = Claim & {
  /** Id of the trusted key, or `owner/repo/.github/workflows/x.yml@<digest>`. */
  readonly signer: string
  /** The verified bytes. */
  readonly payload: Uint8Array
  /** What the certificate says of the job that signed; null for a key. */
  readonly job: Job | null
  /** Earliest trusted time of the signature, milliseconds; null for a key without timestamp. */
  readonly signedAt: number | null
  /** A transparency log holds it, proven against the trusted root. */
  readonly logged: boolean
}
