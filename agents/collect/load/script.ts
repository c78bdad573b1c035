/**
 * The script of k6 with what lies in its folder, as the base branch has it: a change does not soften its own load. All that a run can read is laid out, and
 * the digest is of all of that, so two runs with one digest asked the same. What releases write there themselves (baseline, trend) is left out.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { digestOf, sha256 } from '../../../evidence/core/digest.ts'
import type { PerfPolicy } from '../../../evidence/model/config/perf.ts'
import type { Blocked, CollectContext } from '../collector.ts'
import { CollectError } from '../error.ts'
import { blocked } from '../gate-settings.ts'
import { blobs, tree, type TreeEntry } from '../git.ts'

const MOST_FILES = 500
const ALL_BYTES = 16 << 20

export interface Script {
  /** Inside the repository. */
  readonly path: string
  readonly sha256: string
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[]
}

/** @param commit of the base branch @throws CollectError `too-large` */
export async function scriptOf(
  context: CollectContext,
  commit: string,
  path: string,
  { baseline, trend }: Pick<PerfPolicy, 'baseline' | 'trend'>,
): Promise<Script | { readonly blocked: Blocked }> {
  const below = `${dirname(path)}/`
  const entries = (await tree(context.workspace, commit)).filter(
    (entry) => entry.path.startsWith(below) && entry.path !== baseline && entry.path !== trend && isPlain(entry),
  )
  if (!entries.some((entry) => entry.path === path))
    return blocked(
      'the script of the load',
      `${context.base} has no regular file ${path}`,
      'Merge it into the base branch, or name another one under `gates.perf.script`.',
    )
  const size = entries.reduce((sum, entry) => sum + entry.size, 0)
  if (entries.length > MOST_FILES || size > ALL_BYTES)
    throw new CollectError(
      'too-large',
      `${below} holds ${entries.length} files of ${size} bytes; at most ${MOST_FILES} of ${ALL_BYTES} are laid out for k6`,
      'Keep the script of the load in a folder of its own.',
    )
  const objects = entries.map(({ object }) => object)
  const read = await blobs(context.workspace, objects, ALL_BYTES)
  const files = entries.flatMap((entry, at) => {
    const bytes = read[at]
    return bytes == null ? [] : [{ path: entry.path, bytes }]
  })
  return { path, sha256: digestOf(files.map((file) => ({ path: file.path, sha256: sha256(file.bytes) }))), files }
}

function isPlain({ mode, path, type }: TreeEntry): boolean {
  return type === 'blob' && mode !== '120000' && !path.split('/').some((part) => part === '' || part === '.' || part === '..')
}

export async function layOut({ files }: Script, folder: string): Promise<void> {
  for (const { path, bytes } of files) {
    const at = join(folder, path)
    await mkdir(dirname(at), { recursive: true })
    await writeFile(at, bytes)
  }
}
