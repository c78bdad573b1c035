/** The few file operations the journal needs; tests put a disk without space here. */
import { constants, writev } from 'node:fs'
import { mkdir, open, readdir, rename, rm, truncate } from 'node:fs/promises'

export interface JournalFile {
  /** Writes all of it at the position; when it resolves it is on disk, else it throws. */
  write(buffers: readonly Buffer[], position: number): Promise<void>
  truncate(size: number): Promise<void>
  close(): Promise<void>
}

export interface JournalFiles {
  /** Makes the folder when absent and answers the names in it. */
  list(folder: string): Promise<readonly string[]>
  /** A new file; its name is synced to the folder. */
  create(folder: string, name: string): Promise<JournalFile>
  /** Up to `length` bytes; fewer only at the end of the file. */
  read(path: string, position: number, length: number): Promise<Buffer>
  cut(path: string, size: number): Promise<void>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
}

/** Where the kernel syncs what it writes, that is one call instead of two; elsewhere an own call does it, which on macOS alone reaches the disk. */
const SYNCED = process.platform === 'linux' ? constants.O_DSYNC : 0

export const disk: JournalFiles = {
  async list(folder) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return readdir(folder)
  },
  async create(folder, name) {
    const file = await open(`${folder}/${name}`, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | SYNCED, 0o600)
    const directory = await open(folder, 'r')
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
    return {
      async write(buffers, position) {
        let rest = buffers
        for (let at = position; ;) {
          const written = await writeOnce(file.fd, rest, at)
          if (rest.reduce((sum, { length }) => sum + length, 0) === written) break
          rest = [Buffer.concat(rest).subarray(written)]
          at += written
        }
        if (SYNCED === 0) await file.datasync()
      },
      truncate: (size) => file.truncate(size),
      close: () => file.close(),
    }
  },
  async read(path, position, length) {
    const file = await open(path, 'r')
    try {
      const bytes = Buffer.allocUnsafe(length)
      let filled = 0
      while (filled < length) {
        const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return bytes.subarray(0, filled)
    } finally {
      await file.close()
    }
  },
  cut: (path, size) => truncate(path, size),
  rename,
  remove: (path) => rm(path, { force: true }),
}

/** Without a copy. Answers how many bytes were written, which may be fewer. */
async function writeOnce(fd: number, buffers: readonly Buffer[], position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    writev(fd, buffers, position, (error, written) => (error === null ? resolve(written) : reject(error)))
  })
}
