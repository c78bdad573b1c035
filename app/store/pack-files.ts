/** Where sealed packs lie on disk: written whole or not at all, so that a file that is there is a pack. */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface PackFiles {
  /** `release/<version>/evidence.zip`, and `evidence-1.zip` for seal 1. */
  path(version: string, seal: 1 | 2): string
  /** Synced before it gets its name. */
  write(path: string, bytes: Uint8Array): Promise<void>
  /** null when there is none. */
  read(path: string): Promise<Uint8Array | null>
}

export function packFiles(folder: string): PackFiles {
  return {
    path: (version, seal) => join(folder, 'release', version, seal === 2 ? 'evidence.zip' : 'evidence-1.zip'),
    async write(path, bytes) {
      await mkdir(dirname(path), { recursive: true })
      const file = await open(`${path}.new`, 'w', 0o644)
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(`${path}.new`, path)
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
