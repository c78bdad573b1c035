/** Where sealed packs lie on disk: written whole or not at all, so that a file that is there is a pack, and each under a name that no other pack gets. */
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** What a pack is of: two repositories may both release v2.0.0. */
export interface Sealed {
  readonly repository: { readonly owner: string; readonly name: string }
  readonly version: string
}

export interface PackFiles {
  /** `<owner>/<name>/release/<version>/evidence-<n>-<beginning of its digest>.zip`. @param seal number in the chain of packs */
  path(release: Sealed, seal: number, sha256: string): string
  /** Paths of all packs of this version with this number: one, but for several pull requests of one version, or an attempt that died. */
  list(release: Sealed, seal: number): Promise<readonly string[]>
  /** `…/evidence.zip` beside them: the newest pack of a rollout that has ended. */
  newest(release: Sealed): string
  /** The newest is this one from now on. @param path of a pack of this release */
  point(release: Sealed, path: string): Promise<void>
  /** Synced before it gets its name. */
  write(path: string, bytes: Uint8Array): Promise<void>
  /** null when there is none. */
  read(path: string): Promise<Uint8Array | null>
}

export function packFiles(folder: string): PackFiles {
  const folderOf = ({ repository, version }: Sealed): string => join(folder, repository.owner, repository.name, 'release', version)
  const newest = (release: Sealed): string => join(folderOf(release), 'evidence.zip')
  return {
    path: (release, seal, sha256) => join(folderOf(release), `evidence-${seal}-${sha256.slice(0, 16)}.zip`),
    async list(release, seal) {
      const names = await readdir(folderOf(release)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return []
        throw error
      })
      return names
        .filter((name) => name.startsWith(`evidence-${seal}-`) && name.endsWith('.zip'))
        .toSorted()
        .map((name) => join(folderOf(release), name))
    },
    newest,
    async point(release, path) {
      const fresh = freshName(newest(release))
      await rm(fresh, { force: true })
      // Not every file system links.
      await link(path, fresh).catch(() => copyFile(path, fresh))
      await rename(fresh, newest(release))
      // Where both names were one file already, renaming leaves both.
      await rm(fresh, { force: true })
    },
    async write(path, bytes) {
      await mkdir(dirname(path), { recursive: true })
      const fresh = freshName(path)
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

/** A name of its own: two processes may seal the same release after a crash. */
function freshName(path: string): string {
  return `${path}.${process.pid}.new`
}
