/** A folder on disk as a map of files and back: regular files only, bounded, no links. */
import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isSafePath } from '../../evidence/core/path.ts'
import { ActionError } from './error.ts'

export const FOLDER_LIMITS = { files: 6000, bytes: 128 * 1024 * 1024 } as const

/** Relative path -> bytes. @throws ActionError `no-handover`, `bad-handover` */
export async function readFolder(
  folder: string,
  limits: typeof FOLDER_LIMITS | { files: number; bytes: number } = FOLDER_LIMITS,
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  let bytes = 0
  const visit = async (below: string): Promise<void> => {
    for (const name of (await readdir(join(folder, below))).toSorted()) {
      const path = below === '' ? name : `${below}/${name}`
      const found = await lstat(join(folder, path))
      if (found.isDirectory()) {
        await visit(path)
        continue
      }
      if (!found.isFile() || !isSafePath(path))
        throw new ActionError('bad-handover', `${JSON.stringify(path.slice(0, 200))} is not a plain file with a safe path.`)
      bytes += found.size
      if (files.size >= limits.files || bytes > limits.bytes)
        throw new ActionError('bad-handover', `The hand-over holds more than ${limits.files} files or ${limits.bytes} bytes.`)
      files.set(path, await readFile(join(folder, path)))
    }
  }
  await visit('').catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw new ActionError('no-handover', `There is no folder ${folder}.`, { cause })
    throw cause
  })
  return files
}

export async function writeFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), bytes, { flag: 'wx' })
  }
}
