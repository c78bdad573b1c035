/** How a tree of Git holds its files: a program that is written anew stays one, and what is no file is not written over. */
import { z } from 'zod'
import { ApplyError } from './error.ts'
import type { Hub } from './hub.ts'

const Tree = z.looseObject({
  truncated: z.boolean().optional(),
  tree: z.array(z.looseObject({ path: z.string(), mode: z.string(), type: z.string(), sha: z.string() })),
})
type Entry = z.infer<typeof Tree>['tree'][number]

export type FileMode = '100644' | '100755'

/**
 * @param tree the root, 40 hex digits
 * @returns the mode that each path has there, or that of a plain file where there is none yet
 * @throws ApplyError `stale` for a folder, a link or a submodule; `unreadable` when GitHub lists not all of a folder
 */
export async function modesOf(hub: Hub, tree: string, paths: readonly string[]): Promise<ReadonlyMap<string, FileMode>> {
  const folders = new Map<string, readonly Entry[]>()
  const entriesOf = async (sha: string): Promise<readonly Entry[]> => {
    const known = folders.get(sha)
    if (known !== undefined) return known
    const read = await hub.read(`/git/trees/${sha}`, Tree)
    if (read === null || read.truncated === true)
      throw new ApplyError('unreadable', `GitHub lists not all of the folder ${sha}`, 'Write the file by hand.')
    folders.set(sha, read.tree)
    return read.tree
  }
  const modes = new Map<string, FileMode>()
  for (const path of paths) modes.set(path, await modeOf(entriesOf, tree, path))
  return modes
}

async function modeOf(entriesOf: (sha: string) => Promise<readonly Entry[]>, tree: string, path: string): Promise<FileMode> {
  const parts = path.split('/')
  let folder = tree
  for (const [at, part] of parts.entries()) {
    const entry = (await entriesOf(folder)).find((one) => one.path === part)
    if (entry === undefined) return '100644'
    const isLast = at === parts.length - 1
    if (isLast && entry.type === 'blob' && (entry.mode === '100644' || entry.mode === '100755')) return entry.mode
    if (isLast || entry.type !== 'tree')
      throw new ApplyError('stale', `${parts.slice(0, at + 1).join('/')} is no ${isLast ? 'file' : 'folder'}`, 'Plan again.')
    folder = entry.sha
  }
  return '100644'
}
