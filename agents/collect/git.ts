/** Reads Git objects of a workspace. No hooks, no pager, no replaced objects, no working files, no quoting of names. */
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { CollectError } from './error.ts'

const FULL_HISTORY = 'Check out the repository with its full history (actions/checkout with `fetch-depth: 0`).'

/** What git is given beside its arguments. */
export interface GitGiven {
  /** Its standard input. */
  readonly input?: string
  /** More variables. */
  readonly more?: Readonly<Record<string, string>>
}

/** `git <args>` -> its standard output. @param maxBytes refuse more. @throws CollectError `git-failed` | `too-large` */
export function git(workspace: string, args: readonly string[], maxBytes: number, { input = '', more = {} }: GitGiven = {}): Promise<Buffer> {
  const options = ['--no-replace-objects', '--no-pager', '-c', `safe.directory=${workspace}`, '-c', 'core.quotePath=false', '-C', workspace]
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    LC_ALL: 'C',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    ...more,
  }
  return new Promise((resolve, reject) => {
    const child = execFile(
      'git',
      [...options, ...args],
      { env: environment, encoding: 'buffer', maxBuffer: maxBytes, timeout: 120_000 },
      (error, stdout, stderr) => {
        if (error === null) return resolve(stdout)
        if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
          const why = `git ${args[0]} gave more than ${maxBytes} bytes`
          return reject(new CollectError('too-large', why, 'Make the release smaller.', { cause: error }))
        }
        const said = stderr.toString('utf8').trim().slice(0, 500) || error.message
        reject(new CollectError('git-failed', `git ${args[0]}: ${said}`, FULL_HISTORY, { cause: error }))
      },
    )
    // One that has ended takes no more of it; why it ended is told above.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}

async function commit(workspace: string, name: string): Promise<string | null> {
  try {
    return (await git(workspace, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`], 1000)).toString('utf8').trim()
  } catch (error) {
    if (error instanceof CollectError && error.code === 'git-failed') return null
    throw error
  }
}

/** The base branch as it was fetched (else a local branch of that name, for the command line) -> its commit. @throws CollectError `commit-absent` */
export async function baseCommit(workspace: string, base: string): Promise<string> {
  const found = (await commit(workspace, `refs/remotes/origin/${base}`)) ?? (await commit(workspace, `refs/heads/${base}`))
  if (found === null) throw new CollectError('commit-absent', `the base branch ${base} is not in the checkout`, FULL_HISTORY)
  return found
}

const MAX_LIST_BYTES = 32 << 20

/**
 * What a release is compared with: the base branch, or, once that has the release, what it was just before the merge. A branch that was only moved
 * forward tells no such commit; then it is the base as it is, and nothing lies between the two. @throws CollectError
 */
export async function comparedCommit(workspace: string, base: string, head: string): Promise<string> {
  const tip = await baseCommit(workspace, base)
  const list = async (...args: readonly string[]): Promise<readonly string[]> =>
    (await git(workspace, ['rev-list', ...args, '--'], MAX_LIST_BYTES))
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
  if ((await list('--max-count=1', `${tip}..${head}`)).length > 0) return tip
  const after = new Set(await list('--ancestry-path', `${head}..${tip}`))
  const merge = (await list('--first-parent', `${head}..${tip}`)).findLast((commit) => after.has(commit))
  const before = merge === undefined ? null : await commit(workspace, `${merge}^1`)
  return before === null || before === head ? tip : before
}

/** @throws CollectError `commit-absent` */
export async function headCommit(workspace: string, sha: string): Promise<string> {
  const found = await commit(workspace, sha)
  if (found !== sha) throw new CollectError('commit-absent', `commit ${sha} is not in the checkout`, FULL_HISTORY)
  return found
}

export interface TreeEntry {
  readonly mode: string
  readonly type: string
  readonly object: string
  readonly size: number
  readonly path: string
}

/** Commits never change, so the walk of one serves every collector. The newest few are kept: head, base and what lies between. */
const WALKED = new Map<string, Promise<readonly TreeEntry[]>>()
const MOST_WALKED = 4

/** All files of a commit, sorted by Git; walked once. @throws CollectError */
export function tree(workspace: string, sha: string): Promise<readonly TreeEntry[]> {
  const name = `${workspace}\0${sha}`
  const known = WALKED.get(name) ?? walk(workspace, sha)
  WALKED.delete(name)
  WALKED.set(name, known)
  for (const oldest of [...WALKED.keys()].slice(0, -MOST_WALKED)) WALKED.delete(oldest)
  known.catch(() => WALKED.delete(name))
  return known
}

async function walk(workspace: string, sha: string): Promise<TreeEntry[]> {
  const listing = (await git(workspace, ['ls-tree', '-r', '-l', '-z', sha], 64 << 20)).toString('utf8')
  const entries: TreeEntry[] = []
  for (const line of listing.split('\0')) {
    const match = /^(\d{6}) (\w+) ([0-9a-f]{40,64}) +(\d+|-)\t([\s\S]+)$/.exec(line)
    if (match === null) continue
    const [, mode = '', type = '', object = '', size = '', path = ''] = match
    entries.push({ mode, type, object, size: size === '-' ? 0 : Number(size), path })
  }
  return entries
}

/** Bytes of one file -> text; null when they are not UTF-8. @throws CollectError */
export async function blobText(workspace: string, object: string, maxBytes: number): Promise<string | null> {
  return textOf(await git(workspace, ['cat-file', 'blob', object], maxBytes + 1))
}

/**
 * Bytes of many files by one process, in the order asked; null for an object that is not there. @param maxBytes of all together
 * @throws CollectError
 */
export async function blobs(workspace: string, objects: readonly string[], maxBytes: number): Promise<(Buffer | null)[]> {
  if (objects.length === 0) return []
  const answer = await git(workspace, ['cat-file', '--batch'], maxBytes + objects.length * 100, { input: `${objects.join('\n')}\n` })
  const found: (Buffer | null)[] = []
  for (let at = 0; at < answer.length && found.length < objects.length;) {
    const end = answer.indexOf(10, at)
    const size = /^[0-9a-f]+ blob (\d+)$/.exec(answer.toString('latin1', at, end))?.[1]
    found.push(size === undefined ? null : answer.subarray(end + 1, end + 1 + Number(size)))
    at = end + 1 + (size === undefined ? 0 : Number(size) + 1)
  }
  return found
}

/**
 * Paths of a commit whose text has a line for every pattern (extended regular expressions); binary files have none. @param paths Git pathspecs
 * @throws CollectError
 */
export async function filesWith(workspace: string, sha: string, patterns: readonly string[], paths: readonly string[]): Promise<string[]> {
  const asked = ['grep', '-l', '-z', '-I', '-E', '--all-match', '--full-name', ...patterns.flatMap((pattern) => ['-e', pattern]), sha, '--', ...paths]
  const list = await git(workspace, asked, 16 << 20).catch((error: unknown) => {
    // Git ends with 1, and says nothing, when there is no such file.
    const cause: unknown = error instanceof CollectError ? error.cause : undefined
    if (cause instanceof Error && 'code' in cause && cause.code === 1) return Buffer.alloc(0)
    throw error
  })
  return list
    .toString('utf8')
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => line.slice(sha.length + 1))
}

/** Bytes -> text; null when they are not UTF-8, or hold what no text holds. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.includes('\0') ? null : text
  } catch {
    return null
  }
}

/** The files of a commit, written into a folder that is made. The checkout and its index stay as they are. @throws CollectError */
export async function checkoutInto(workspace: string, sha: string, folder: string): Promise<void> {
  await mkdir(folder)
  const directory = (await git(workspace, ['rev-parse', '--absolute-git-dir'], 1 << 16)).toString('utf8').trim()
  const there = { GIT_INDEX_FILE: `${folder}.index`, GIT_DIR: directory, GIT_WORK_TREE: folder }
  await git(workspace, ['read-tree', sha], 1 << 20, { more: there })
  await git(workspace, ['checkout-index', '--all', '--quiet', `--prefix=${folder}/`], 1 << 20, { more: there })
}
