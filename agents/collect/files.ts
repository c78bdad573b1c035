/** Reads many files of one commit as text, within limits; a file that cannot be read says why, and the others go on. */
import type { CollectContext } from './collector.ts'
import { CollectError } from './error.ts'
import { blobs, textOf, type TreeEntry } from './git.ts'
import type { ReadFile } from './inputs.supply-chain.ts'

export interface FileLimits {
  /** What they are, for the message: `workflows`. */
  readonly what: string
  readonly files: number
  readonly fileBytes: number
  readonly totalBytes: number
}

/** Code of others that lies in the repository says nothing about this release. */
const VENDORED = /(?:^|\/)(?:node_modules|vendor|third_party)\//

/** A file or a link of the repository's own; submodules are others' repositories. */
export function isOwn(entry: TreeEntry): boolean {
  return entry.type === 'blob' && !VENDORED.test(entry.path)
}

/** Sorted by path. @throws CollectError `too-large` when there are more files than the limit */
export async function readFiles(context: CollectContext, entries: readonly TreeEntry[], limits: FileLimits): Promise<ReadFile[]> {
  if (entries.length > limits.files)
    throw new CollectError(
      'too-large',
      `the commit has ${entries.length} ${limits.what}; at most ${limits.files} are read`,
      `Move ${limits.what} that are not this release's own out of the repository, or below vendor/.`,
    )
  let left = limits.totalBytes
  const chosen = entries
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map((entry) => {
      const why = refusal(entry, limits, left)
      if (why === null) left -= entry.size
      return { entry, why }
    })
  const objects = chosen.filter(({ why }) => why === null).map(({ entry }) => entry.object)
  const read = await blobs(context.workspace, objects, limits.totalBytes)
  let next = 0
  return chosen.map(({ entry: { path }, why }) => {
    if (why !== null) return { path, text: null, why }
    const bytes = read[next++] ?? null
    const text = bytes === null ? null : textOf(bytes)
    return { path, text, why: text === null ? 'it is not UTF-8 text' : null }
  })
}

function refusal(entry: TreeEntry, limits: FileLimits, left: number): string | null {
  if (entry.mode === '120000') return 'it is a symbolic link'
  if (entry.size > limits.fileBytes) return `it has ${entry.size} bytes, more than ${limits.fileBytes}`
  return entry.size > left ? 'the files before it are too large together' : null
}
