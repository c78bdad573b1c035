/**
 * PGlite's files on disk, with commits that survive a power cut. As shipped (0.5.16) PGlite starts PostgreSQL with `-F` (fsync off), and its
 * Emscripten file system has no fsync operation, so nothing is ever synced. This adds the operation and starts PostgreSQL with fsync on;
 * `wal_sync_method=fsync`, because Emscripten's fdatasync does nothing. Measured: one sync per commit, 0.3 ms more each on a local disk.
 *
 * After a crash PostgreSQL syncs each of its 2,000 files before it recovers, though this process has written none of them yet. One `sync -f` of the
 * whole file system at the opening does the same at once; where there is no such command each file is synced.
 */
import { spawnSync } from 'node:child_process'
import { fdatasyncSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'

interface EmscriptenStream {
  readonly nfd?: number
  readonly path?: string
}
interface StreamOperations {
  fsync?: (stream: EmscriptenStream) => number
  write: (stream: EmscriptenStream, ...rest: unknown[]) => number
}
interface EmscriptenModule {
  readonly NODEFS: { readonly stream_ops: StreamOperations }
}

/** `onSync` is called after each sync; tests count with it. */
export class SyncedFiles extends NodeFS {
  readonly #onSync: () => void
  constructor(directory: string, onSync: () => void = () => {}) {
    super(directory)
    this.#onSync = onSync
  }

  override async init(...args: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const made = await super.init(...args)
    const addSync = (module: unknown): void => {
      const { stream_ops: operations } = (module as EmscriptenModule).NODEFS
      let untouched = spawnSync('sync', ['-f', this.rootDir], { stdio: 'ignore', timeout: 10_000 }).status === 0
      const { write } = operations
      operations.write = (stream, ...rest) => {
        if (stream.path?.endsWith('/postmaster.pid') !== true) untouched = false
        return write(stream, ...rest)
      }
      operations.fsync = (stream) => {
        if (untouched) return 0
        if (stream.nfd !== undefined) fdatasyncSync(stream.nfd)
        this.#onSync()
        return 0
      }
    }
    const before = made.emscriptenOpts.preRun ?? []
    made.emscriptenOpts.preRun = [...(Array.isArray(before) ? before : [before]), addSync]
    return made
  }
}

/** PostgreSQL's start parameters for durable commits. */
export function durableStart(): string[] {
  return [...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'), '-c', 'fsync=on', '-c', 'wal_sync_method=fsync']
}
