import { expect, test } from 'vitest'
import { warnOfOpenNames, warnOfStores } from '../../app/warnings.ts'
import type { Keeper } from '../../app/keep/keeper.ts'

function heard() {
  const lines: unknown[] = []
  return { lines, log: { warn: (fields: unknown, message?: unknown) => void lines.push([fields, message]) } as never }
}

const keeper = (name: string, check: () => Promise<readonly string[]>) => [name, { name, check } as unknown as Keeper] as const

const NONE = { routers: {}, metrics: {}, webhooks: {}, probes: {}, stores: {} }

test('names that every repository may use are one line; none are none', () => {
  const { lines, log } = heard()
  warnOfOpenNames({ named: { ...NONE, routers: { a: {}, b: {} }, probes: { c: {} } }, limits: { routers: { b: ['acme/shop'] } } }, log)
  expect(lines).toEqual([[{ names: ['routers.a', 'probes.c'] }, expect.stringContaining('`repositories`')]])
  warnOfOpenNames({ named: NONE, limits: {} }, log)
  expect(lines).toHaveLength(1)
})

test('a store that enforces too little, and one that does not answer', async () => {
  const { lines, log } = heard()
  const keepers = new Map([
    keeper('good', async () => []),
    keeper('weak', async () => ['no lock']),
    keeper('gone', async () => await Promise.reject(new Error('refused'))),
  ])
  await warnOfStores({ keepers }, log)
  expect(lines).toEqual([
    [{ store: 'weak', warning: 'no lock' }, 'A store of packs does not enforce what it should.'],
    [{ store: 'gone', error: 'Error: refused' }, 'A store of packs does not answer; packs wait for it.'],
  ])
})
