/** Files and facts -> manifest and everything in the pack but the signature. Pure: the same inputs give the same bytes. */
import { canonicalize } from '../core/canonical.ts'
import { sha256 } from '../core/digest.ts'
import { isSafePath } from '../core/path.ts'
import { checkChain, type LedgerEntry } from '../ledger/chain.ts'
import { writeLedger } from '../ledger/lines.ts'
import { Manifest, type ManifestEntry } from '../model/manifest.ts'
import { payloadOf } from '../verify/bundle.ts'
import { coverage, readClaim, type Claim } from '../verify/claim.ts'
import { EvidenceError } from '../verify/error.ts'
import { isBundlePath } from '../verify/signed-pack.ts'
import { firstIssues } from '../verify/predicates.ts'
import { PackError } from './error.ts'
import { evidenceRoot } from './evidence-root.ts'
import { LEDGER, MANIFEST, MANIFEST_SIGNATURE } from './layout.ts'

export interface PackInputs {
  readonly version: string
  /** 1: what the first promotion rests on; 2: at 100 %, or after the way back. */
  readonly seal: 1 | 2
  /** `owner/name` */
  readonly repository: string
  readonly repositoryId: number
  readonly commits: { readonly base: string; readonly head: string }
  readonly outcome: Manifest['outcome']
  /** Everything but the manifest, its signature and the ledger, by path. */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly ledger: readonly LedgerEntry[]
  /** As the decision was shown; must be what the attestations in `files` give. */
  readonly evidenceRoot: string
  /** SHA-256 of the pack this one follows. */
  readonly previous: string | null
  /** UTC, ISO 8601 with milliseconds. */
  readonly sealedAt: string
  /** How long it must be kept; `evidence/keep/policy.ts` says so. */
  readonly keep?: Manifest['keep']
}

export interface Assembled {
  readonly manifest: Manifest
  readonly manifestBytes: Uint8Array
  /** All files but the signature. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** @param signer id of who will sign @throws PackError */
export function assemble(inputs: PackInputs, signer: string): Assembled {
  for (const path of [MANIFEST, MANIFEST_SIGNATURE, LEDGER])
    if (inputs.files.has(path)) throw new PackError('unexpected', path, `${path} is made here and cannot be given`)
  const odd = [...inputs.files.keys()].find((path) => !isSafePath(path))
  if (odd !== undefined) throw new PackError('zip-name', odd.slice(0, 300), `${JSON.stringify(odd.slice(0, 100))} is not a safe relative path`)
  const chain = checkChain(inputs.ledger)
  if ('brokenAt' in chain) throw new PackError('ledger', LEDGER, `the ledger breaks at entry ${chain.brokenAt}: ${chain.why}`)
  const claims = [...inputs.files].filter(([path]) => isBundlePath(path)).map(([path, bytes]) => claimOf(path, bytes))
  const root = evidenceRoot(claims)
  if (root !== inputs.evidenceRoot)
    throw new PackError('evidence-root', '', `the attestations given have the evidence root ${root}, the decision was shown ${inputs.evidenceRoot}`)
  const files = new Map([...inputs.files, [LEDGER, writeLedger(inputs.ledger)]])
  const parsed = Manifest.safeParse({
    schema_version: 1,
    version: inputs.version,
    seal: inputs.seal,
    repository: inputs.repository,
    repository_id: inputs.repositoryId,
    commits: inputs.commits,
    outcome: inputs.outcome,
    artifacts: index(files, claims),
    ledger: { root: chain.root, entries: inputs.ledger.length },
    evidence_root: root,
    signer,
    previous: inputs.previous,
    log: [],
    sealed_at: inputs.sealedAt,
    ...(inputs.keep === undefined ? {} : { keep: inputs.keep }),
  })
  if (!parsed.success) throw new PackError('manifest', MANIFEST, `the manifest would not fit its schema: ${firstIssues(parsed.error)}`)
  const manifestBytes = Buffer.from(canonicalize(parsed.data))
  return { manifest: parsed.data, manifestBytes, files: new Map([...files, [MANIFEST, manifestBytes]]) }
}

/** The manifest's list: every file, sorted by path, with the statement that covers it (the first by digest, when several do). */
export function index(files: ReadonlyMap<string, Uint8Array>, claims: readonly Claim[]): ManifestEntry[] {
  const covering = new Map<string, string>()
  for (const claim of claims.toSorted((a, b) => (a.digest < b.digest ? -1 : 1)))
    for (const file of coverage(claim)) {
      const key = `${file.path} ${file.sha256}`
      if (!covering.has(key)) covering.set(key, claim.digest)
    }
  return [...files]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, bytes]) => {
      const digest = sha256(bytes)
      return { path, sha256: digest, size: bytes.length, covered_by: covering.get(`${path} ${digest}`) ?? null }
    })
}

function claimOf(path: string, bytes: Uint8Array): Claim {
  const payload = payloadOf(bytes)
  const claim = payload instanceof EvidenceError ? payload : readClaim(payload)
  if (claim instanceof EvidenceError) throw new PackError('attestation', path, `${path} cannot go into a pack: ${claim.message}`, { cause: claim })
  return claim
}
