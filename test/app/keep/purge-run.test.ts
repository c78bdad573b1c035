import * as fc from 'fast-check'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { hold, keep, lift } from '../../../app/keep/archive.ts'
import { approvePurge, requestPurge, runPurge, tombstonePath } from '../../../app/keep/purge-run.ts'
import { KeepError } from '../../../evidence/keep/error.ts'
import { readTombstone } from '../../../evidence/keep/tombstone.ts'
import { checkChain } from '../../../evidence/ledger/chain.ts'
import { APP, APP_KEY, archiveOn, BYTES, CLAIMED, Crash, DAY, diskOf, KEEP, PACK, packsOn, PEOPLE, person, SEALED, type Disk } from './memory.ts'

const WHY = 'its time is over'

async function keptOn(disk: Disk): Promise<Disk> {
  for (const store of disk.stores.keys()) await keep(archiveOn(disk), { pack: PACK, keep: KEEP, store, bytes: BYTES, by: APP })
  return disk
}

async function approvedOn(disk: Disk, days = 401): Promise<Disk> {
  await keptOn(disk)
  disk.now = SEALED + days * DAY
  await requestPurge(archiveOn(disk), PACK.sha256, WHY, person('carol'))
  await approvePurge(archiveOn(disk), PACK.sha256, person('alice'))
  await approvePurge(archiveOn(disk), PACK.sha256, person('bob'))
  return disk
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error as KeepError).code,
  )

async function proofOf(disk: Disk): Promise<ReturnType<typeof readTombstone>> {
  return readTombstone({ bundle: await readFile(tombstonePath(archiveOn(disk), PACK.sha256)), keys: APP_KEY, people: PEOPLE })
}

test('after its time, with one who asks and two who approve, it goes from every store and leaves a proof', async () => {
  const disk = await approvedOn(diskOf())
  const done = await runPurge(archiveOn(disk), PACK.sha256, CLAIMED)
  expect(done.stores).toEqual([
    { store: 'archive', found: true },
    { store: 'bucket', found: true },
  ])
  for (const things of disk.stores.values()) expect([...things.keys()]).not.toContain(PACK.sha256)
  expect(await proofOf(disk)).toMatchObject({
    signer: 'app',
    digest: done.sha256,
    tombstone: { pack: PACK, keep: KEEP, reason: WHY, requested_by: 'carol', approved_by: ['alice', 'bob'], purged_at: '2027-12-28T12:00:00.000Z' },
  })
  // The proof lies where the pack lay, too.
  for (const things of disk.stores.values()) expect(things.size).toBe(1)
})

test('again is the same: nothing more is written', async () => {
  const disk = await approvedOn(diskOf())
  const first = await runPurge(archiveOn(disk), PACK.sha256, CLAIMED)
  const length = disk.entries.length
  expect(await runPurge(archiveOn(disk), PACK.sha256, CLAIMED)).toEqual(first)
  expect(disk.entries).toHaveLength(length)
})

describe('it is refused', () => {
  test.each<[string, string, (disk: Disk) => Promise<unknown>]>([
    ['of something absent', 'unknown-pack', (disk) => requestPurge(archiveOn(disk), 'f'.repeat(64), WHY, person('carol'))],
    ['that nobody asked for', 'no-request', (disk) => runPurge(archiveOn(disk), PACK.sha256, CLAIMED)],
    [
      'with nobody to approve',
      'too-few-approvers',
      async (disk) => {
        await requestPurge(archiveOn(disk), PACK.sha256, WHY, person('carol'))
        await runPurge(archiveOn(disk), PACK.sha256, CLAIMED)
      },
    ],
    [
      'with one approver',
      'too-few-approvers',
      async (disk) => {
        await requestPurge(archiveOn(disk), PACK.sha256, WHY, person('carol'))
        await approvePurge(archiveOn(disk), PACK.sha256, person('alice'))
        await runPurge(archiveOn(disk), PACK.sha256, CLAIMED)
      },
    ],
    [
      'with one person twice',
      'same-person',
      async (disk) => {
        await requestPurge(archiveOn(disk), PACK.sha256, WHY, person('carol'))
        await approvePurge(archiveOn(disk), PACK.sha256, person('alice'))
        await approvePurge(archiveOn(disk), PACK.sha256, person('alice'))
      },
    ],
    [
      'approved by who asked',
      'own-request',
      async (disk) => {
        await requestPurge(archiveOn(disk), PACK.sha256, WHY, person('carol'))
        await approvePurge(archiveOn(disk), PACK.sha256, person('carol'))
      },
    ],
    [
      'asked for twice',
      'requested',
      async (disk) => {
        await requestPurge(archiveOn(disk), PACK.sha256, WHY, person('carol'))
        await requestPurge(archiveOn(disk), PACK.sha256, WHY, person('dave'))
      },
    ],
    [
      'by a name without its key',
      'bad-signature',
      (disk) => requestPurge(archiveOn(disk), PACK.sha256, WHY, { ...person('carol'), actor: { name: 'alice', how: 'key' } }),
    ],
    [
      'by somebody who only says so',
      'bad-signature',
      (disk) => requestPurge(archiveOn(disk), PACK.sha256, WHY, { ...person('carol'), actor: CLAIMED }),
    ],
    ['by nobody the operator knows', 'bad-signature', (disk) => requestPurge(archiveOn(disk), PACK.sha256, WHY, person('app'))],
    [
      'while somebody holds it',
      'held',
      async (disk) => {
        await hold(archiveOn(disk), PACK.sha256, 'a lawsuit', CLAIMED)
        await requestPurge(archiveOn(disk), PACK.sha256, WHY, person('carol'))
      },
    ],
  ])('%s: %s', async (_what, code, work) => {
    const disk = await keptOn(diskOf())
    disk.now = SEALED + 401 * DAY
    expect(await codeOf(work(disk))).toBe(code)
    expect(disk.stores.get('archive')?.has(PACK.sha256)).toBe(true)
  })

  test.each([
    ['a millisecond early', -1, 'early'],
    ['on time', 0, 'done'],
  ])('%s', async (_what, off, code) => {
    const disk = await keptOn(diskOf())
    disk.now = Date.parse(KEEP.until) + off
    expect(await codeOf(requestPurge(archiveOn(disk), PACK.sha256, WHY, person('carol')))).toBe(code)
  })

  test('when the request is more than 30 days old', async () => {
    const disk = await approvedOn(diskOf())
    disk.now += 30 * DAY + 1
    expect(await codeOf(runPurge(archiveOn(disk), PACK.sha256, CLAIMED))).toBe('stale-request')
    expect(await codeOf(requestPurge(archiveOn(disk), PACK.sha256, WHY, person('dave')))).toBe('done')
  })

  test('when a hold came between, even after it was lifted: it must be asked for again', async () => {
    const disk = await approvedOn(diskOf())
    await hold(archiveOn(disk), PACK.sha256, 'a lawsuit', CLAIMED)
    expect(await codeOf(runPurge(archiveOn(disk), PACK.sha256, CLAIMED))).toBe('held')
    await lift(archiveOn(disk), PACK.sha256, undefined, 'it is settled', CLAIMED)
    expect(await codeOf(runPurge(archiveOn(disk), PACK.sha256, CLAIMED))).toBe('no-request')
  })

  test('when an approval in the log was not signed by that person', async () => {
    const disk = await approvedOn(diskOf())
    const archive = archiveOn(disk)
    expect(await codeOf(runPurge({ ...archive, people: PEOPLE.filter(({ id }) => id !== 'bob') }, PACK.sha256, CLAIMED))).toBe('bad-signature')
    expect(disk.entries.some((entry) => entry.type === 'purge.started')).toBe(false)
  })

  test('before anything goes, when a store holds it itself or is away', async () => {
    const disk = await approvedOn(diskOf())
    disk.holds.get('bucket')?.add(PACK.sha256)
    expect(await codeOf(runPurge(archiveOn(disk), PACK.sha256, CLAIMED))).toBe('locked')
    disk.holds.get('bucket')?.clear()
    disk.away.add('bucket')
    expect(await codeOf(runPurge(archiveOn(disk), PACK.sha256, CLAIMED))).toBe('unreachable')
    expect(disk.stores.get('archive')?.has(PACK.sha256)).toBe(true)
    expect(disk.entries.some((entry) => entry.type === 'purge.started')).toBe(false)
  })

  test('to hold, read or keep what is going or gone', async () => {
    const disk = await approvedOn(diskOf())
    await runPurge(archiveOn(disk), PACK.sha256, CLAIMED)
    expect(await codeOf(hold(archiveOn(disk), PACK.sha256, 'a lawsuit', CLAIMED))).toBe('purged')
    expect(await codeOf(keep(archiveOn(disk), { pack: PACK, keep: KEEP, store: 'archive', bytes: BYTES, by: APP }))).toBe('purged')
  })
})

/** Runs until it is done, with the power going once. @returns false when the run had fewer steps */
async function crashingAt(disk: Disk, at: number, after: boolean): Promise<boolean> {
  disk.power = { left: at, after }
  const crashed = await runPurge(archiveOn(disk), PACK.sha256, CLAIMED).then(
    () => false,
    (error: unknown) => {
      if (!(error instanceof Crash)) throw error
      return true
    },
  )
  disk.power = null
  return crashed
}

/** What is not honest on this disk: bytes that are gone without having been recorded as going, or that are there although recorded as gone. */
function lies(disk: Disk): string[] {
  const { purge } = packsOn(disk).get(PACK.sha256) ?? { purge: null }
  const found = 'root' in checkChain(disk.entries) ? [] : ['the chain is broken']
  for (const [store, things] of disk.stores) {
    const isThere = things.has(PACK.sha256)
    if (!isThere && purge?.stores.includes(store) !== true) found.push(`${store} lost it without a word`)
    if (isThere && (purge?.deleted[store] !== undefined || purge?.done != null)) found.push(`${store} still has it`)
  }
  return found
}

/** What was wrong when the deletion began, told from the entries alone and not by the code that decided. */
function wrongs(disk: Disk): string[] {
  const started = disk.entries.find((entry) => entry.type === 'purge.started')
  if (started === undefined) return [...disk.stores].flatMap(([store, things]) => (things.has(PACK.sha256) ? [] : [`${store} lost it`]))
  const before = disk.entries.slice(0, started.index)
  const count = (type: string): number => before.filter((entry) => entry.type === type).length
  const asked = before.findLast((entry) => entry.type === 'purge.requested')
  const nameOf = (entry: (typeof before)[number] | undefined): string => (entry?.data['by'] as { name: string } | undefined)?.name ?? ''
  const yes = new Set(before.filter((entry) => entry.type === 'purge.approved' && entry.data['request'] === asked?.index).map(nameOf))
  yes.delete(nameOf(asked))
  return [
    ...(started.at < KEEP.until ? ['early'] : []),
    ...(count('held') === count('lifted') ? [] : ['held']),
    ...(yes.size < 2 ? [`approved by ${yes.size}`] : []),
  ]
}

test('killed before or after any step, it is honest, goes on, and ends with one proof', async () => {
  let crashes = 0
  for (const after of [false, true])
    for (let at = 0; ; at++) {
      const disk = await approvedOn(diskOf())
      if (!(await crashingAt(disk, at, after))) break
      crashes += 1
      expect(lies(disk)).toEqual([])
      const done = await runPurge(archiveOn(disk), PACK.sha256, CLAIMED)
      expect(lies(disk)).toEqual([])
      expect(await proofOf(disk)).toMatchObject({ digest: done.sha256, tombstone: { started_at: expect.any(String) } })
      expect(disk.entries.filter((entry) => entry.type === 'purge.started')).toHaveLength(1)
      expect(disk.entries.filter((entry) => entry.type === 'purge.done')).toHaveLength(1)
    }
  // Before and after each: intent, two deletions with their outcomes, signature, two proofs put, the end.
  expect(crashes).toBe(2 * 9)
})

test('a store that goes away in the middle is named, and the rest waits for it', async () => {
  const disk = await approvedOn(diskOf())
  await crashingAt(disk, 2, true)
  disk.away.add('bucket')
  expect(await codeOf(runPurge(archiveOn(disk), PACK.sha256, CLAIMED))).toBe('unreachable')
  expect(disk.entries.at(-1)).toMatchObject({ type: 'purge.failed', data: { store: 'bucket', code: 'unreachable' } })
  disk.away.clear()
  expect(await codeOf(runPurge(archiveOn(disk), PACK.sha256, CLAIMED))).toBe('done')
})

type Order =
  | { readonly do: 'wait'; readonly days: number }
  | {
      readonly do: 'hold' | 'lift' | 'request' | 'approve' | 'run' | 'keep'
      readonly who: string
      readonly power: { left: number; after: boolean } | null
    }

const PERSON = fc.constantFrom('alice', 'bob', 'carol', 'dave')
const POWER = fc.option(fc.record({ left: fc.integer({ min: 0, max: 9 }), after: fc.boolean() }), { freq: 4, nil: null })
const ORDER: fc.Arbitrary<Order> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 300 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('hold' as const, 'lift' as const, 'keep' as const), who: PERSON, power: POWER }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('request' as const, 'approve' as const, 'approve' as const, 'run' as const),
      who: PERSON,
      power: POWER,
    }),
  },
)

async function obey(disk: Disk, order: Order): Promise<void> {
  if (order.do === 'wait') {
    disk.now += order.days * DAY
    return
  }
  disk.power = order.power === null ? null : { ...order.power }
  const archive = archiveOn(disk)
  const by = { name: order.who, how: 'claimed' as const }
  const work = {
    hold: () => hold(archive, PACK.sha256, 'a lawsuit', by),
    lift: () => lift(archive, PACK.sha256, undefined, 'it is settled', by),
    keep: () => keep(archive, { pack: PACK, keep: KEEP, store: 'archive', bytes: BYTES, by }),
    request: () => requestPurge(archive, PACK.sha256, WHY, person(order.who)),
    approve: () => approvePurge(archive, PACK.sha256, person(order.who)),
    run: () => runPurge(archive, PACK.sha256, by),
  }[order.do]
  await work().catch((error: unknown) => {
    if (!(error instanceof KeepError) && !(error instanceof Crash)) throw error
  })
  disk.power = null
}

test('whatever people do in whatever order, with the power going: nothing goes early, held, or without two others', async () => {
  let purged = 0
  const scripted: Order[] = [
    { do: 'wait', days: 300 },
    { do: 'wait', days: 150 },
    { do: 'request', who: 'carol', power: null },
    { do: 'approve', who: 'alice', power: null },
    { do: 'approve', who: 'bob', power: null },
  ]
  await fc.assert(
    fc.asyncProperty(fc.boolean(), POWER, fc.array(ORDER, { minLength: 5, maxLength: 20 }), async (head, power, orders) => {
      const disk = await keptOn(diskOf())
      for (const order of [...(head ? [...scripted, { do: 'run', who: 'alice', power } as const] : []), ...orders]) {
        await obey(disk, order)
        expect(lies(disk)).toEqual([])
      }
      expect(wrongs(disk)).toEqual([])
      purged += disk.entries.some((entry) => entry.type === 'purge.started') ? 1 : 0
    }),
    { numRuns: 60 },
  )
  expect(purged).toBeGreaterThan(5)
})
