/** Files and facts -> a pack, in one pass: the files, the manifest that lists what was written, what signs it. The same inputs give the same bytes. */
import { canonicalize } from '../core/canonical.ts'
import { isSafePath } from '../core/path.ts'
import { checkChain, type LedgerEntry } from '../ledger/chain.ts'
import { checkpointAt, checkpointText, originOf, treeOfLines } from '../ledger/checkpoint.ts'
import { proveGrowth, type Anchor } from '../ledger/consistency.ts'
import { LedgerError } from '../ledger/error.ts'
import { writeHighlights } from '../ledger/highlights.ts'
import { writeLedger } from '../ledger/lines.ts'
import { payloadOf } from '../verify/bundle.ts'
import { readNote } from '../ledger/note.ts'
import { Manifest, type ManifestEntry, type Tree } from '../model/manifest.ts'
import { coverage, readClaim, type Claim } from '../verify/claim.ts'
import { EvidenceError } from '../verify/error.ts'
import { isBundlePath } from '../verify/signed-pack.ts'
import { firstIssues } from '../verify/predicates.ts'
import { PACKER } from './deflate.ts'
import { PackError } from './error.ts'
import { evidenceRoot } from './evidence-root.ts'
import { CHECKPOINT, CONSISTENCY, HIGHLIGHTS, LEDGER, MANIFEST, MANIFEST_SIGNATURE } from './layout.ts'
import { zipWriter, type Digest, type Sink, type Source } from './zip-writer.ts'

export interface PackInputs {
  readonly version: string
  /** Number in the chain of the release's packs, from 1. */
  readonly seal: number
  /** `owner/name` */
  readonly repository: string
  readonly repositoryId: number
  readonly commits: { readonly base: string; readonly head: string }
  readonly outcome: Manifest['outcome']
  /** Everything but the manifest, its signature and what is made of the ledger, by path. */
  readonly files: ReadonlyMap<string, Source>
  readonly ledger: readonly LedgerEntry[]
  /** The signed checkpoint of this very ledger (`signedPosition`). */
  readonly checkpoint: Uint8Array
  /** Earlier positions of the ledger that somebody else keeps, the pack before this one among them. */
  readonly anchors: readonly Anchor[]
  /** As the decision was shown; must be what the attestations in `files` give. */
  readonly evidenceRoot: string
  /** SHA-256 of the pack this one follows. */
  readonly previous: string | null
  /** UTC, ISO 8601 with milliseconds. */
  readonly sealedAt: string
  /** How long it must be kept; `evidence/keep/policy.ts` says so. */
  readonly keep?: Manifest['keep']
}

/** What signs a manifest. */
export interface Sealer {
  /** As the manifest names it. */
  readonly id: string
  /** @returns bytes of `signatures/manifest.sigstore.json` */
  sign(manifest: Manifest, bytes: Uint8Array): Promise<Uint8Array>
}

export interface Assembled extends Digest {
  readonly manifest: Manifest
}

/** @throws PackError when the files contradict each other or cannot be packed; what the sink got until then is no pack */
export async function assemble(inputs: PackInputs, sealer: Sealer, sink: Sink): Promise<Assembled> {
  for (const path of [MANIFEST, MANIFEST_SIGNATURE, LEDGER, CHECKPOINT, CONSISTENCY, HIGHLIGHTS])
    if (inputs.files.has(path)) throw new PackError('unexpected', path, `${path} is made here and cannot be given`)
  const odd = [...inputs.files.keys()].find((path) => !isSafePath(path))
  if (odd !== undefined) throw new PackError('zip-name', odd.slice(0, 300), `${JSON.stringify(odd.slice(0, 100))} is not a safe relative path`)
  const chain = checkChain(inputs.ledger)
  if ('brokenAt' in chain) throw new PackError('ledger', LEDGER, `the ledger breaks at entry ${chain.brokenAt}: ${chain.why}`)
  const files = new Map<string, Source>([...inputs.files, [LEDGER, writeLedger(inputs.ledger)]])
  const claims: Claim[] = []
  for (const [path, source] of inputs.files) {
    if (!isBundlePath(path)) continue
    const bytes = typeof source === 'function' ? await source() : source
    claims.push(claimOf(path, bytes))
    files.set(path, bytes)
  }
  const root = evidenceRoot(claims)
  if (root !== inputs.evidenceRoot)
    throw new PackError('evidence-root', '', `the attestations given have the evidence root ${root}, the decision was shown ${inputs.evidenceRoot}`)
  const { tree, made } = history(inputs)
  for (const [path, bytes] of made) files.set(path, bytes)
  const writer = zipWriter(sink)
  const written = await writer.add(files)
  const parsed = Manifest.safeParse({
    schema_version: 1,
    version: inputs.version,
    seal: inputs.seal,
    repository: inputs.repository,
    repository_id: inputs.repositoryId,
    commits: inputs.commits,
    outcome: inputs.outcome,
    artifacts: index(new Map(written.map((entry) => [entry.path, entry])), claims),
    archive: writer.digest(),
    packer: PACKER,
    ledger: { root: chain.root, entries: inputs.ledger.length },
    tree,
    evidence_root: root,
    signer: sealer.id,
    previous: inputs.previous,
    log: [],
    sealed_at: inputs.sealedAt,
    ...(inputs.keep === undefined ? {} : { keep: inputs.keep }),
  })
  if (!parsed.success) throw new PackError('manifest', MANIFEST, `the manifest would not fit its schema: ${firstIssues(parsed.error)}`)
  const manifestBytes = Buffer.from(canonicalize(parsed.data))
  const signature = await sealer.sign(parsed.data, manifestBytes)
  await writer.store(MANIFEST, manifestBytes)
  await writer.store(MANIFEST_SIGNATURE, signature)
  return { manifest: parsed.data, ...(await writer.end()) }
}

/** The ledger as a Merkle log, and the files that are made of it. */
function history({ ledger, checkpoint, anchors }: PackInputs): { readonly tree: Tree; readonly made: readonly (readonly [string, Uint8Array])[] } {
  const lines = writeLedger(ledger)
  const tree = treeOfLines(lines)
  const position = checkpointAt(originOf(ledger[0]?.release ?? ''), tree)
  let path = CHECKPOINT
  try {
    if (readNote(checkpoint).text !== checkpointText(position)) throw new LedgerError('fork', 0, 'the checkpoint given is not of the ledger given')
    path = CONSISTENCY
    const proofs = proveGrowth(position.origin, tree, anchors)
    const made = [
      [LEDGER, lines],
      [CHECKPOINT, checkpoint],
      [CONSISTENCY, proofs],
      [HIGHLIGHTS, writeHighlights(ledger, tree)],
    ] as const
    return { tree: position, made }
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause
    throw new PackError('ledger', path, cause.message, { cause })
  }
}

/** The manifest's list: every file, sorted by path, with the statement that covers it (the first by digest, when several do). */
export function index(files: ReadonlyMap<string, Digest>, claims: readonly Claim[]): ManifestEntry[] {
  const covering = new Map<string, string>()
  for (const claim of claims.toSorted((a, b) => (a.digest < b.digest ? -1 : 1)))
    for (const file of coverage(claim)) {
      const key = `${file.path} ${file.sha256}`
      if (!covering.has(key)) covering.set(key, claim.digest)
    }
  return [...files]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, { sha256, size }]) => ({ path, sha256, size, covered_by: covering.get(`${path} ${sha256}`) ?? null }))
}

function claimOf(path: string, bytes: Uint8Array): Claim {
  const payload = payloadOf(bytes)
  const claim = payload instanceof EvidenceError ? payload : readClaim(payload)
  if (claim instanceof EvidenceError) throw new PackError('attestation', path, `${path} cannot go into a pack: ${claim.message}`, { cause: claim })
  return claim
}
