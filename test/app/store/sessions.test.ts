import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { migrate } from '../../../app/store/migrate.ts'
import { openPglite } from '../../../app/store/pglite.ts'
import { IDLE_MS, LONGEST_MS, openSessions, type Sessions } from '../../../app/store/sessions.ts'
import type { Sql } from '../../../app/store/sql.ts'

const MEMBER = { id: 21, login: 'approver' }
const TOKEN = 'a'.repeat(64)
let sql: Sql
let now = 1_000_000_000
let sessions: Sessions

beforeAll(async () => {
  sql = await openPglite(null)
  await migrate(sql)
  sessions = openSessions(sql, { now: () => now })
})
afterAll(async () => {
  await sql.close()
})
beforeEach(async () => {
  await sql.script('truncate conductor.sessions')
})

test('whoever brings the token is known until it ends, and the token itself is not kept', async () => {
  await sessions.begin(TOKEN, MEMBER)
  expect([await sessions.find(TOKEN), await sessions.find('b'.repeat(64))]).toEqual([MEMBER, null])
  expect(JSON.stringify(await sql.rows('select * from conductor.sessions'))).not.toContain(TOKEN)
  await sessions.end(TOKEN)
  expect(await sessions.find(TOKEN)).toBeNull()
})

test('every process knows it', async () => {
  await sessions.begin(TOKEN, MEMBER)
  expect(await openSessions(sql, { now: () => now }).find(TOKEN)).toEqual(MEMBER)
})

test('it ends when it is not used for an hour, and each use counts', async () => {
  await sessions.begin(TOKEN, MEMBER)
  for (let look = 0; look < 4; look += 1) {
    now += IDLE_MS - 1
    expect(await sessions.find(TOKEN)).toEqual(MEMBER)
  }
  now += IDLE_MS
  expect(await sessions.find(TOKEN)).toBeNull()
})

test('it ends after twelve hours, however much it is used', async () => {
  const began = now
  await sessions.begin(TOKEN, MEMBER)
  for (now = began; now < began + LONGEST_MS; now += IDLE_MS / 2) expect(await sessions.find(TOKEN)).toEqual(MEMBER)
  expect(await sessions.find(TOKEN)).toBeNull()
})

const token = (number: number): string => String(number).padStart(64, '0')

test('of one person the newest twenty stay; what is over is forgotten', async () => {
  await sessions.begin(TOKEN, { id: 22, login: 'other' })
  for (let number = 0; number < 25; number += 1) {
    now += 1
    await sessions.begin(token(number), MEMBER)
  }
  expect(await sql.rows('select 1 from conductor.sessions')).toHaveLength(21)
  expect([await sessions.find(token(4)), await sessions.find(token(5)), (await sessions.find(TOKEN))?.login]).toEqual([null, MEMBER, 'other'])
  now += LONGEST_MS
  await sessions.begin(TOKEN, MEMBER)
  expect(await sql.rows('select 1 from conductor.sessions')).toHaveLength(1)
})
