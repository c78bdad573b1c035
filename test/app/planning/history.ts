/** A short history as the planner sees it. */
import type { History, HistoryCommit } from '../../../app/planning/history.ts'

/** `sha(3)` -> forty digits that end in a3. */
export function sha(number: number): string {
  return `a${number.toString(16)}`.padStart(40, '0')
}

/** Commits on one line, oldest first as written, newest first as GitHub and Git give them. */
export function straight(...messages: readonly string[]): readonly HistoryCommit[] {
  return messages.map((message, at) => ({ sha: sha(at + 1), message, parents: [sha(at)] })).toReversed()
}

export function historyOf(commits: readonly HistoryCommit[], over: Partial<History> = {}): History {
  return { commits, pulls: [], paths: [], cut: false, ...over }
}
