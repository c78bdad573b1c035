/** Input `lockfiles`: what pins the parts of this release and of the one before, with the package.json beside each. */
import type { CollectContext, Collected } from './collector.ts'
import { CollectError } from './error.ts'
import { comparedCommit, headCommit, tree, type TreeEntry } from './git.ts'
import { MAX_INPUT_BYTES, type Locked } from './inputs.supply-chain.ts'
import { readEntry, supplyChainSettings, type Allowance } from './supply-chain-settings.ts'

const MAX_LOCKFILES = 20
const READ = new Set(['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock'])
const NOT_READ = new Set([
  'bun.lock',
  'bun.lockb',
  'Cargo.lock',
  'composer.lock',
  'Gemfile.lock',
  'go.sum',
  'gradle.lockfile',
  'packages.lock.json',
  'Pipfile.lock',
  'poetry.lock',
  'pdm.lock',
  'uv.lock',
])
/** Code of others that lies in the repository: its lock files say nothing about this release. */
const VENDORED = /(?:^|\/)(?:node_modules|vendor|third_party)\//

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
      unsupported: entries
        .filter((entry) => NOT_READ.has(nameOf(entry.path)) && !VENDORED.test(entry.path))
        .map((entry) => entry.path)
        .slice(0, 100),
    },
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function found(entries: readonly TreeEntry[]): string[] {
  return entries.filter((entry) => READ.has(nameOf(entry.path)) && !VENDORED.test(entry.path)).map((entry) => entry.path)
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
    const beside = `${path.slice(0, path.lastIndexOf('/') + 1)}package.json`
    const manifest = byPath.get(beside)
    files.push({ ...file, manifest: manifest === undefined ? null : await readEntry(context, beside, manifest, allowance) })
  }
  return files
}
