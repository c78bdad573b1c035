/** An image layout in one tar (`oci-archive`): the same files. */
import { SbomError } from '../error.ts'
import type { Layout } from './layout.ts'
import { TarReader } from './tar.ts'

const LIMITS = { entries: 10_000, file: 4 * 2 ** 30 }
const PATH = /^(?:oci-layout|index\.json|blobs\/sha256\/[0-9a-f]{64})$/

/** @throws SbomError `image-structure`, `limit` */
export function layoutOfArchive(bytes: Uint8Array): Layout {
  const files = new Map<string, Uint8Array>()
  const reader = new TarReader(
    LIMITS,
    ({ path }) => PATH.test(path),
    ({ path }, content) => {
      if (content === null) return
      if (files.has(path)) throw new SbomError('image-structure', `${path} stands in the archive twice`)
      files.set(path, content)
    },
  )
  reader.push(bytes)
  reader.end()
  return (path) => files.get(path)
}
