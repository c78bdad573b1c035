/** Where sealed packs lie on disk: written whole or not at all, so that a file that is there is a pack. */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** What a pack is of: two repositories may both release v2.0.0. */
export interface Sealed {
  readonly repository: { readonly owner: string; readonly name: string }
  readonly version: string
}

export interface PackFiles {
  /** `<owner>/<name>/release/<version>/evidence.zip`, and `evidence-1.zip` for seal 1. */
  path(release: Sealed, seal: 1 | 2): string
  /** Synced before it gets its name. */
  write(path: string, bytes: Uint8Array): Promise<void>
  /** null when there is none. */
  read(path: string): Promise<Uint8Array | null>
}

export function packFiles(folder: string): PackFiles {
  return {
    path: ({ repository, version }, seal) =>
      join(folder, repository.owner, repository.name, 'release', version, seal === 2 ? 'evidence.zip' : 'evidence-1.zip'),
    async write(path, bytes) {
      await mkdir(dirname(path), { recursive: true })
      // A name of its own: two processes may seal the same release after a crash.
      const fresh = `${path}.${process.pid}.new`
      const file = await open(fresh, 'w', 0o644)
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(fresh, path)
    },
    async read(path) {
      try {
        return await readFile(path)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
        throw error
      }
    },
  }
}
