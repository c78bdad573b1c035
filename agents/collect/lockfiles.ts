/** Input `lockfiles`: what pins the parts of this release and of the one before, with the file that completes each, and what nobody locked or nobody here can read. */
import { besidePath, isLockFile } from '../../evidence/sbom/lock-names.ts'
import type { CollectContext, Collected } from './collector.ts'
import { CollectError } from './error.ts'
import { comparedCommit, headCommit, tree, type TreeEntry } from './git.ts'
import { MAX_INPUT_BYTES, MAX_UNREAD, type Locked } from './inputs.supply-chain.ts'
import { readEntry, supplyChainSettings, type Allowance } from './supply-chain-settings.ts'
import { asks, isVendored, unlockedManifests, unsupportedLocks } from './unlocked.ts'

const MAX_LOCKFILES = 20

export async function collectLockfiles(context: CollectContext): Promise<Collected<'lockfiles'>> {
  const settings = await supplyChainSettings(context)
  if ('blocked' in settings) return settings
  const head = await headCommit(context.workspace, context.sha)
  const base = await comparedCommit(context.workspace, context.base, head)
  const [entries, before] = [await tree(context.workspace, head), await tree(context.workspace, base)]
  const allowance = { left: MAX_INPUT_BYTES }
  const chosen = settings.lockfiles
  return {
    value: {
      base,
      head,
      files: await locked(context, entries, chosen.length > 0 ? chosen : found(entries), allowance),
      before: await locked(
        context,
        before,
        found(before).filter((path) => chosen.length === 0 || chosen.includes(path)),
        allowance,
      ),
      unsupported: unsupportedLocks(entries.map(({ path }) => path)).slice(0, MAX_UNREAD),
      unlocked: (await unlocked(context, entries, allowance)).slice(0, MAX_UNREAD),
    },
  }
}

function found(entries: readonly TreeEntry[]): string[] {
  return entries.map(({ path }) => path).filter((path) => isLockFile(path) && !isVendored(path))
}

async function locked(context: CollectContext, entries: readonly TreeEntry[], paths: readonly string[], allowance: Allowance): Promise<Locked[]> {
  if (paths.length > MAX_LOCKFILES)
    throw new CollectError(
      'too-large',
      `the commit has ${paths.length} lock files; at most ${MAX_LOCKFILES} are read`,
      'Name those of the release under `gates.supply_chain.lockfiles`.',
    )
  const byPath = new Map(entries.map((entry) => [entry.path, entry]))
  const files: Locked[] = []
  for (const path of [...new Set(paths)].toSorted()) {
    const file = await readEntry(context, path, byPath.get(path), allowance)
    const beside = besidePath(path)
    const manifest = beside === null ? undefined : byPath.get(beside)
    files.push({ ...file, manifest: beside === null || manifest === undefined ? null : await readEntry(context, beside, manifest, allowance) })
  }
  return files
}

const MAX_MANIFESTS = 200
const MAX_MANIFEST_BYTES = 1 << 20

/** Manifests that ask for something and have no lock file. One that cannot be read is taken to ask. */
async function unlocked(context: CollectContext, entries: readonly TreeEntry[], allowance: Allowance): Promise<string[]> {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]))
  const found: string[] = []
  for (const [at, path] of unlockedManifests([...byPath.keys()]).entries()) {
    const entry = byPath.get(path)
    const isRead = at < MAX_MANIFESTS && (entry?.size ?? 0) <= MAX_MANIFEST_BYTES
    const { text } = isRead ? await readEntry(context, path, entry, allowance) : { text: null }
    if (text === null || asks(path, text)) found.push(path)
  }
  return found
}
