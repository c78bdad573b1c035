/** A pack's bytes -> what the retention log calls it. It is not verified here: keeping is not believing. */
import { sha256 } from '../core/digest.ts'
import { Manifest } from '../model/manifest.ts'
import { readDocument } from '../pack/contents.ts'
import { PackError } from '../pack/error.ts'
import { MANIFEST } from '../pack/layout.ts'
import { readZip } from '../pack/zip.ts'
import type { PackRef } from './acts.ts'
import { KeepError } from './error.ts'

export function describePack(zip: Uint8Array): { readonly pack: PackRef; readonly manifest: Manifest } | KeepError {
  try {
    const bytes = readZip(zip).get(MANIFEST)
    if (bytes === undefined) return new KeepError('malformed', 'it has no manifest')
    const manifest = readDocument(MANIFEST, bytes, Manifest)
    if (manifest instanceof PackError) return new KeepError('malformed', manifest.message, { cause: manifest })
    const { repository, repository_id, version, seal, previous, sealed_at } = manifest
    return {
      manifest,
      pack: { sha256: sha256(zip), size: zip.length, manifest: sha256(bytes), repository, repository_id, version, seal, previous, sealed_at },
    }
  } catch (cause) {
    if (!(cause instanceof PackError)) throw cause
    return new KeepError('malformed', cause.message, { cause })
  }
}
