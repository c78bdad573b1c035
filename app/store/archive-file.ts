/** Archives on a disk: read through one window that is used again and again, written piece after piece, whole or not at all. */
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import type { Archive } from '../../evidence/pack/archive.ts'
import type { Sink } from '../../evidence/pack/zip-writer.ts'

const WINDOW = 4 * 1024 * 1024

/** Opens a file for reading, gives it away, and closes it whatever happens. @throws what the disk throws, such as ENOENT */
export async function withArchive<Answer>(path: string, use: (archive: Archive) => Promise<Answer>): Promise<Answer> {
  const file = await open(path, 'r')
  try {
    return await use(await archiveIn(file))
  } finally {
    await file.close()
  }
}

async function archiveIn(file: FileHandle): Promise<Archive> {
  const { size } = await file.stat()
  let window = Buffer.alloc(0)
  let [start, end] = [0, 0]
  return {
    size,
    async read(from, to) {
      const wanted = Math.min(to, size)
      if (from < start || wanted > end) {
        const length = Math.min(size - from, Math.max(WINDOW, wanted - from))
        if (length <= 0) return new Uint8Array()
        if (window.length < length) window = Buffer.allocUnsafe(length)
        const { bytesRead } = await file.read(window, 0, length, from)
        ;[start, end] = [from, from + bytesRead]
      }
      return window.subarray(from - start, Math.min(wanted, end) - start)
    },
  }
}

/** Writes to a name of its own, syncs, and only then gives the file its name. When `write` throws, nothing is left. */
export async function writeWhole<Answer>(path: string, write: (sink: Sink) => Promise<Answer>): Promise<Answer> {
  // A name of its own: two processes may write the same file after a crash.
  const fresh = `${path}.${process.pid}.new`
  const file = await open(fresh, 'w', 0o644)
  try {
    const answer = await write({
      async write(pieces) {
        const { bytesWritten } = await file.writev([...pieces])
        const size = pieces.reduce((sum, piece) => sum + piece.length, 0)
        // A full disk may take a part; the rest then says so.
        if (bytesWritten < size) await file.writeFile(Buffer.concat(pieces).subarray(bytesWritten))
      },
    })
    await file.sync()
    await file.close()
    await rename(fresh, path)
    return answer
  } catch (error) {
    await file.close().catch(() => {})
    await rm(fresh, { force: true })
    throw error
  }
}
