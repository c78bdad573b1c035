/** Files that are there whole or not at all, and survive a power cut: written under another name, synced, renamed, the folder synced. */
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StorageError } from './error.ts'
import { MAX_ITEM } from './keeper.ts'

export async function writeSynced(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  // A name of its own: two processes may write the same thing after a crash.
  const fresh = `${path}.${process.pid}.new`
  const file = await open(fresh, 'w', 0o600)
  try {
    await file.writeFile(bytes)
    await file.chmod(mode)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(fresh, path)
  await syncFolder(dirname(path))
}

/** A name is on disk, or off it, only when its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** False when it was not there. */
export async function removeSynced(path: string): Promise<boolean> {
  try {
    await rm(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  await syncFolder(dirname(path))
  return true
}

/** null: no such file. @throws StorageError `too-large` */
export async function readWhole(path: string, max = MAX_ITEM): Promise<Uint8Array | null> {
  try {
    const { size } = await stat(path)
    if (size > max) throw new StorageError('too-large', `${path} has ${size} bytes; at most ${max} are read`)
    return new Uint8Array(await readFile(path))
  } catch (error) {
    if (error instanceof StorageError || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return null
  }
}

/** What a disk says, as an error of ours. */
export function diskError(error: unknown, what: string): StorageError {
  if (error instanceof StorageError) return error
  const code = (error as NodeJS.ErrnoException).code ?? 'error'
  return new StorageError('unreachable', `${what} failed (${code}). Look at the disk, its space and its owner.`, { cause: error })
}
