/** The Rego of one commit, as bytes, with the data and tests that lie beside it. */
import { sha256 } from '../../../evidence/core/digest.ts'
import type { CollectContext } from '../collector.ts'
import { CollectError } from '../error.ts'
import { blobs, git, tree, type TreeEntry } from '../git.ts'
import type { PolicySet } from '../inputs.policies.ts'

export interface SourceFile {
  readonly path: string
  /** Below the folder. */
  readonly within: string
  readonly bytes: Uint8Array
}

export interface Sources {
  readonly commit: string
  /** Git's tree object of the folder. */
  readonly tree: string | null
  readonly files: readonly SourceFile[]
  readonly listed: PolicySet['sources']
}

const MOST_FILES = 500
const FILE_BYTES = 1 << 20
const ALL_BYTES = 8 << 20
/** What `opa --bundle` reads of a folder. */
const READ = /(?:\.rego|(?:^|\/)data\.(?:json|ya?ml))$/

export function isRego(entry: TreeEntry): boolean {
  return entry.type === 'blob' && entry.path.endsWith('.rego')
}

/** @throws CollectError */
export async function sourcesOf(context: CollectContext, commit: string, folder: string): Promise<Sources> {
  const below = `${folder.replace(/\/+$/, '')}/`
  const found = (await tree(context.workspace, commit)).filter(({ path, type }) => path.startsWith(below) && READ.test(path) && type === 'blob')
  if (found.length > MOST_FILES)
    throw new CollectError(
      'too-large',
      `${folder} holds ${found.length} files of policy; at most ${MOST_FILES} are read`,
      'Keep the policy in fewer files.',
    )
  let left = ALL_BYTES
  const chosen = found.map((entry) => {
    const problem = refusal(entry, left)
    if (problem === null) left -= entry.size
    return { entry, problem }
  })
  const wanted = chosen.filter(({ problem }) => problem === null)
  const bytes = await blobs(
    context.workspace,
    wanted.map(({ entry }) => entry.object),
    ALL_BYTES,
  )
  const files = wanted.flatMap(({ entry: { path } }, at): SourceFile[] => {
    const read = bytes[at]
    return read == null ? [] : [{ path, within: path.slice(below.length), bytes: read }]
  })
  const digests = new Map(files.map((file) => [file.path, sha256(file.bytes)]))
  return {
    commit,
    tree: found.length === 0 ? null : await treeOf(context.workspace, commit, folder),
    files,
    listed: chosen.map(({ entry: { path }, problem }) => ({ path, sha256: digests.get(path) ?? null, problem })),
  }
}

function refusal(entry: TreeEntry, left: number): string | null {
  if (entry.mode === '120000') return 'it is a symbolic link'
  if (entry.path.split('/').some((part) => part === '' || part === '.' || part === '..')) return 'its path leads out of the folder'
  if (entry.size > FILE_BYTES) return `it has ${entry.size} bytes, more than ${FILE_BYTES}`
  return entry.size > left ? 'the files before it are too large together' : null
}

async function treeOf(workspace: string, commit: string, folder: string): Promise<string> {
  return (await git(workspace, ['rev-parse', '--verify', '--end-of-options', `${commit}:${folder}`], 1000)).toString('utf8').trim()
}
