/**
 * Security keys of people, and what they were asked to sign. A challenge is used up in the very transaction that keeps what it was signed for, so it is
 * never good twice, whatever is sent again or dies in between.
 */
import { z } from 'zod'
import type { Clock, PageOrder } from '../release/ports.ts'
import { keepOrder } from './page-orders.ts'
import { integer, integerOrNull, type Query, type Sql } from './sql.ts'

/** Of one person. */
export const MOST_KEYS = 10
/** Of one person, at a time. */
const MOST_CHALLENGES = 20
/** Milliseconds. */
export const CHALLENGE_MS = 300_000

export interface SecurityKey {
  /** Of the credential, base64url. */
  readonly id: string
  /** What its owner calls it. */
  readonly name: string
  /** COSE. */
  readonly publicKey: Uint8Array
  readonly counter: number
  readonly registeredAt: number
  /** Before, what it signs counts for nothing. */
  readonly countsFrom: number
  readonly usedAt: number | null
}

/** What is signed for. */
export const About = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('register'), name: z.string() }),
  /** A key of the same person that is to count at once. */
  z.strictObject({ kind: z.literal('trust'), key: z.string() }),
  z.strictObject({ kind: z.literal('command'), release: z.string(), text: z.string(), head: z.string() }),
])
export type About = z.infer<typeof About>

export interface Challenge {
  readonly id: string
  readonly about: About
  /** 64 hex digits that nobody could know before. */
  readonly nonce: string
}

export interface UsedKey {
  readonly id: string
  /** Signature counter as it was kept, and as it is now. */
  readonly from: number
  readonly to: number
}

export interface Keys {
  of(userId: number): Promise<readonly SecurityKey[]>
  ask(userId: number, challenge: Challenge): Promise<void>
  /** null: not theirs, used up, or too old. */
  challenge(id: string, userId: number): Promise<Challenge | null>
  /** @returns false: the challenge is used up, the key is known already, or there are too many */
  register(challenge: string, userId: number, key: SecurityKey): Promise<boolean>
  /** Lets a key count from now on. @returns false: the challenge is used up, or the key that signed was used meanwhile */
  trust(challenge: string, userId: number, by: UsedKey, key: string): Promise<boolean>
  /** Keeps the command. @returns false: as with `trust`, or too many commands wait */
  order(challenge: string, userId: number, by: UsedKey, of: { readonly release: string; readonly order: PageOrder }): Promise<boolean>
  remove(userId: number, key: string): Promise<boolean>
}

interface KeyRow {
  readonly id: string
  readonly name: string
  readonly public_key: Uint8Array
  readonly counter: unknown
  readonly registered_at: unknown
  readonly counts_from: unknown
  readonly used_at: unknown
}

class Refused extends Error {}

export function openKeys(sql: Sql, clock: Clock): Keys {
  /** All or nothing; false when a step said no. */
  async function once(challenge: string, userId: number, steps: (query: Query) => Promise<boolean>): Promise<boolean> {
    try {
      await sql.transaction(async (query) => {
        const used = await query.rows('delete from conductor.challenges where id = $1 and user_id = $2 and expires_at > $3 returning id', [
          challenge,
          userId,
          clock.now(),
        ])
        if (used.length !== 1 || !(await steps(query))) throw new Refused()
      })
      return true
    } catch (error) {
      if (error instanceof Refused) return false
      throw error
    }
  }

  /** The counter rises with each use, so a copy of a key is found out. */
  async function count(query: Query, userId: number, { id, from, to }: UsedKey): Promise<boolean> {
    const rows = await query.rows(
      'update conductor.keys set counter = $4, used_at = $5 where id = $1 and user_id = $2 and counter = $3 and counts_from <= $5 returning id',
      [id, userId, from, to, clock.now()],
    )
    return rows.length === 1
  }

  return {
    async of(userId) {
      const rows = await sql.rows<KeyRow>('select * from conductor.keys where user_id = $1 order by registered_at, id', [userId])
      return rows.map((row) => ({
        id: row.id,
        name: row.name,
        publicKey: Uint8Array.from(row.public_key),
        counter: integer(row.counter),
        registeredAt: integer(row.registered_at),
        countsFrom: integer(row.counts_from),
        usedAt: integerOrNull(row.used_at),
      }))
    },
    async ask(userId, { id, about, nonce }) {
      await sql.transaction(async (query) => {
        await query.rows('delete from conductor.challenges where expires_at <= $1', [clock.now()])
        await query.rows(
          `delete from conductor.challenges where id in
             (select id from conductor.challenges where user_id = $1 order by expires_at desc, id offset $2)`,
          [userId, MOST_CHALLENGES - 1],
        )
        await query.rows('insert into conductor.challenges (id, user_id, about, nonce, expires_at) values ($1, $2, $3, $4, $5)', [
          id,
          userId,
          JSON.stringify(about),
          nonce,
          clock.now() + CHALLENGE_MS,
        ])
      })
    },
    async challenge(id, userId) {
      const [row] = await sql.rows<{ about: string; nonce: string }>(
        'select about, nonce from conductor.challenges where id = $1 and user_id = $2 and expires_at > $3',
        [id, userId, clock.now()],
      )
      return row === undefined ? null : { id, about: About.parse(JSON.parse(row.about)), nonce: row.nonce }
    },
    register: (challenge, userId, key) =>
      once(challenge, userId, async (query) => {
        const rows = await query.rows(
          `insert into conductor.keys (id, user_id, name, public_key, counter, registered_at, counts_from)
           select $1::text, $2::bigint, $3::text, $4::bytea, $5::bigint, $6::bigint, $7::bigint
           where (select count(*) from conductor.keys where user_id = $2) < $8
           on conflict (id) do nothing returning id`,
          [key.id, userId, key.name, key.publicKey, key.counter, key.registeredAt, key.countsFrom, MOST_KEYS],
        )
        return rows.length === 1
      }),
    trust: (challenge, userId, by, key) =>
      once(challenge, userId, async (query) => {
        if (!(await count(query, userId, by))) return false
        const rows = await query.rows('update conductor.keys set counts_from = $3 where id = $1 and user_id = $2 and counts_from > $3 returning id', [
          key,
          userId,
          clock.now(),
        ])
        return rows.length === 1
      }),
    order: (challenge, userId, by, { release, order }) =>
      once(challenge, userId, async (query) => (await count(query, userId, by)) && (await keepOrder(query, release, order))),
    async remove(userId, key) {
      const rows = await sql.rows('delete from conductor.keys where id = $1 and user_id = $2 returning id', [key, userId])
      return rows.length === 1
    },
  }
}
