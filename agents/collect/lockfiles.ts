/** Input `lockfiles`: what pins the parts of this release and of the one before, with the file that completes each, and what nobody locked or nobody here can read. */
import { besidePath, isLockFile } from '../../evidence/sbom/lock-names.ts'
import type { CollectContext, Collected } from './collector.ts'
import { comparedCommit, headCommit, tree, type TreeEntry } from './git.ts'
import { MAX_FILE_BYTES, MAX_INPUT_BYTES, MAX_LOCKFILES, MAX_UNREAD, type Locked } from './inputs.supply-chain.ts'
import { readEntries, supplyChainSettings } from './supply-chain-settings.ts'
import { asks, isVendored, unlockedManifests, unsupportedLocks } from './unlocked.ts'

/** A lock file of a commit, with what completes it. */
interface Pair {
  readonly path: string
  readonly entry: TreeEntry | undefined
  readonly beside: TreeEntry | undefined
}

export async function collectLockfiles(context: CollectContext): Promise<Collected<'lockfiles'>> {
  const settings = await supplyChainSettings(context)
  if ('blocked' in settings) return settings
  const head = await headCommit(context.workspace, context.sha)
  const base = await comparedCommit(context.workspace, context.base, head)
  const [entries, earlier] = [await tree(context.workspace, head), await tree(context.workspace, base)]
  const chosen = settings.lockfiles
  const room = { files: MAX_LOCKFILES, left: MAX_INPUT_BYTES }
  const now = within(pairs(entries, chosen.length > 0 ? chosen : found(entries)), room)
  const had = pairs(
    earlier,
    found(earlier).filter((path) => chosen.length === 0 || chosen.includes(path)),
  )
  const taken = new Map(now.pairs.map((pair) => [pair.path, pair]))
  const [same, other] = [had.filter((pair) => isSame(pair, taken.get(pair.path))), had.filter((pair) => !isSame(pair, taken.get(pair.path)))]
  const before = within(other, { ...room, left: now.left })
  return {
    value: {
      base,
      head,
      bound: { files: MAX_LOCKFILES, bytes: MAX_INPUT_BYTES },
      files: await locked(context, now.pairs),
      beyond: now.beyond,
      before: await locked(context, before.pairs),
      beyondBefore: before.beyond,
      unchanged: same.map(({ path }) => path),
      unsupported: unsupportedLocks(entries.map(({ path }) => path)).slice(0, MAX_UNREAD),
      unlocked: (await unlocked(context, entries)).slice(0, MAX_UNREAD),
    },
  }
}

function found(entries: readonly TreeEntry[]): string[] {
  return entries.map(({ path }) => path).filter((path) => isLockFile(path) && !isVendored(path))
}

function pairs(entries: readonly TreeEntry[], paths: readonly string[]): Pair[] {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]))
  return [...new Set(paths)].toSorted().map((path) => {
    const beside = besidePath(path)
    return { path, entry: byPath.get(path), beside: beside === null ? undefined : byPath.get(beside) }
  })
}

function isSame(one: Pair, other: Pair | undefined): boolean {
  return other !== undefined && contentOf(one.entry) === contentOf(other.entry) && contentOf(one.beside) === contentOf(other.beside)
}

function contentOf(entry: TreeEntry | undefined): string {
  return entry === undefined ? '' : `${entry.mode} ${entry.object}`
}

/** Those that are read: never a part of one, and none after the first that is too much, so that a bound is one place in a sorted list. */
function within(all: readonly Pair[], room: { readonly files: number; readonly left: number }) {
  const chosen: Pair[] = []
  let { left } = room
  for (const pair of all) {
    // What is too large by itself is told by itself, and takes no room.
    const sizes = [pair.entry, pair.beside].map((entry) => (entry === undefined || entry.size > MAX_FILE_BYTES ? 0 : entry.size))
    const rest = sizes.reduce((sum, size) => sum - size, left)
    if (chosen.length === room.files || rest < 0) break
    left = rest
    chosen.push(pair)
  }
  const rest = all.slice(chosen.length)
  return { pairs: chosen, left, beyond: { count: rest.length, first: rest.slice(0, 20).map(({ path }) => path) } }
}

async function locked(context: CollectContext, chosen: readonly Pair[]): Promise<Locked[]> {
  const asked = chosen.flatMap(({ path, entry, beside }) => [
    { path, entry },
    ...(beside === undefined ? [] : [{ path: beside.path, entry: beside }]),
  ])
  const files = await readEntries(context, asked, { left: MAX_INPUT_BYTES })
  return chosen.flatMap(({ beside }) => {
    const [file, manifest] = files.splice(0, beside === undefined ? 1 : 2)
    return file === undefined ? [] : [{ ...file, manifest: manifest ?? null }]
  })
}

const MAX_MANIFESTS = 200
const MAX_MANIFEST_BYTES = 1 << 20

/** Manifests that ask for something and have no lock file. One that cannot be read is taken to ask. */
async function unlocked(context: CollectContext, entries: readonly TreeEntry[]): Promise<string[]> {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]))
  const paths = unlockedManifests([...byPath.keys()])
  const small = paths.slice(0, MAX_MANIFESTS).filter((path) => (byPath.get(path)?.size ?? 0) <= MAX_MANIFEST_BYTES)
  const files = await readEntries(
    context,
    small.map((path) => ({ path, entry: byPath.get(path) })),
    { left: MAX_INPUT_BYTES },
  )
  const texts = new Map(files.map(({ path, text }) => [path, text]))
  return paths.filter((path) => {
    const text = texts.get(path) ?? null
    return text === null || asks(path, text)
  })
}
