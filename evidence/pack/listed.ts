/** Are the files those that a manifest lists? Equal both ways, each with its digest and size, in order. */
import type { Manifest } from '../model/manifest.ts'
import { PackError } from './error.ts'
import { MANIFEST, MANIFEST_SIGNATURE } from './layout.ts'
import type { Digest } from './zip-writer.ts'

/** @param entries every file, the manifest and its signature among them */
export function* checkListed(entries: ReadonlyMap<string, Digest>, manifest: Manifest): Iterable<PackError> {
  const listed = new Set<string>()
  let before = ''
  for (const entry of manifest.artifacts) {
    if (entry.path <= before) yield new PackError('manifest', MANIFEST, `${entry.path} is out of order or stands twice`)
    before = entry.path
    listed.add(entry.path)
    const found = entries.get(entry.path)
    if (found === undefined) yield new PackError('missing', entry.path, `the manifest lists ${entry.path}, which is not in the pack`)
    else if (found.sha256 !== entry.sha256 || found.size !== entry.size)
      yield new PackError('changed', entry.path, `${entry.path} is not what was sealed`)
  }
  for (const path of entries.keys())
    if (!listed.has(path) && path !== MANIFEST && path !== MANIFEST_SIGNATURE)
      yield new PackError('unexpected', path, `${path} is in the pack, but the manifest does not list it`)
}
