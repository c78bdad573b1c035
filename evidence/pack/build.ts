/** Seals a pack: one manifest over every file, one signature over the manifest. */
import { sha256 } from '../core/digest.ts'
import type { Manifest } from '../model/manifest.ts'
import type { Signer } from '../sign/signer.ts'
import { bundleBytes, statementBytes, statementOf } from '../sign/statement.ts'
import type { CheckpointPredicate } from '../verify/predicates.ts'
import { assemble, type Assembled, type PackInputs } from './assemble.ts'
import { MANIFEST } from './layout.ts'
import { memorySink, type Sink } from './zip-writer.ts'

export interface BuiltPack {
  readonly zip: Uint8Array
  readonly manifest: Manifest
  /** Of the zip. */
  readonly sha256: string
}

/**
 * Reproducible from its inputs except for the signature; `rebuildPack` takes that as an input. Verify the answer with `verifyPack` before publishing it.
 * @throws PackError when the files contradict each other or cannot be packed
 */
export async function buildPack(of: PackInputs & { readonly signer: Signer }): Promise<BuiltPack> {
  const sink = memorySink()
  const { manifest, sha256: digest } = await writePack(of, sink)
  return { zip: sink.bytes(), manifest, sha256: digest }
}

/** As {@link buildPack}, piece after piece: of the files, no more than a window is held. */
export async function writePack(of: PackInputs & { readonly signer: Signer }, sink: Sink): Promise<Assembled> {
  const { signer } = of
  return assemble(
    of,
    { id: signer.id, sign: async (manifest, bytes) => bundleBytes(await signer.sign(statementBytes(sealOf(manifest, bytes)))) },
    sink,
  )
}

function sealOf(manifest: Manifest, bytes: Uint8Array): unknown {
  return statementOf('checkpoint', checkpointOf(manifest), {
    repository: manifest.repository,
    commit: manifest.commits.head,
    files: [{ path: MANIFEST, sha256: sha256(bytes) }],
  })
}

/** The predicate that signs a manifest: a checkpoint of the ledger, so that the signature alone already anchors the history it closes. */
export function checkpointOf(manifest: Manifest): CheckpointPredicate {
  const { version, seal, ledger, tree, evidence_root, previous, sealed_at } = manifest
  return { schema_version: 1, version, seal, ledger, tree, evidence_root, previous, at: sealed_at }
}
