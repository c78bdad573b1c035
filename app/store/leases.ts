/**
 * Leases are rows, so they hold over connections and processes. The fence rises with every new holder; a write that carries an older fence, or the
 * lease of an owner who freed it, is refused. An expired lease still writes until somebody takes it: its fence is still the newest.
 */
import type { Lease } from '../release/ports.ts'
import { integer, type Query, type Sql } from './sql.ts'

/**
 * Takes or renews. Renewing a lease that has not expired keeps its fence; everything else raises it.
 * @param owner one name per holder: two holders that share a name share the lease
 */
export async function takeLease(sql: Sql, key: string, owner: string, now: number, ttlMs: number): Promise<Lease | null> {
  const [row] = await sql.rows<{ fence: unknown }>(
    `insert into conductor.leases as held (key, owner, fence, expires_at) values ($1, $2, $5, $4)
     on conflict (key) do update set
       owner = $2,
       expires_at = $4,
       fence = case when held.owner = $2 and held.expires_at > $3 then held.fence else held.fence + 1 end
     where held.owner is null or held.owner = $2 or held.expires_at <= $3
     returning fence`,
    [key, owner, now, now + ttlMs, isOnce(key) ? now : 1],
  )
  return row === undefined ? null : { key, owner, fence: integer(row.fence) }
}

/** Of things that come once each, a commit or a pack: their rows go, else there would be one for each that ever was. A fresh row begins with the time, so that no fence comes twice. */
const ONCE = ['other/', 'keep/']

function isOnce(key: string): boolean {
  return ONCE.some((prefix) => key.startsWith(prefix))
}

export async function freeLease(sql: Sql, lease: Lease): Promise<void> {
  if (isOnce(lease.key)) {
    await sql.rows('delete from conductor.leases where key = $1 and owner = $2 and fence = $3', [lease.key, lease.owner, lease.fence])
    return
  }
  await sql.rows('update conductor.leases set owner = null, expires_at = 0 where key = $1 and owner = $2 and fence = $3', [
    lease.key,
    lease.owner,
    lease.fence,
  ])
}

/** Is the lease still the newest? Holds it so until the transaction ends. */
export async function holds(query: Query, lease: Lease): Promise<boolean> {
  const rows = await query.rows('select 1 as held from conductor.leases where key = $1 and owner = $2 and fence = $3 for share', [
    lease.key,
    lease.owner,
    lease.fence,
  ])
  return rows.length === 1
}
