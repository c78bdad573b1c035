/**
 * Who is logged in. A session is a row, so every process knows it and an end counts at once everywhere. It says who somebody is and nothing of what they may:
 * that is asked of GitHub with every command.
 */
import { sha256 } from '../../evidence/core/digest.ts'
import type { Clock } from '../release/ports.ts'
import { integer, type Sql } from './sql.ts'

/** Not used for so long, a session is over. Milliseconds. */
export const IDLE_MS = 3_600_000
/** Used or not. */
export const LONGEST_MS = 12 * 3_600_000
/** Of one person; the oldest ends for a newer one. */
const MOST = 20
/** A look within this time of the last is not written down. */
const FINE_MS = 60_000

export interface Member {
  readonly id: number
  readonly login: string
}

export interface Sessions {
  /** @param token what the browser keeps: 32 random bytes, in hex */
  begin(token: string, member: Member): Promise<void>
  find(token: string): Promise<Member | null>
  end(token: string): Promise<void>
}

interface Row {
  readonly user_id: unknown
  readonly login: string
  readonly seen_at: unknown
}

export function openSessions(sql: Sql, clock: Clock): Sessions {
  return {
    async begin(token, { id, login }) {
      const now = clock.now()
      await sql.transaction(async (query) => {
        await query.rows('delete from conductor.sessions where seen_at <= $1 or began_at <= $2', [now - IDLE_MS, now - LONGEST_MS])
        await query.rows(
          `delete from conductor.sessions where digest in
             (select digest from conductor.sessions where user_id = $1 order by began_at desc, digest offset $2)`,
          [id, MOST - 1],
        )
        await query.rows('insert into conductor.sessions (digest, user_id, login, began_at, seen_at) values ($1, $2, $3, $4, $4)', [
          sha256(token),
          id,
          login,
          now,
        ])
      })
    },
    async find(token) {
      const [now, digest] = [clock.now(), sha256(token)]
      const [row] = await sql.rows<Row>(
        'select user_id, login, seen_at from conductor.sessions where digest = $1 and seen_at > $2 and began_at > $3',
        [digest, now - IDLE_MS, now - LONGEST_MS],
      )
      if (row === undefined) return null
      if (now - integer(row.seen_at) > FINE_MS) await sql.rows('update conductor.sessions set seen_at = $2 where digest = $1', [digest, now])
      return { id: integer(row.user_id), login: row.login }
    },
    async end(token) {
      await sql.rows('delete from conductor.sessions where digest = $1', [sha256(token)])
    },
  }
}
