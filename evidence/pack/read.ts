/**
 * A pack and the caller's trust in, a report or every error out; needs nothing else, asks nobody, and is bounded on hostile input.
 *
 * Trust comes from the caller alone. What `config.yml` inside the pack names is what the release trusted then; a pack cannot vouch for itself, so it is
 * never used here. Trust may hold several: the jobs' key or workflow that signed the attestations and the App's key that signed the manifest.
 * `packTrust` narrows who may sign the manifest and what only the App states (approvals, decisions, verdicts); without it any of `trust` may.
 *
 * The evidence root is made of every attestation of its kinds in the pack, so a pack holds exactly the statements its gates read. A rollout event is
 * made on the default branch, whose commit a pack cannot know: it is bound by repository, version and the release's commit it names.
 */
import { canonicalize } from '../core/canonical.ts'
import { sha256 } from '../core/digest.ts'
import { Manifest } from '../model/manifest.ts'
import type { EvidenceKind } from '../model/kinds.ts'
import { EvidenceError } from '../verify/error.ts'
import { isBundlePath, JOB_KINDS, missingFile } from '../verify/signed-pack.ts'
import type { Expectation, Trust, Verified } from '../verify/verifier.ts'
import { verifyBundle } from '../verify/verify.ts'
import { index } from './assemble.ts'
import { checkpointOf } from './build.ts'
import { readDocument, readDocuments } from './contents.ts'
import { checkContract, type Requirement } from './contract.ts'
import { PackError, type PackErrorCode } from './error.ts'
import { evidenceRoot } from './evidence-root.ts'
import { checkHistory } from './history.ts'
import { MANIFEST, MANIFEST_SIGNATURE, isLayoutPath, isRead } from './layout.ts'
import { checkListed } from './listed.ts'
import type { Archive } from './archive.ts'
import { PACK_CAPS, scanArchive, scanZip, type Scanned } from './zip.ts'
import type { Digest } from './zip-writer.ts'

export interface PackQuestion {
  readonly zip: Uint8Array
  readonly trust: Trust
  /** Who may sign the manifest and the App's own statements; default: any of `trust`. */
  readonly packTrust?: Trust
  readonly require?: Requirement
  /** The release this pack should be of; a right pack of another release is wrong. */
  readonly expect?: { readonly version?: string; readonly repositoryId?: number; readonly head?: string; readonly previous?: string | null }
}

export interface PackReport {
  /** Of the zip. */
  readonly sha256: string
  readonly manifest: Manifest
  /** Id of the key that signed the manifest. */
  readonly signer: string
  /** Gate -> outcome. */
  readonly gates: Readonly<Record<string, string>>
  readonly decision: 'go' | 'no_go'
  readonly attestations: readonly { readonly path: string; readonly kind: EvidenceKind; readonly digest: string; readonly signer: string }[]
}

export interface PackFault {
  readonly code: PackErrorCode
  /** The entry it is about; empty for the archive as a whole. */
  readonly path: string
  readonly message: string
}

export type PackAnswer = { readonly ok: true; readonly report: PackReport } | { readonly ok: false; readonly errors: readonly PackFault[] }

const MAX_FAULTS = 500

/** Never throws on hostile input. */
export function verifyPack(question: PackQuestion): PackAnswer {
  return judge(scanZip(question.zip, PACK_CAPS, isRead), question)
}

/** As {@link verifyPack}, of an archive that lies anywhere: holds what a check reads, and no more. Throws only what that place throws. */
export async function verifyArchive(question: Omit<PackQuestion, 'zip'> & { readonly archive: Archive }): Promise<PackAnswer> {
  return judge(await scanArchive(question.archive, PACK_CAPS, isRead), question)
}

function judge(scanned: Scanned, question: Omit<PackQuestion, 'zip'>): PackAnswer {
  const { files, entries } = scanned
  const hashes = new Map([...entries].map(([path, entry]) => [path, entry.sha256]))
  const errors: PackError[] = [...scanned.errors]
  const refuse = (): PackAnswer => ({ ok: false, errors: errors.slice(0, MAX_FAULTS).map(({ code, path, message }) => ({ code, path, message })) })
  const manifest = files === null ? null : readManifest(files, errors)
  if (files === null || manifest === null) return refuse()
  const signer = checkSignature(files, manifest, question, errors)
  checkEntries(entries, scanned.before, manifest, errors)
  errors.push(...checkHistory({ files, manifest, keys: (question.packTrust ?? question.trust).keys }))
  const attestations = readAttestations(files, hashes, manifest, question, errors)
  const statements = attestations.map(({ verified }) => verified)
  checkCoverage(entries, manifest, statements, errors)
  const documents = readDocuments(files, errors)
  errors.push(
    ...checkContract({ ...documents, manifest, files, hashes, statements }, question.require),
    ...checkRelease(manifest, question.expect ?? {}),
  )
  if (errors.length > 0 || signer === null || documents.goNoGo === null) return refuse()
  const { gates, decision } = documents.goNoGo
  const signed = attestations.map(({ path, verified }) => ({ path, kind: verified.kind, digest: verified.digest, signer: verified.signer }))
  return { ok: true, report: { sha256: scanned.sha256, manifest, signer, gates, decision, attestations: signed } }
}

function readManifest(files: ReadonlyMap<string, Uint8Array>, errors: PackError[]): Manifest | null {
  const bytes = files.get(MANIFEST)
  if (bytes === undefined) {
    errors.push(new PackError('missing', MANIFEST, 'the pack has no manifest'))
    return null
  }
  const manifest = readDocument(MANIFEST, bytes, Manifest)
  if (!(manifest instanceof PackError)) return manifest
  errors.push(new PackError('manifest', MANIFEST, manifest.message))
  return null
}

function checkSignature(
  files: ReadonlyMap<string, Uint8Array>,
  manifest: Manifest,
  question: Omit<PackQuestion, 'zip'>,
  errors: PackError[],
): string | null {
  const bundle = files.get(MANIFEST_SIGNATURE)
  if (bundle === undefined) {
    errors.push(new PackError('missing', MANIFEST_SIGNATURE, 'the manifest is not signed'))
    return null
  }
  const subjects = [{ name: MANIFEST, sha256: sha256(files.get(MANIFEST) ?? '') }]
  const expect: Expectation = { kinds: ['checkpoint'], repository: manifest.repository, sha: manifest.commits.head, subjects }
  const verified = verifyBundle({ bundle, trust: question.packTrust ?? question.trust, expect })
  const fault = (message: string): null => {
    errors.push(new PackError('signature', MANIFEST_SIGNATURE, `${MANIFEST_SIGNATURE} does not sign this manifest: ${message}`))
    return null
  }
  if (verified instanceof EvidenceError) return fault(verified.message)
  const signedElsewhere = elsewhere(verified, manifest)
  if (signedElsewhere !== undefined) return fault(signedElsewhere.message)
  // Base64 and JSON allow several texts for one signature; only the one is a pack.
  const isOneForm = Buffer.from(canonicalize(JSON.parse(Buffer.from(bundle).toString()))).equals(bundle)
  if (!isOneForm) return fault('the bundle is not canonical JSON')
  if (canonicalize(verified.predicate) !== canonicalize(checkpointOf(manifest))) return fault('its checkpoint says something else')
  return verified.signer
}

/** Every entry is what the manifest lists, and all of them lie as they were packed. */
function checkEntries(entries: ReadonlyMap<string, Digest>, sealed: Digest, manifest: Manifest, errors: PackError[]): void {
  errors.push(...checkListed(entries, manifest))
  // Where a file differs, so do the bytes of the archive: that is said already.
  if (errors.length === 0 && (sealed.sha256 !== manifest.archive.sha256 || sealed.size !== manifest.archive.size))
    errors.push(new PackError('zip-not-canonical', '', 'every file is what was sealed, but not packed as it was sealed: the archive was packed anew'))
}

interface Attestation {
  readonly path: string
  readonly verified: Verified
}

function readAttestations(
  files: ReadonlyMap<string, Uint8Array>,
  hashes: ReadonlyMap<string, string>,
  manifest: Manifest,
  question: Omit<PackQuestion, 'zip'>,
  errors: PackError[],
): Attestation[] {
  const seen = new Set<string>()
  const found: Attestation[] = []
  for (const [path, bytes] of files) {
    if (!isBundlePath(path)) continue
    const byAny = verifyBundle({ bundle: bytes, trust: question.trust, expect: {} })
    const isOfJob = byAny instanceof EvidenceError || JOB_KINDS.some((kind) => kind === byAny.kind)
    const verified = isOfJob ? byAny : verifyBundle({ bundle: bytes, trust: question.packTrust ?? question.trust, expect: {} })
    const fault = verified instanceof EvidenceError ? verified : (misplaced(verified, manifest) ?? missingFile(verified, hashes))
    if (fault !== undefined) errors.push(new PackError('attestation', path, `${path} is not believed: ${fault.message}`, { cause: fault }))
    else if (!(verified instanceof EvidenceError)) {
      if (seen.has(verified.digest)) errors.push(new PackError('attestation', path, `${path} holds a statement that stands in the pack already`))
      seen.add(verified.digest)
      found.push({ path, verified })
    }
  }
  return found
}

/** Was it signed by a job of another repository, whatever its name? A key says nothing of where it was used. */
function elsewhere({ job }: Verified, manifest: Manifest): EvidenceError | undefined {
  if (job === null || job.repositoryId === String(manifest.repository_id)) return undefined
  return new EvidenceError('wrong-repository', `signed by a job of repository ${job.repositoryId}, not of ${manifest.repository_id}`)
}

/** Is the statement of another release? */
function misplaced(verified: Verified, manifest: Manifest): EvidenceError | undefined {
  const signedElsewhere = elsewhere(verified, manifest)
  if (signedElsewhere !== undefined) return signedElsewhere
  if (verified.kind === 'agent-response' || verified.kind === 'self-test' || verified.kind === 'rollout-event') {
    const { origin } = verified.predicate
    if (origin.repository_id !== manifest.repository_id) return new EvidenceError('wrong-repository', `made in repository ${origin.repository_id}`)
  } else if (verified.repository !== manifest.repository) return new EvidenceError('wrong-repository', `about ${verified.repository}`)
  const { head } = manifest.commits
  if (verified.kind === 'rollout-event' && verified.predicate.version !== manifest.version)
    return new EvidenceError('wrong-commit', `about ${verified.predicate.version}`)
  const commit = verified.kind === 'rollout-event' ? verified.predicate.sha : verified.commit
  return commit === head ? undefined : new EvidenceError('wrong-commit', `about commit ${commit}`)
}

/** What the manifest says of coverage and evidence is what the believed statements give; nothing lies in the pack that neither the layout nor a statement knows. */
function checkCoverage(entries: ReadonlyMap<string, Digest>, manifest: Manifest, statements: readonly Verified[], errors: PackError[]): void {
  const given = new Map(index(entries, statements).map((entry) => [entry.path, entry.covered_by]))
  for (const { path, covered_by } of manifest.artifacts) {
    const really = given.get(path)
    if (really === undefined) continue
    if (really !== covered_by)
      errors.push(
        new PackError('manifest', path, `the manifest says that ${path} is covered by ${covered_by ?? 'nothing'}, but it is ${really ?? 'nothing'}`),
      )
    if (really === null && !isLayoutPath(path))
      errors.push(new PackError('unexpected', path, `${path} is no path of a pack, and no believed statement covers it`))
  }
  const root = evidenceRoot(statements)
  if (root !== manifest.evidence_root)
    errors.push(
      new PackError('evidence-root', MANIFEST, `the believed statements have the evidence root ${root}, the manifest says ${manifest.evidence_root}`),
    )
}

function* checkRelease(manifest: Manifest, expect: NonNullable<PackQuestion['expect']>): Iterable<PackError> {
  const pairs: readonly (readonly [string, string | number | null | undefined, string | number | null])[] = [
    ['version', expect.version, manifest.version],
    ['repository id', expect.repositoryId, manifest.repository_id],
    ['head commit', expect.head, manifest.commits.head],
    ['previous pack', expect.previous, manifest.previous],
  ]
  for (const [what, wanted, found] of pairs)
    if (wanted !== undefined && wanted !== found) yield new PackError('wrong-release', MANIFEST, `the ${what} is ${found}, not ${wanted}`)
}
