/** Locks of environments are rows, changed only together with the release that wants it: two rollouts that begin at once are one that begins. */
import type { Change, EnvironmentLock } from '../release/ports.ts'
import { integer, type Query } from './sql.ts'

interface LockRow {
  readonly environment: string
  readonly release_key: string
  readonly version: string
  readonly rollout: unknown
  readonly since: unknown
  readonly fence: unknown
}

export async function readLocks(query: Query, repositoryId: number): Promise<readonly EnvironmentLock[]> {
  const rows = await query.rows<LockRow>(
    `select environment, release_key, version, rollout, since, fence from conductor.environments
     where repository_id = $1 and release_key is not null order by environment`,
    [repositoryId],
  )
  return rows.map((row) => ({
    environment: row.environment,
    release: row.release_key,
    version: row.version,
    rollout: integer(row.rollout),
    since: integer(row.since),
    fence: integer(row.fence),
  }))
}

/** False when the lock is not what the change rests on, or somebody else's: then nothing of the change may be written. */
export async function changeLock(query: Query, { release, lock }: Change): Promise<boolean> {
  if (lock === undefined || lock === null) return true
  const place = [release.repository.id, lock.environment]
  switch (lock.kind) {
    case 'take':
    case 'seize': {
      const mine = lock.kind === 'take' ? 'where held.release_key is null or held.release_key = $3' : ''
      const rows = await query.rows(
        `insert into conductor.environments as held (repository_id, environment, release_key, version, rollout, since, fence)
         values ($1, $2, $3, $4, $5, $6, 1)
         on conflict (repository_id, environment) do update set
           release_key = $3, version = $4, rollout = $5, since = $6, fence = held.fence + 1
         ${mine} returning fence`,
        [...place, release.key, release.version, lock.rollout, lock.since],
      )
      return rows.length === 1
    }
    case 'keep':
      return (
        (
          await query.rows(
            `select 1 as held from conductor.environments
             where repository_id = $1 and environment = $2 and release_key = $3 and fence = $4 for share`,
            [...place, release.key, lock.fence],
          )
        ).length === 1
      )
    case 'free':
      await query.rows(
        `update conductor.environments set release_key = null
         where repository_id = $1 and environment = $2 and release_key = $3 and fence = $4`,
        [...place, release.key, lock.fence],
      )
      return true
  }
}
