/** The same pack again, byte for byte, from its inputs and the signature that was made once (ECDSA signatures are random, so they are an input here). */
import { sha256 } from '../core/digest.ts'
import type { Manifest } from '../model/manifest.ts'
import { assemble, type PackInputs } from './assemble.ts'
import { MANIFEST_SIGNATURE } from './layout.ts'
import { writeZip } from './zip.ts'

export interface BuiltPack {
  readonly zip: Uint8Array
  readonly manifest: Manifest
  /** Of the zip. */
  readonly sha256: string
}

/** @param of.signer id in the manifest @param of.signature bytes of `signatures/manifest.sigstore.json` @throws PackError */
export function rebuildPack(of: PackInputs & { readonly signer: string; readonly signature: Uint8Array }): BuiltPack {
  const { manifest, files } = assemble(of, of.signer)
  const zip = writeZip(new Map([...files, [MANIFEST_SIGNATURE, of.signature]]))
  return { zip, manifest, sha256: sha256(zip) }
}
