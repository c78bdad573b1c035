/** The files of an opened pack -> the very pack they are from, byte for byte, with its signature; or every reason why they are not one any more. */
import { differences } from '../core/difference.ts'
import { sha256 } from '../core/digest.ts'
import { ConsistencyFile } from '../ledger/consistency.ts'
import { LedgerError } from '../ledger/error.ts'
import { readLedger } from '../ledger/lines.ts'
import { Manifest } from '../model/manifest.ts'
import type { BuiltPack } from './build.ts'
import { readDocument } from './contents.ts'
import { PackError } from './error.ts'
import { CHECKPOINT, CONSISTENCY, HIGHLIGHTS, LEDGER, MANIFEST, MANIFEST_SIGNATURE } from './layout.ts'
import { checkListed } from './listed.ts'
import { rebuildPack } from './rebuild.ts'

const MADE: ReadonlySet<string> = new Set([MANIFEST, MANIFEST_SIGNATURE, LEDGER, CHECKPOINT, CONSISTENCY, HIGHLIGHTS])

/** Whether the signature holds is not asked here: that needs a key, and `verifyPack`. @param files by path, the manifest and its signature among them */
export async function packAgain(files: ReadonlyMap<string, Uint8Array>): Promise<BuiltPack | readonly PackError[]> {
  const manifest = documentOf(files, MANIFEST, Manifest)
  if (manifest instanceof PackError) return [manifest]
  const entries = new Map([...files].map(([path, bytes]) => [path, { sha256: sha256(bytes), size: bytes.length }]))
  const faults = [...checkListed(entries, manifest)]
  const signature = files.get(MANIFEST_SIGNATURE)
  if (signature === undefined) faults.push(new PackError('missing', MANIFEST_SIGNATURE, 'the manifest is not signed'))
  if (faults.length > 0 || signature === undefined) return faults
  try {
    const built = await rebuildPack({ ...inputsOf(files, manifest), signer: manifest.signer, signature })
    const other = otherThan(manifest, built.manifest)
    return other === null ? built : [other]
  } catch (error) {
    if (error instanceof PackError) return [error]
    if (error instanceof LedgerError) return [new PackError('ledger', LEDGER, error.message, { cause: error })]
    throw error
  }
}

/** @throws PackError, LedgerError */
function inputsOf(files: ReadonlyMap<string, Uint8Array>, manifest: Manifest): Omit<Parameters<typeof rebuildPack>[0], 'signer' | 'signature'> {
  const proofs = documentOf(files, CONSISTENCY, ConsistencyFile)
  if (proofs instanceof PackError) throw proofs
  const { version, seal, repository, repository_id, commits, outcome, evidence_root, previous, sealed_at, keep } = manifest
  return {
    version,
    seal,
    repository,
    repositoryId: repository_id,
    commits,
    outcome,
    files: new Map([...files].filter(([path]) => !MADE.has(path))),
    ledger: readLedger(files.get(LEDGER) ?? new Uint8Array()).entries,
    checkpoint: files.get(CHECKPOINT) ?? new Uint8Array(),
    anchors: proofs.from.map(({ proof: _proof, ...anchor }) => anchor),
    evidenceRoot: evidence_root,
    previous,
    sealedAt: sealed_at,
    ...(keep === undefined ? {} : { keep }),
  }
}

/** The first thing in which the manifest that was made again is another. */
function otherThan(given: Manifest, made: Manifest): PackError | null {
  const { archive: _given, packer, ...rest } = given
  const { archive: _made, packer: here, ...remade } = made
  const [first] = differences(rest, remade, '')
  if (first !== undefined)
    return new PackError('manifest', MANIFEST, `what the files give is not what it says: ${first.field} is ${first.recomputed}, not ${first.packed}`)
  if (differences(packer, here).length > 0)
    return new PackError(
      'zip-not-canonical',
      '',
      `every file is what was sealed, but it was packed with zlib ${packer.zlib} at level ${packer.level}, and here is zlib ${here.zlib} at level ${here.level}: take the Node that the App ran on`,
    )
  return differences(given.archive, made.archive).length > 0
    ? new PackError('manifest', MANIFEST, 'every file is what was sealed, and packing them gives another archive than it says')
    : null
}

function documentOf<Value>(
  files: ReadonlyMap<string, Uint8Array>,
  path: string,
  schema: Parameters<typeof readDocument<Value>>[2],
): Value | PackError {
  const bytes = files.get(path)
  return bytes === undefined ? new PackError('missing', path, `there is no ${path}`) : readDocument(path, bytes, schema)
}
