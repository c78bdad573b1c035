/** What a merge brought into the base: the proven commit itself, or another one, as squash and rebase make. Asked once, after the merge. */
import type { ConfigFacts } from './facts.ts'
import type { PullFacts, ReadPort, ReleaseRecord } from './ports.ts'
import { dataOf, type Landed } from './state.ts'

/** null: it is not merged, or nobody can know yet, or a rollout began before this was asked. */
export async function landedOf(read: Pick<ReadPort, 'contains' | 'tree'>, record: ReleaseRecord, pull: PullFacts): Promise<Landed | null> {
  const { landed, rollout } = dataOf(record)
  const { merged, mergeCommit: commit } = pull
  if (landed !== null || !merged || commit === null || rollout !== null) return landed
  const { repository, head } = record
  if (commit === head || (await read.contains(repository, head, commit))) return { commit, as: 'itself' }
  const [proven, made] = await Promise.all([read.tree(repository, head), read.tree(repository, commit)])
  return { commit, as: proven !== null && proven.tree === made?.tree ? 'equal-tree' : 'other' }
}

/** Why what was merged is not what was proven, in words; null: it is. */
export function notLanded(landed: Landed | null, head: string, config: ConfigFacts): string | null {
  if (landed === null) return 'what the merge brought into the base is not known yet'
  const isAccepted = config.ok && config.config.release.accept_equal_tree
  if (landed.as === 'itself' || (landed.as === 'equal-tree' && isAccepted)) return null
  const made = landed.commit.slice(0, 12)
  const tree = landed.as === 'other' ? 'another tree' : 'the same tree'
  return `the base has commit ${made} with ${tree}, and not the proven commit ${head.slice(0, 12)} (command.other-commit): squash and rebase make another commit. Open a new release pull request and merge it with a merge commit${landed.as === 'other' ? '' : ', or set release.accept_equal_tree on the base branch before that'}`
}
