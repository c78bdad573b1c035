/** What a release is planned from, as plain data: from Git on the command line, from GitHub's API in the App. */

export interface HistoryCommit {
  readonly sha: string
  /** Whole. */
  readonly message: string
  readonly parents: readonly string[]
}

/** A merged pull request. */
export interface HistoryPull {
  readonly number: number
  readonly title: string
  /** What it brought into the base: a merge, or one squashed commit. */
  readonly mergeCommit: string
}

export interface History {
  /** Newest first, of the base since the version before. */
  readonly commits: readonly HistoryCommit[]
  readonly pulls: readonly HistoryPull[]
  /** Changed paths; GitHub names 300 at most. */
  readonly paths: readonly string[]
  /** There is more than what was read. */
  readonly cut: boolean
}

/** Commits of the base that are told one by one, at most. */
export const MOST_COMMITS = 2_000
/** Of a comparison, as GitHub gives them. */
export const MOST_PATHS = 300
