/** Commits and pull requests of a release -> what changed, each thing once. Pure. */
import { parseMessage } from '../../agents/developer-experience/lint-marshal.conventional.ts'
import type { History, HistoryCommit, HistoryPull } from './history.ts'

export interface Change {
  /** Conventional type such as `feat`; null: the commit says none. */
  readonly type: string | null
  readonly scope: string | null
  /** Others' words. */
  readonly subject: string
  /** What breaks, in others' words; '' when it only says that something does; null: nothing. */
  readonly breaking: string | null
  readonly sha: string
  readonly pull: number | null
}

const PULL_AT_END = / \(#([1-9]\d{0,9})\)$/
const MERGE_OF = /^Merge pull request #([1-9]\d{0,9}) from /
const REVERTS = /^This reverts commit ([0-9a-f]{7,40})\b/m

/**
 * Oldest first. Git's own merges are left out, a commit of an earlier release too; what was reverted is gone together with its revert. A pull request none of
 * whose commits says a type is told by its title.
 */
export function changesOf({ commits, pulls }: History): readonly Change[] {
  const oldest = commits.toReversed()
  const pullOf = attribution(oldest, pulls)
  const titles = new Map([...oldest.flatMap(titleInMerge), ...pulls.map(({ number, title }) => [number, title] as const)])
  const gone = reverted(oldest)
  const told = oldest
    .filter(({ sha, parents, message }) => parents.length < 2 && !gone.has(sha) && message.trim() !== '' && !isRelease(message))
    .map((commit) => changeOf(commit, pullOf.get(commit.sha) ?? null))
  const typed = new Set(told.flatMap(({ type, pull }) => (type === null ? [] : pull)))
  const seen = new Set<number>()
  return told.flatMap((change) => {
    const { pull } = change
    const title = pull === null || typed.has(pull) ? undefined : titles.get(pull)
    if (pull === null || title === undefined) return [change]
    const named = changeOf({ sha: change.sha, message: title, parents: [] }, pull)
    if (named.type === null) return [change]
    if (seen.has(pull)) return []
    seen.add(pull)
    return [named]
  })
}

/** GitHub writes the pull request's title below the first line of its merge. */
function titleInMerge({ message }: HistoryCommit): readonly (readonly [number, string])[] {
  const [, number] = MERGE_OF.exec(message) ?? []
  const title = message
    .split('\n')
    .slice(1)
    .find((line) => line.trim() !== '')
  return number === undefined || title === undefined ? [] : [[Number(number), title.trim()]]
}

/** Commits of the base itself that name no pull request. */
export function withoutNumber(commits: readonly HistoryCommit[]): readonly string[] {
  const known = new Map(commits.map((commit) => [commit.sha, commit]))
  return firstParents(commits[0], known)
    .filter(({ message }) => numberIn((message.split('\n', 1)[0] ?? '').trim()) === null && !MERGE_OF.test(message) && !isRelease(message))
    .map(({ sha }) => sha)
}

/** Ours, of this release or an earlier one. */
function isRelease(message: string): boolean {
  return /^chore\(release\): v\d/.test(message)
}

function changeOf({ sha, message }: HistoryCommit, pull: number | null): Change {
  const parsed = parseMessage(message.slice(0, 20_000))
  const header = (message.split('\n', 1)[0] ?? '').trim()
  const type = parsed['type'] ?? null
  const said = type === null ? header : (parsed['subject'] ?? header)
  const notes = parsed.notes.map(({ text }) => text.trim()).filter((text) => text !== '' && text !== said.trim())
  const breaks = parsed.notes.length > 0 || /^\w*(?:\([^()]*\))?!: /.test(header)
  return {
    type,
    scope: type === null ? null : (parsed['scope'] ?? null),
    subject: said.replace(PULL_AT_END, '').trim(),
    breaking: breaks ? notes.join(' ') : null,
    sha,
    pull: pull ?? numberIn(header),
  }
}

function numberIn(header: string): number | null {
  const [, number] = PULL_AT_END.exec(header) ?? []
  return number === undefined ? null : Number(number)
}

/** Commit -> pull request that brought it: the squashed commit itself, or what a merge of the base has on its second side. */
function attribution(oldest: readonly HistoryCommit[], pulls: readonly HistoryPull[]): ReadonlyMap<string, number> {
  const byMerge = new Map(pulls.map(({ mergeCommit, number }) => [mergeCommit, number]))
  const known = new Map(oldest.map((commit) => [commit.sha, commit]))
  const base = firstParents(oldest.at(-1), known)
  const claimed = new Set(base.map(({ sha }) => sha))
  const found = new Map<string, number>()
  for (const { sha, parents, message } of base.toReversed()) {
    const [, said] = MERGE_OF.exec(message) ?? []
    const number = byMerge.get(sha) ?? (said === undefined ? undefined : Number(said))
    const brought = parents.length < 2 ? [sha] : parents.slice(1).flatMap((parent) => claim(parent, known, claimed))
    if (number !== undefined) for (const one of brought) found.set(one, number)
  }
  return found
}

/** The base itself, newest first: what was merged into it is not on this way. */
function firstParents(head: HistoryCommit | undefined, known: ReadonlyMap<string, HistoryCommit>): readonly HistoryCommit[] {
  const way: HistoryCommit[] = []
  for (let commit = head; commit !== undefined && way.length < known.size; commit = known.get(commit.parents[0] ?? '')) way.push(commit)
  return way
}

/** Takes everything behind a commit that nobody took yet. */
function claim(from: string, known: ReadonlyMap<string, HistoryCommit>, claimed: Set<string>): string[] {
  const taken: string[] = []
  const todo = [from]
  for (let sha = todo.pop(); sha !== undefined; sha = todo.pop()) {
    const commit = known.get(sha)
    if (commit === undefined || claimed.has(sha)) continue
    claimed.add(sha)
    taken.push(sha)
    todo.push(...commit.parents)
  }
  return taken
}

/** Commits that others of the same release took back, and those that took them back; a revert of a revert restores. */
function reverted(oldest: readonly HistoryCommit[]): ReadonlySet<string> {
  const gone = new Set<string>()
  for (const { sha, message } of oldest.toReversed()) {
    if (gone.has(sha)) continue
    const [, target] = REVERTS.exec(message) ?? []
    const back = target === undefined ? undefined : oldest.find((commit) => commit.sha.startsWith(target))
    if (back === undefined) continue
    gone.add(sha)
    gone.add(back.sha)
  }
  return gone
}
