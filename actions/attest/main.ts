/**
 * Signs what the unprivileged job handed over, after checking it: the artifact's digest, every file, every entry. It never runs anything of the adopter.
 */
import { localKeySigner } from '../../evidence/sign/local-key.ts'
import { keylessSigner, SIGSTORE_AUDIENCE } from '../../evidence/sign/sigstore.ts'
import type { Signer } from '../../evidence/sign/signer.ts'
import { bundleBytes, statementBytes } from '../../evidence/sign/statement.ts'
import type { Origin } from '../../evidence/model/statement.ts'
import { EvidenceError } from '../../evidence/verify/error.ts'
import { trustOf } from '../../evidence/verify/trust.ts'
import type { Trust } from '../../evidence/verify/verifier.ts'
import { verifyBundle } from '../../evidence/verify/verify.ts'
import { ActionError } from '../lib/error.ts'
import { readHandover } from '../lib/artifact.ts'
import { writeFolder } from '../lib/folder.ts'
import { checkHandover } from '../lib/handover.ts'
import { AUDIENCE, originOf } from '../lib/origin.ts'
import type { RunFacts } from '../lib/run-facts.ts'
import { statementsOf, type Accept } from '../lib/statements.ts'

export interface AttestInputs {
  /** The hand-over as a folder; or, with `artifactDigest`, the zip of its artifact, or a folder that holds only that zip. */
  readonly path: string
  /** SHA-256 of the zip, 64 hex digits with or without `sha256:`; null for a folder made in this very job. */
  readonly artifactDigest: string | null
  readonly accept: Accept
  /** PEM, or cosign's encrypted form; null: keyless. */
  readonly signingKey: string | null
  /** Of an encrypted key. */
  readonly signingKeyPassword: string | null
  /** Where keyless signing gets its certificate and its timestamps; null: Sigstore's public instance. */
  readonly fulcioUrl: string | null
  readonly tsaUrl: string | null
  /** `trusted_root.json` as text: what is signed is verified with it, as the App will; null: it is not. */
  readonly trustedRoot: string | null
  /** Folder to write; must not hold the files yet. */
  readonly out: string
  readonly facts: RunFacts
  /** The job's identity token for an audience, null when the job has none. */
  readonly identity: (audience: string) => Promise<string | null>
}

export interface Attested {
  /** `keyless`, or `key`. */
  readonly how: 'keyless' | 'key'
  /** Paths of the bundles. */
  readonly bundles: readonly string[]
  readonly files: number
}

/** @throws ActionError, or SignError; nothing is written then */
export async function run(inputs: AttestInputs): Promise<Attested> {
  const { signer, audience } = signerOf(inputs)
  const checked = checkHandover(await readHandover(inputs.path, inputs.artifactDigest))
  const origin = originOf(inputs.facts, await inputs.identity(audience))
  const signed = new Map(checked.files)
  const bundles: string[] = []
  const trust = trustIn(inputs, signer, origin)
  for (const { path, statement } of statementsOf(checked, origin, inputs.accept)) {
    const bundle = bundleBytes(await signer.sign(statementBytes(statement)))
    if (trust !== null) check(path, bundle, trust, origin)
    signed.set(path, bundle)
    bundles.push(path)
  }
  await writeFolder(inputs.out, signed)
  return { how: inputs.signingKey === null ? 'keyless' : 'key', bundles, files: checked.files.size }
}

/** What must believe this job: its own key, or this very workflow at its commit. */
function trustIn({ trustedRoot }: AttestInputs, signer: Signer, origin: Origin): Trust | null {
  if (trustedRoot === null) return null
  const root = { bytes: Buffer.from(trustedRoot) }
  if ('publicKeyPem' in signer) return trustOf({ keys: [{ id: signer.id, publicKeyPem: String(signer.publicKeyPem) }], root })
  return trustOf({ workflows: [{ ref: origin.signer_workflow.split('@')[0] ?? '', digest: origin.signer_digest }], root })
}

/** Better no evidence than such that nobody will believe. */
function check(path: string, bundle: Uint8Array, trust: Trust, origin: Origin): void {
  const answer = verifyBundle({ bundle, trust, expect: { repositoryId: origin.repository_id } })
  if (answer instanceof EvidenceError)
    throw new ActionError('not-believed', `${path} was signed and does not verify (${answer.code}: ${answer.message}). Nothing was written.`, {
      cause: answer,
    })
}

/** The token that gets the certificate also says where the statement is made, so that the two cannot differ. */
function signerOf(inputs: AttestInputs): { readonly signer: Signer; readonly audience: string } {
  const { signingKey, signingKeyPassword, fulcioUrl, tsaUrl } = inputs
  if (signingKey !== null)
    return {
      signer: localKeySigner({ id: 'local', privateKeyPem: signingKey, password: signingKeyPassword ?? undefined }),
      audience: AUDIENCE,
    }
  const signer = keylessSigner({
    identity: () => inputs.identity(SIGSTORE_AUDIENCE),
    ...(fulcioUrl === null ? {} : { fulcioUrl }),
    ...(tsaUrl === null ? {} : { tsaUrl }),
  })
  return { signer, audience: SIGSTORE_AUDIENCE }
}
