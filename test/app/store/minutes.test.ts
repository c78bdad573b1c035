import { afterAll, beforeAll, expect, test } from 'vitest'
import { openMinutes, type Minutes } from '../../../app/store/minutes.ts'
import { openPglite } from '../../../app/store/pglite.ts'
import type { Sql } from '../../../app/store/sql.ts'
import { openStore } from '../../../app/store/store.ts'

let sql: Sql
let minutes: Minutes

beforeAll(async () => {
  sql = await openPglite(null)
  await openStore(sql, { now: () => 0 })
  minutes = openMinutes(sql)
})
afterAll(async () => {
  await sql.close()
})

const version = async () => sql.rows('select version from conductor.minutes where installation = 3')
const WORDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const added = (word: string) => (told: string | null, at: number) => ({ told: `${told ?? ''}${word}`, answer: { told, at } })

test('what is told is what the next one gets, for each installation, with the time of the database', async () => {
  const before = Date.now()
  const first = await minutes.change(1, added('a'))
  expect(first.told).toBeNull()
  expect(Math.abs(first.at - before)).toBeLessThan(60_000)
  expect((await minutes.change(1, added('b'))).told).toBe('a')
  expect((await minutes.change(2, added('c'))).told).toBeNull()
  expect((await minutes.change(1, added('d'))).told).toBe('ab')
})

test('nothing new is not written', async () => {
  await minutes.change(3, added('a'))
  const before = await version()
  expect(await minutes.change(3, (told) => ({ told: told ?? '', answer: told }))).toBe('a')
  expect(await version()).toEqual(before)
})

test('of those who change it at once none is lost', async () => {
  await Promise.all(WORDS.map((word) => minutes.change(4, added(word))))
  const all = await minutes.change(4, added(''))
  expect(all.told?.split('').toSorted()).toEqual(WORDS)
})

test('whoever is always too late says so', async () => {
  await minutes.change(5, added('a'))
  const late: Sql = { ...sql, rows: async (text, values) => (text.startsWith('update') ? [] : sql.rows(text, values)) }
  await expect(openMinutes(late).change(5, added('b'))).rejects.toMatchObject({ code: 'again' })
})
