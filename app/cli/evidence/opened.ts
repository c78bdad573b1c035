/** The files below a folder, as the entries of a pack: regular files under names a pack may have, within a pack's caps. */
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSafePath } from '../../../evidence/core/path.ts'
import { PACK_CAPS } from '../../../evidence/pack/caps.ts'
import { CliError } from '../error.ts'

const NEXT = 'Unzip the pack again, into a folder of its own.'

/** @param folder absolute @param name as the user wrote it @throws CliError `not-found`, `usage` with the file it is about */
export async function openedFolder(folder: string, name: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = await lstat(folder).catch(() => null)
  if (found === null || !found.isDirectory())
    throw new CliError('not-found', `There is no folder ${name}.`, 'Name the folder that a pack was unzipped into.')
  const files = new Map<string, Uint8Array>()
  let bytes = 0
  const walk = async (under: string): Promise<void> => {
    for (const entry of await readdir(join(folder, under), { withFileTypes: true })) {
      const path = under === '' ? entry.name : `${under}/${entry.name}`
      if (entry.isDirectory()) {
        await walk(path)
        continue
      }
      if (!entry.isFile()) throw new CliError('usage', `${path} in ${name} is no file but a link or something else.`, NEXT)
      if (!isSafePath(path)) throw new CliError('usage', `${path} in ${name} has a name that no pack has.`, NEXT)
      const { size } = await lstat(join(folder, path))
      bytes += size
      if (size > PACK_CAPS.entryBytes || bytes > PACK_CAPS.totalBytes || files.size >= PACK_CAPS.entries)
        throw new CliError('usage', `${name} holds more than a pack does: at ${path} it is ${files.size + 1} files and ${bytes} bytes.`, NEXT)
      files.set(path, await readFile(join(folder, path)))
    }
  }
  await walk('')
  return files
}
