/** Asks GitHub what a release needs to be planned, in as few questions as there can be, and plans it. */
import type { Config } from '../../evidence/model/config.ts'
import { withoutNumber } from '../planning/changes.ts'
import { baseFor, type Base, type NoBase } from '../planning/line.ts'
import { isFile } from '../planning/modes.ts'
import { isPlan, planRelease, previousOf, TEMPLATE, wantedFiles, type NoPlan, type Plan } from '../planning/plan.ts'
import { taken } from '../planning/version.ts'
import { VERSION_FILE_MAX_BYTES } from '../planning/version-files.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { ReleaseError } from './error.ts'
import type { HistoryPort, HistorySince, Ports, ReleaseCut, Repository, TreeEntry } from './ports.ts'

const FOLDER = '040000'

export interface Wanted {
  readonly repository: Repository
  readonly version: string
  readonly config: Config
  readonly owner: string | null
  /** Base branch of a release that is open; null: the config says where it goes. */
  readonly base: string | null
}

export interface Planned {
  readonly plan: Plan
  /** Of the base's commit. */
  readonly tree: string
  /** A base that is to be made first, at this commit; null: it is there. */
  readonly line: string | null
}

/** @throws what GitHub does not answer */
export async function planFromGitHub(ports: Ports, wanted: Wanted): Promise<Planned | NoPlan | NoBase> {
  const { history } = ports
  if (history === undefined) throw new ReleaseError('incomplete', 'nothing here can read what a release is planned from')
  const { repository, version, config } = wanted
  const tags = await history.tags(repository)
  const unfit = taken(version, tags)
  if (unfit !== null) return unfit
  const base = await baseOf(history, wanted, tags)
  if ('code' in base) return base
  const previous = previousOf(version, tags)
  // A line that is still to be made holds what its tag holds: nothing since.
  const since = await sinceOrNull(history, repository, previous, base.exists ? base.branch : (previous ?? base.branch))
  if (since === null)
    return {
      code: 'no-base',
      message: `There is no branch ${base.branch} that ${previous ?? 'a first release'} could be compared with.`,
      next: 'Name in `release.base` the branch that releases go to.',
    }
  const known = {
    version,
    tags,
    base: { branch: base.branch, commit: since.commit },
    hotfix: base.line !== null,
    config,
    owner: wanted.owner,
    day: timestamp(ports.clock.now()).slice(0, 10),
    knownIssues: [],
    files: new Map<string, string>(),
    modes: new Map<string, string>(),
  }
  const told = { commits: since.commits, pulls: [], paths: since.paths, cut: since.cut }
  const first = planRelease({ ...known, history: told })
  if (!isPlan(first)) return first
  const [pulls, root] = [await pullsOf(history, wanted.repository, base.branch, since), await history.tree(repository, since.commit)]
  const names = root.entries.map(({ name }) => name)
  const modes = await modesOf(history, repository, root.entries, wantedFiles(config, names))
  const plan = planRelease({
    ...known,
    history: { ...told, pulls },
    files: await filesOf(ports, wanted, since.commit, { names, modes }),
    modes,
    knownIssues: await history.issues(repository, config.release.notes.known_issues_label),
  })
  return isPlan(plan) ? { plan, tree: root.tree, line: base.exists ? null : since.commit } : plan
}

async function sinceOrNull(history: HistoryPort, repository: Repository, tag: string | null, of: string): Promise<HistorySince | null> {
  try {
    return await history.since(repository, tag, of)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'not-found') return null
    throw error
  }
}

async function baseOf(history: HistoryPort, { repository, version, config, base }: Wanted, tags: readonly string[]): Promise<Base | NoBase> {
  const patterns = config.release.base
  // The usual base is believed to be there; only a hotfix needs to know which lines are.
  const usual = patterns.filter((pattern) => !pattern.includes('*'))
  const found = baseFor(version, { patterns, tags, branches: usual, preferred: base })
  if (base !== null) return { branch: base, line: 'code' in found ? null : found.line, exists: true }
  if ('code' in found || found.line === null) return found
  const lines: string[] = []
  for (const pattern of patterns.filter((one) => one.includes('*'))) lines.push(...(await history.branches(repository, pattern.split('*')[0] ?? '')))
  return baseFor(version, { patterns, tags, branches: [...usual, ...lines], preferred: null })
}

/** A squashed or merged commit names its pull request; only for the others GitHub is asked. */
async function pullsOf(history: HistoryPort, repository: Repository, base: string, { commits, from }: HistorySince) {
  const unnamed = new Set(withoutNumber(commits))
  return unnamed.size === 0 || from === null ? [] : await history.merged(repository, base, { commits: unnamed, from })
}

/** Of what is there. Each folder on the way is one question, however many lie in it; the root is known. */
async function modesOf(
  history: HistoryPort,
  repository: Repository,
  root: readonly TreeEntry[],
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const folders = new Map<string, readonly TreeEntry[]>([['', root]])
  const modes = new Map<string, string>()
  for (const path of paths) {
    const parts = path.split('/')
    let entries = root
    for (let depth = 1; depth < parts.length; depth += 1) {
      const folder = parts.slice(0, depth).join('/')
      const entry = entries.find(({ name, mode }) => name === parts[depth - 1] && mode === FOLDER)
      entries = folders.get(folder) ?? (entry === undefined ? [] : (await history.tree(repository, entry.sha)).entries)
      folders.set(folder, entries)
    }
    const found = entries.find(({ name }) => name === parts.at(-1))
    if (found !== undefined) modes.set(path, found.mode)
  }
  return modes
}

async function filesOf(
  ports: Ports,
  { repository, base }: Wanted,
  commit: string,
  { names, modes }: { readonly names: readonly string[]; readonly modes: ReadonlyMap<string, string> },
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  // Of a release that is open only the planned part of its text is told anew.
  const template = base === null && names.includes('.github') ? [TEMPLATE] : []
  const wanted = [...modes].flatMap(([path, mode]) => (isFile(mode) ? [path] : []))
  for (const path of [...wanted, ...template]) {
    const text = await textOf(ports, repository, path, commit)
    if (text !== null) files.set(path, text)
  }
  return files
}

/** What is too large, or no text, is left as it is. */
async function textOf({ read }: Ports, repository: Repository, path: string, commit: string): Promise<string | null> {
  try {
    return (await read.file(repository, path, commit, VERSION_FILE_MAX_BYTES))?.text ?? null
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'too-large' || error.code === 'refused' || error.code === 'malformed'))
      return null
    throw error
  }
}

/** What is done on GitHub for a plan. */
export function cutOf({ plan, tree, line }: Planned, requester: ReleaseCut['requester']): ReleaseCut {
  const { version, branch, base, message, files, title, body, planned, labels, draft } = plan
  return { kind: 'release.cut', version, branch, base, line, tree, message, files, title, body, planned, labels, draft, requester }
}
