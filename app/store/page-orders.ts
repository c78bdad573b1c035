/** Commands of the release page: kept when they are given, gone in the very transaction that answers them. */
import type { PageOrder } from '../release/ports.ts'
import type { Query } from './sql.ts'

/** Of one release, not answered yet. */
export const MOST_ORDERS = 20

/** Once for each id. @returns false: too many wait */
export async function keepOrder(query: Query, releaseKey: string, order: PageOrder): Promise<boolean> {
  const kept = await query.rows(
    `insert into conductor.page_orders (id, release_key, page_order)
     select $1::text, $2::text, $3::text where (select count(*) from conductor.page_orders where release_key = $2) < $4
     on conflict (id) do update set id = excluded.id returning id`,
    [order.id, releaseKey, JSON.stringify(order), MOST_ORDERS],
  )
  return kept.length === 1
}

export async function readOrders(query: Query, releaseKey: string): Promise<readonly PageOrder[]> {
  const rows = await query.rows<{ page_order: string }>('select page_order from conductor.page_orders where release_key = $1 order by position', [
    releaseKey,
  ])
  return rows.map((row) => JSON.parse(row.page_order) as PageOrder)
}

export async function settleOrders(query: Query, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await query.rows('delete from conductor.page_orders where id = any($1::text[])', [ids])
}
