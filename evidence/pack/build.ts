/** Seals a pack: one manifest over every file, one signature over the manifest. */
import { sha256 } from '../core/digest.ts'
import type { Manifest } from '../model/manifest.ts'
import type { Signer } from '../sign/signer.ts'
import { bundleBytes, statementBytes, statementOf } from '../sign/statement.ts'
import type { CheckpointPredicate } from '../verify/predicates.ts'
import { assemble, type PackInputs } from './assemble.ts'
import { MANIFEST, MANIFEST_SIGNATURE } from './layout.ts'
import type { BuiltPack } from './rebuild.ts'
import { writeZip } from './zip.ts'

/**
 * Reproducible from its inputs except for the signature; `rebuildPack` takes that as an input. Verify the answer with `verifyPack` before publishing it.
 * @throws PackError when the files contradict each other or cannot be packed
 */
export async function buildPack(of: PackInputs & { readonly signer: Signer }): Promise<BuiltPack> {
  const { manifest, manifestBytes, files } = assemble(of, of.signer.id)
  const statement = statementOf('checkpoint', checkpointOf(manifest), {
    repository: manifest.repository,
    commit: manifest.commits.head,
    files: [{ path: MANIFEST, sha256: sha256(manifestBytes) }],
  })
  const signature = bundleBytes(await of.signer.sign(statementBytes(statement)))
  const zip = writeZip(new Map([...files, [MANIFEST_SIGNATURE, signature]]))
  return { zip, manifest, sha256: sha256(zip) }
}

/** The predicate that signs a manifest: a checkpoint of the ledger, so that the signature alone already anchors the history it closes. */
export function checkpointOf(manifest: Manifest): CheckpointPredicate {
  const { version, seal, ledger, tree, evidence_root, previous, sealed_at } = manifest
  return { schema_version: 1, version, seal, ledger, tree, evidence_root, previous, at: sealed_at }
}
