import { afterAll, beforeAll, expect, test } from 'vitest'
import { readUnfinished, readWaiting } from '../../../app/store/effects.ts'
import { migrate } from '../../../app/store/migrate.ts'
import { openPglite } from '../../../app/store/pglite.ts'
import type { Query, Sql } from '../../../app/store/sql.ts'

let sql: Sql
beforeAll(async () => {
  sql = await openPglite(null)
  await migrate(sql)
})
afterAll(async () => {
  await sql.close()
})

test('what waits is found without reading what is done', async () => {
  await sql.script(`insert into conductor.effects (key, release_key, effect, state)
    select 'k' || n, '7#3', '{"kind":"pack.keep","n":' || n || '}', case when n % 1000 = 0 then 'started' else 'done' end from generate_series(1, 5000) as n;
    analyze conductor.effects`)
  let plan = ''
  const explaining: Query = {
    rows: async (text, values) => {
      const lines = await sql.rows<{ 'QUERY PLAN': string }>(`explain ${text}`, values)
      plan = lines.map((line) => line['QUERY PLAN']).join('\n')
      return await sql.rows(text, values)
    },
    script: (text) => sql.script(text),
  }
  expect((await readWaiting(explaining, 'pack.keep')).map(({ key }) => key)).toEqual(['k1000', 'k2000', 'k3000', 'k4000', 'k5000'])
  expect(plan).toContain('effects_unfinished')
  expect(await readUnfinished(explaining)).toEqual(new Set(['7#3']))
  expect(plan).toContain('effects_unfinished')
})
