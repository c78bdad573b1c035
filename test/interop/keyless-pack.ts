/**
 * A pack as an operator with Sigstore makes it: what jobs state is signed keyless, each by the run that its origin names; the manifest by the App's key, with
 * a timestamp; and the signature of the manifest stands in the log.
 */
import { buildPack, type BuiltPack } from '../../evidence/pack/build.ts'
import { MANIFEST, MANIFEST_SIGNATURE, TRUSTED_ROOT } from '../../evidence/pack/layout.ts'
import { readZip } from '../../evidence/pack/zip.ts'
import { localKeySigner } from '../../evidence/sign/local-key.ts'
import type { Signer } from '../../evidence/sign/signer.ts'
import { keylessSigner, timestampWitness } from '../../evidence/sign/sigstore.ts'
import { bundleBytes } from '../../evidence/sign/statement.ts'
import { enterLog } from '../../evidence/sign/transparency.ts'
import { payloadOf } from '../../evidence/verify/bundle.ts'
import { originOf, readClaim } from '../../evidence/verify/claim.ts'
import { EvidenceError } from '../../evidence/verify/error.ts'
import { goldenInputs } from '../evidence/pack/golden.ts'
import { KEYS, origin } from '../evidence/verify/statements.ts'
import type { SigstoreServers } from './sigstore-servers.ts'

/** Of every job's certificate here. */
export const WORKFLOW = { ref: 'release-conductor/release-conductor/.github/workflows/conduct.yml', digest: 'c'.repeat(40) }

/** The identity of every job, as the origins of the pack name it. */
export const SIGNED_BY = `https://github.com/${origin().signer_workflow}`

export interface KeylessPack extends BuiltPack {
  readonly manifestBytes: Uint8Array
  /** The signature of the manifest with its entry in the log: `evidence.sigstore.json`. */
  readonly logged: Uint8Array
}

export interface KeylessOf {
  /** What signs the manifest; default: the App's key, with a timestamp. */
  readonly by?: Signer
  /** What the tokens of the jobs claim otherwise. */
  readonly claims?: Readonly<Record<string, string>>
}

export async function keylessPack(servers: SigstoreServers, { by = appKey(servers), claims = {} }: KeylessOf = {}): Promise<KeylessPack> {
  const inputs = await goldenInputs()
  const files = new Map(inputs.files).set(TRUSTED_ROOT, servers.trustedRoot)
  for (const [path, bytes] of inputs.files)
    if (path.startsWith('attestations/') && bytes instanceof Uint8Array) files.set(path, await resigned(servers, bytes, claims))
  const built = await buildPack({ ...inputs, files, signer: by })
  const read = readZip(built.zip)
  const bundle: unknown = JSON.parse(Buffer.from(read.get(MANIFEST_SIGNATURE) ?? '').toString())
  const log = { url: servers.rekor, version: 2, root: servers.trustedRoot } as const
  const logged = bundleBytes(await enterLog({ log, bundle, publicKeyPem: KEYS.publicKeyPem }))
  return { ...built, manifestBytes: read.get(MANIFEST) ?? new Uint8Array(), logged }
}

/** The App's, with a timestamp beside each signature. */
function appKey({ tsa }: SigstoreServers): Signer {
  return localKeySigner({ id: 'demo', privateKeyPem: KEYS.privateKeyPem }, [timestampWitness(tsa)])
}

/** A job whose token has these claims over those of a usual one. */
export function job(servers: SigstoreServers, claims: Readonly<Record<string, string>> = {}): Signer {
  return keylessSigner({ identity: async () => servers.token(claims), fulcioUrl: servers.fulcio, tsaUrl: servers.tsa })
}

/** A bundle of a job, signed anew by the run that made it; one of the App stays as it is. */
async function resigned(servers: SigstoreServers, bytes: Uint8Array, over: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const payload = payloadOf(bytes)
  const claim = payload instanceof EvidenceError ? payload : readClaim(payload)
  if (payload instanceof EvidenceError || claim instanceof EvidenceError) throw new Error('a bundle of the pack holds no statement')
  const made = originOf(claim)
  if (made === undefined) return bytes
  const { sha, ref, event, workflow, signer_workflow, signer_digest, run_id, run_attempt } = made
  const claims = {
    sha,
    ref,
    event_name: event,
    workflow_ref: workflow,
    workflow_sha: sha,
    job_workflow_ref: signer_workflow,
    job_workflow_sha: signer_digest,
    run_id: String(run_id),
    run_attempt: String(run_attempt),
    ...over,
  }
  return bundleBytes(await job(servers, claims).sign(payload))
}
