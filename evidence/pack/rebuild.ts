/** The same pack again, byte for byte, from its inputs and the signature that was made once (ECDSA signatures are random, so they are an input here). */
import { assemble, type PackInputs } from './assemble.ts'
import type { BuiltPack } from './build.ts'
import { memorySink } from './zip-writer.ts'

/** @param of.signer id in the manifest @param of.signature bytes of `signatures/manifest.sigstore.json` @throws PackError */
export async function rebuildPack(of: PackInputs & { readonly signer: string; readonly signature: Uint8Array }): Promise<BuiltPack> {
  const sink = memorySink()
  const { manifest, sha256 } = await assemble(of, { id: of.signer, sign: () => Promise.resolve(of.signature) }, sink)
  return { zip: sink.bytes(), manifest, sha256 }
}
