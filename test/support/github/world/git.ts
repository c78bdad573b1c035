/** The git CLI over bare repositories. Objects are immutable, so what a commit says is remembered by its id. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { DoubleError } from './error.ts'

export interface Person {
  readonly name: string
  readonly email: string
  readonly date: string
}

export interface CommitInfo {
  readonly sha: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: Person
  readonly committer: Person
  readonly message: string
}

export interface FileChange {
  readonly path: string
  readonly previous: string | null
  readonly status: 'added' | 'removed' | 'modified' | 'renamed'
  readonly sha: string
  readonly additions: number
  readonly deletions: number
}

interface Options {
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
}

interface Outcome {
  readonly code: number
  readonly out: Buffer
  readonly err: string
}

/** Runs git without the user's configuration. */
export const tryGit = async (cwd: string, args: readonly string[], options: Options = {}): Promise<Outcome> =>
  await new Promise((resolve, reject) => {
    const child = spawn('git', args, {
      cwd,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: '/nonexistent',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_TERMINAL_PROMPT: '0',
        ...options.env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, out: Buffer.concat(out), err: Buffer.concat(err).toString() }))
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input)
  })

export const git = async (cwd: string, args: readonly string[], options: Options = {}): Promise<string> => {
  const outcome = await tryGit(cwd, args, options)
  if (outcome.code !== 0) throw new DoubleError('git', `git ${args.join(' ')} in ${cwd} ended with ${outcome.code}: ${outcome.err.trim()}`)
  return outcome.out.toString().replace(/\n$/, '')
}

const HEX = /^[0-9a-f]{40}$/

/** Remembers what two object ids have to do with each other: it never changes. */
const remembered = <T>(work: (gitDir: string, a: string, b: string) => Promise<T>): ((gitDir: string, a: string, b: string) => Promise<T>) => {
  const kept = new Map<string, Promise<T>>()
  return async (gitDir, a, b) => {
    if (!HEX.test(a) || !HEX.test(b)) return await work(gitDir, a, b)
    const key = `${gitDir} ${a} ${b}`
    let found = kept.get(key)
    if (!found) {
      found = work(gitDir, a, b)
      found.catch(() => kept.delete(key))
      kept.set(key, found)
    }
    return await found
  }
}

/** The commit a branch, tag, full ref or object id names; null when there is none. */
export const resolve = async (gitDir: string, ref: string): Promise<string | null> => {
  if (known.has(ref) && (await tryGit(gitDir, ['cat-file', '-e', ref])).code === 0) return ref
  if (ref === '' || ref.startsWith('-') || /[\s~^:?*[\\]|\.\.|@\{/.test(ref)) return null
  for (const name of [`refs/heads/${ref}`, `refs/tags/${ref}`, ref]) {
    const outcome = await tryGit(gitDir, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`])
    if (outcome.code === 0) return outcome.out.toString().trim()
  }
  return null
}

/** What exactly one ref holds (an annotated tag's own id); null when absent. */
export const readRef = async (gitDir: string, fullRef: string): Promise<string | null> => {
  if (/^refs\/[\w./-]+$/.test(fullRef) && !fullRef.includes('..')) {
    const loose = await readFile(join(gitDir, fullRef), 'utf8').catch(() => '')
    if (HEX.test(loose.trim())) return loose.trim()
  }
  const outcome = await tryGit(gitDir, ['show-ref', '--verify', '--hash', fullRef])
  return outcome.code === 0 ? outcome.out.toString().trim() : null
}

export const listRefs = async (gitDir: string, prefix: string): Promise<{ ref: string; sha: string; type: string }[]> => {
  const out = await git(gitDir, ['for-each-ref', '--format=%(refname) %(objectname) %(objecttype)', 'refs/heads', 'refs/tags'])
  return out
    .split('\n')
    .filter((line) => line.startsWith(prefix))
    .map((line) => {
      const [ref = '', sha = '', type = ''] = line.split(' ')
      return { ref, sha, type }
    })
}

export const objectType = async (gitDir: string, sha: string): Promise<string | null> => {
  const outcome = await tryGit(gitDir, ['cat-file', '-t', sha])
  return outcome.code === 0 ? outcome.out.toString().trim() : null
}

const known = new Map<string, CommitInfo>()
const utc = (iso: string): string => new Date(iso).toISOString().replace(/\.\d{3}Z$/, 'Z')
const FORMAT = '%H%x1f%T%x1f%P%x1f%an%x1f%ae%x1f%aI%x1f%cn%x1f%ce%x1f%cI%x1f%B%x1e'

const parse = (record: string): CommitInfo => {
  const [sha = '', tree = '', parents = '', an = '', ae = '', ad = '', cn = '', ce = '', cd = '', message = ''] = record
    .replace(/^\n/, '')
    .split('\x1f')
  const info: CommitInfo = {
    sha,
    tree,
    parents: parents === '' ? [] : parents.split(' '),
    author: { name: an, email: ae, date: utc(ad) },
    committer: { name: cn, email: ce, date: utc(cd) },
    message: message.replace(/\n+$/, ''),
  }
  known.set(sha, info)
  return info
}

export const commitInfo = async (gitDir: string, sha: string): Promise<CommitInfo> =>
  known.get(sha) ?? parse((await git(gitDir, ['log', '-1', `--format=${FORMAT}`, sha])).split('\x1e')[0] ?? '')

/** Commits of a range such as `a..b`, newest first. */
export const commits = async (gitDir: string, range: readonly string[], max = 250): Promise<CommitInfo[]> => {
  const out = await git(gitDir, ['log', `--max-count=${max}`, `--format=${FORMAT}`, ...range])
  return out
    .split('\x1e')
    .filter((record) => record.trim() !== '')
    .map(parse)
}

/** Commits that `to` has and `from` has not. */
export const count = remembered(async (gitDir, from, to) => Number(await git(gitDir, ['rev-list', '--count', `${from}..${to}`])))

export const mergeBase = remembered(async (gitDir, a, b): Promise<string | null> => {
  const outcome = await tryGit(gitDir, ['merge-base', a, b])
  return outcome.code === 0 ? outcome.out.toString().trim() : null
})

const STATUS: Readonly<Record<string, FileChange['status']>> = { A: 'added', D: 'removed', M: 'modified', T: 'modified', R: 'renamed' }

/** Files that differ between two commits. */
export const changes = remembered(async (gitDir, from, to): Promise<FileChange[]> => {
  const fields = (await git(gitDir, ['diff', '--raw', '--numstat', '--no-abbrev', '-M', '-z', from, to])).split('\0')
  const counts = new Map<string, [number, number]>()
  const raw: Omit<FileChange, 'additions' | 'deletions'>[] = []
  for (let at = 0; at < fields.length; at++) {
    const field = fields[at] ?? ''
    if (field.startsWith(':')) {
      const [, , old = '', fresh = '', code = ''] = field.split(' ')
      const renamed = code.startsWith('R')
      const first = fields[++at] ?? ''
      const path = renamed ? (fields[++at] ?? '') : first
      raw.push({ path, previous: renamed ? first : null, status: STATUS[code.charAt(0)] ?? 'modified', sha: code === 'D' ? old : fresh })
    } else if (field !== '') {
      const [plus = '0', minus = '0', path = ''] = field.split('\t')
      const name = path === '' ? (fields[(at += 2)] ?? '') : path
      counts.set(name, [Number(plus) || 0, Number(minus) || 0])
    }
  }
  return raw.map((one) => ({ ...one, additions: counts.get(one.path)?.[0] ?? 0, deletions: counts.get(one.path)?.[1] ?? 0 }))
})

export type Entry =
  | { type: 'file'; sha: string; bytes: Buffer }
  | { type: 'dir'; entries: { type: string; sha: string; name: string; size: number }[] }
  | { type: 'symlink'; sha: string; target: string }
  | { type: 'submodule'; sha: string }

const KINDS: Readonly<Record<string, string>> = { '040000': 'dir', '120000': 'symlink', '160000': 'submodule' }

/** What is at a path of a commit: bytes of a file, the entries of a directory; a link that leads to a file of the repository is that file. null: nothing. */
export const entry = async (gitDir: string, sha: string, path: string): Promise<Entry | null> => {
  const clean = path.replace(/^\/+|\/+$/g, '')
  const listed = clean === '' ? `040000 tree ${sha}\t` : (await tryGit(gitDir, ['ls-tree', '-z', sha, '--', clean])).out.toString()
  const [mode = '', , id = ''] = (listed.split('\t')[0] ?? '').split(' ')
  if (mode === '') return null
  const bytes = async (): Promise<Buffer> => (await tryGit(gitDir, ['cat-file', 'blob', id])).out
  if (mode === '160000') return { type: 'submodule', sha: id }
  if (mode === '120000') {
    const target = (await bytes()).toString()
    const at = posix.join(posix.dirname(clean), target)
    const found = target.startsWith('/') || at.startsWith('..') ? null : await entry(gitDir, sha, at)
    return found?.type === 'file' ? found : { type: 'symlink', sha: id, target }
  }
  if (mode !== '040000') return { type: 'file', sha: id, bytes: await bytes() }
  const list = (await git(gitDir, ['ls-tree', '-l', '-z', id])).split('\0').filter((line) => line !== '')
  return {
    type: 'dir',
    entries: list.map((line) => {
      const [head = '', name = ''] = line.split('\t')
      const [kind = '', , object = '', size = '0'] = head.split(/\s+/)
      return { type: KINDS[kind] ?? 'file', sha: object, name, size: Number(size) || 0 }
    }),
  }
}

/** What lies directly in a tree, or, `deep`, also in those below it. */
export const treeEntries = async (
  gitDir: string,
  tree: string,
  deep: boolean,
): Promise<{ mode: string; type: string; sha: string; size: number | null; path: string }[]> => {
  const out = await git(gitDir, ['ls-tree', '-l', '-z', ...(deep ? ['-r', '-t'] : []), tree])
  return out
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [head = '', path = ''] = line.split('\t')
      const [mode = '', type = '', sha = '', size = '-'] = head.split(/\s+/)
      return { mode, type, sha, size: size === '-' ? null : Number(size), path }
    })
}

export const blobBytes = async (gitDir: string, sha: string): Promise<Buffer> => (await tryGit(gitDir, ['cat-file', 'blob', sha])).out

export const writeBlob = async (gitDir: string, content: string): Promise<string> =>
  await git(gitDir, ['hash-object', '-w', '--stdin'], { input: content })

/** The tree with these files in it, or without those whose id is null. */
export const writeTree = async (
  gitDir: string,
  base: string | null,
  files: readonly { mode: string; path: string; sha: string | null }[],
): Promise<string> => {
  const scratch = await mkdtemp(join(tmpdir(), 'release-conductor-index-'))
  const env = { GIT_INDEX_FILE: join(scratch, 'index') }
  try {
    await git(gitDir, base === null ? ['read-tree', '--empty'] : ['read-tree', base], { env })
    const input = files.map(({ mode, path, sha }) => `${sha === null ? '0' : mode} ${sha ?? '0'.repeat(40)}\t${path}\0`).join('')
    await git(gitDir, ['update-index', '-z', '--index-info'], { env, input })
    return await git(gitDir, ['write-tree'], { env })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Tree of a merge, or null on conflict. */
export const mergeTree = async (gitDir: string, base: string, head: string): Promise<string | null> => {
  const outcome = await tryGit(gitDir, ['merge-tree', '--write-tree', base, head])
  return outcome.code === 0 ? (outcome.out.toString().split('\n')[0] ?? null) : null
}

export const commitTree = async (
  gitDir: string,
  tree: string,
  parents: readonly string[],
  message: string,
  author: Person,
  committer: Person = author,
): Promise<string> =>
  await git(gitDir, ['commit-tree', tree, ...parents.flatMap((one) => ['-p', one]), '-F', '-'], {
    input: message,
    env: {
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.email,
      GIT_AUTHOR_DATE: author.date,
      GIT_COMMITTER_NAME: committer.name,
      GIT_COMMITTER_EMAIL: committer.email,
      GIT_COMMITTER_DATE: committer.date,
    },
  })
