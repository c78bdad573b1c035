/** Who pushed to a branch. Whoever writes a commit chooses the names in it; whom a push came from GitHub knows itself. */
import { z } from 'zod'
import type { Repository } from '../release/ports.ts'
import type { Client } from './octokit.ts'
import { listAll } from './paginate.ts'

const Activity = z.object({
  after: z.string().max(64),
  ref: z.string().max(1000),
  activity_type: z.string().max(100),
  actor: z.object({ id: z.number().int().positive() }).nullable(),
})
type Activity = z.infer<typeof Activity>

export interface Pushes {
  /** Accounts of everybody who moved the branch. */
  readonly ids: readonly number[]
  /** They are all there, up to the head. */
  readonly isWhole: boolean
}

/** @param head of the branch, in this repository @throws GitHubError: it is not known */
export async function pushesOf(
  client: Pick<Client, 'call' | 'baseUrl'>,
  repository: Repository,
  head: { readonly ref: string; readonly sha: string },
): Promise<Pushes> {
  const ref = `refs/heads/${head.ref}`
  const path = `/repos/${encodeURIComponent(repository.owner)}/${encodeURIComponent(repository.name)}/activity`
  const activities = await listAll(client, repository, { path, permissions: { contents: 'read' }, query: { ref }, item: Activity })
  return read(
    activities.filter((one) => one.ref === ref && one.activity_type !== 'branch_deletion'),
    head.sha,
  )
}

/** A list that lags behind the head, and an account that is gone, leave somebody out. */
function read(activities: readonly Activity[], head: string): Pushes {
  const ids = activities.flatMap(({ actor }) => (actor === null ? [] : [actor.id]))
  return { ids: [...new Set(ids)], isWhole: ids.length === activities.length && activities.some(({ after }) => after === head) }
}
