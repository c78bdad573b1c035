import { describe, expect, test } from 'vitest'
import { readAct, RETENTION_CHAIN, type Act } from '../../../evidence/keep/acts.ts'
import { KeepError } from '../../../evidence/keep/error.ts'
import { holdToLift } from '../../../evidence/keep/hold.ts'
import { purgePlan, whyKept } from '../../../evidence/keep/purge.ts'
import { stateOf, type KeptPack } from '../../../evidence/keep/state.ts'
import { link, type LedgerEntry } from '../../../evidence/ledger/chain.ts'
import { timestamp } from '../../../evidence/model/primitives.ts'
import { APP, CLAIMED, DAY, KEEP, PACK, SEALED } from '../../app/keep/memory.ts'

const KEPT: Extract<Act, { type: 'kept' }> = { type: 'kept', data: { pack: PACK, keep: KEEP, store: 'archive', location: '/x', by: APP } }
const HELD: Act = { type: 'held', data: { pack: PACK.sha256, reason: 'a lawsuit', by: CLAIMED } }

function entriesOf(acts: readonly Act[], release = RETENTION_CHAIN): LedgerEntry[] {
  const entries: LedgerEntry[] = []
  for (const { type, data } of acts) entries.push(link(entries.at(-1) ?? null, { release, at: timestamp(SEALED), type, data }))
  return entries
}
function packOf(acts: readonly Act[]): KeptPack {
  const state = stateOf(entriesOf(acts))
  const pack = state instanceof KeepError ? undefined : state.get(PACK.sha256)
  if (pack === undefined) throw new Error('it was kept')
  return pack
}

test('an empty log knows nothing', () => {
  expect(stateOf([])).toEqual(new Map())
})

test('a time only grows, and a second store is a second copy', () => {
  const pack = packOf([
    KEPT,
    { type: 'extended', data: { pack: PACK.sha256, until: timestamp(SEALED + 500 * DAY), class: 'incident', why: 'an incident followed' } },
    { ...KEPT, data: { ...KEPT.data, store: 'bucket' } },
    { type: 'extended', data: { pack: PACK.sha256, until: timestamp(SEALED), class: 'incident', why: 'never shorter' } },
  ])
  expect(pack).toMatchObject({ until: timestamp(SEALED + 500 * DAY), class: 'incident', copies: [{ store: 'archive' }, { store: 'bucket' }] })
})

describe('holds', () => {
  test('each has its own number, and one that is lifted leaves the others', () => {
    const two = packOf([KEPT, HELD, HELD])
    expect(two.holds.map((hold) => hold.id)).toEqual([1, 2])
    expect(holdToLift(two, undefined)).toMatchObject({ code: 'no-such-hold' })
    expect(holdToLift(two, 9)).toMatchObject({ code: 'no-such-hold' })
    expect(holdToLift(two, 2)).toMatchObject({ id: 2 })
    const one = packOf([KEPT, HELD, HELD, { type: 'lifted', data: { pack: PACK.sha256, hold: 1, reason: 'it is settled', by: CLAIMED } }])
    expect(holdToLift(one, undefined)).toMatchObject({ id: 2 })
    expect(whyKept(one, SEALED + 999 * DAY)).toMatchObject({ code: 'held' })
    expect(holdToLift(packOf([KEPT]), undefined)).toMatchObject({ code: 'not-held' })
  })
})

test('over 400 days: kept to the last millisecond, then due', () => {
  const packs = new Map([[PACK.sha256, packOf([KEPT])]])
  for (let day = 0; day < 400; day += 7) expect(purgePlan(packs, SEALED + day * DAY)).toMatchObject({ due: [], kept: [{ why: { code: 'early' } }] })
  expect(purgePlan(packs, SEALED + 400 * DAY - 1).due).toEqual([])
  expect(purgePlan(packs, SEALED + 400 * DAY)).toMatchObject({ due: [{ next: 'request' }], kept: [] })
  expect(whyKept(packOf([KEPT]), Number.NaN)).toMatchObject({ code: 'early' })
})

describe('a log that does not hold is no log', () => {
  test.each<[string, LedgerEntry[]]>([
    ['of another chain', entriesOf([KEPT], '7#3')],
    ['with an act nobody knows', entriesOf([{ type: 'forgotten', data: {} } as unknown as Act])],
    ['with an act that does not fit', entriesOf([{ type: 'held', data: { pack: 'x' } } as unknown as Act])],
    ['about a pack that was never kept', entriesOf([HELD])],
    ['with a cut in it', entriesOf([KEPT, HELD, HELD]).filter((entry) => entry.index !== 1)],
    ['with an edited entry', entriesOf([KEPT, HELD]).map((entry) => ({ ...entry, at: timestamp(SEALED + 1) }))],
  ])('%s', (_what, entries) => {
    expect(stateOf(entries)).toMatchObject({ name: 'KeepError', code: 'log' })
  })

  test('a prototype key is no act', () => {
    expect(readAct('constructor', {})).toBeNull()
    expect(readAct('__proto__', {})).toBeNull()
  })
})
