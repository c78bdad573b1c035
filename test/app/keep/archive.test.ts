import { describe, expect, test } from 'vitest'
import { fetchPack, hold, keep, keeperOf, lift, recordAccess, settle, verifyCopies } from '../../../app/keep/archive.ts'
import { sha256 } from '../../../evidence/core/digest.ts'
import { timestamp } from '../../../evidence/model/primitives.ts'
import { APP, archiveOn, BYTES, CLAIMED, DAY, diskOf, KEEP, PACK, packsOn, SEALED } from './memory.ts'

const kept = (disk: ReturnType<typeof diskOf>, store: string) => keep(archiveOn(disk), { pack: PACK, keep: KEEP, store, bytes: BYTES, by: APP })
const packOn = (disk: ReturnType<typeof diskOf>) => {
  const pack = packsOn(disk).get(PACK.sha256)
  if (pack === undefined) throw new Error('it was kept')
  return pack
}

test('a pack that is put again is written down once; after a crash in between, at the next try', async () => {
  const disk = diskOf()
  disk.power = { left: 0, after: true }
  await expect(kept(disk, 'archive')).rejects.toThrow('after')
  disk.power = null
  expect(disk.entries).toEqual([])
  await kept(disk, 'archive')
  await kept(disk, 'archive')
  await kept(disk, 'bucket')
  expect(packOn(disk).copies.map((copy) => copy.store)).toEqual(['archive', 'bucket'])
  expect(disk.entries).toHaveLength(2)
})

const next = (name: string, previous: string) => ({ bytes: Buffer.from(name), pack: { ...PACK, sha256: sha256(name), size: name.length, previous } })
const SECOND = next('the second pack', PACK.sha256)
const THIRD = next('the third pack', SECOND.pack.sha256)
const LONG = { class: 'incident', until: timestamp(SEALED + 800 * DAY) } as const

test.each([
  ['one after the other', [0, 1, 2]],
  ['the last before the others', [2, 1, 0]],
  ['the first at the end', [1, 2, 0]],
  ['the middle at the end', [2, 0, 1]],
] as const)('every pack of a chain is kept as long as the last, kept %s', async (_how, order) => {
  const disk = diskOf()
  const acts = [
    { pack: PACK, bytes: BYTES, keep: KEEP },
    { ...SECOND, keep: KEEP },
    { ...THIRD, keep: LONG },
  ]
  for (const at of [...order, ...order]) await keep(archiveOn(disk), { ...(acts[at] ?? never()), store: 'archive', by: APP })
  for (const { pack } of acts) {
    expect(packsOn(disk).get(pack.sha256)).toMatchObject(LONG)
    expect(await settle(archiveOn(disk), pack.sha256)).toEqual([])
    expect(packsOn(disk).get(pack.sha256)?.copies[0]?.placed).toEqual({ until: LONG.until, held: false })
  }
  expect(disk.entries.filter(({ type }) => type === 'extended')).toHaveLength(2)
})

function never(): never {
  throw new Error('there is no such pack')
}

describe('a hold', () => {
  test('holds from the moment it is written, and reaches each store when that is there again', async () => {
    const disk = diskOf()
    await kept(disk, 'archive')
    await kept(disk, 'bucket')
    disk.away.add('bucket')
    const { id, pending } = await hold(archiveOn(disk), PACK.sha256, 'a lawsuit', CLAIMED)
    expect(pending).toMatchObject([{ store: 'bucket', code: 'unreachable' }])
    expect(packOn(disk).holds).toMatchObject([{ id, reason: 'a lawsuit', by: CLAIMED }])
    expect(disk.holds.get('archive')?.has(PACK.sha256)).toBe(true)
    disk.away.clear()
    expect(await settle(archiveOn(disk), PACK.sha256)).toEqual([])
    expect(disk.holds.get('bucket')?.has(PACK.sha256)).toBe(true)
    expect(await lift(archiveOn(disk), PACK.sha256, undefined, 'it is settled', CLAIMED)).toEqual({ id, left: 0, pending: [] })
    expect(disk.holds.get('bucket')?.has(PACK.sha256)).toBe(false)
  })

  test('that the power interrupted is enforced at the next look', async () => {
    const disk = diskOf()
    await kept(disk, 'archive')
    disk.power = { left: 0, after: true }
    await expect(hold(archiveOn(disk), PACK.sha256, 'a lawsuit', CLAIMED)).rejects.toThrow('after')
    disk.power = null
    expect(packOn(disk).holds).toHaveLength(1)
    await settle(archiveOn(disk), PACK.sha256)
    expect(disk.holds.get('archive')?.has(PACK.sha256)).toBe(true)
  })

  test('of what is not kept, or lifted where none lies, is refused', async () => {
    const disk = diskOf()
    await expect(hold(archiveOn(disk), PACK.sha256, 'a lawsuit', CLAIMED)).rejects.toMatchObject({ code: 'unknown-pack' })
    await kept(disk, 'archive')
    await expect(lift(archiveOn(disk), PACK.sha256, undefined, 'it is settled', CLAIMED)).rejects.toMatchObject({ code: 'not-held' })
  })
})

const entry = (path: string, reason: string | null) => ({ pack: PACK.sha256, path, bytes: Buffer.from('x'), reason, by: CLAIMED })

describe('reading', () => {
  test('an elevated entry needs a reason; it is on disk before anything is answered', async () => {
    const disk = diskOf()
    await kept(disk, 'archive')
    await expect(recordAccess(archiveOn(disk), entry('identity/stepup.json', null))).rejects.toMatchObject({ code: 'reason' })
    expect(await recordAccess(archiveOn(disk), entry('identity/stepup.json', 'the auditor asked'))).toEqual({ elevated: true, entry: 1 })
    expect(disk.entries.at(-1)).toMatchObject({
      type: 'access',
      data: { path: 'identity/stepup.json', sha256: sha256('x'), reason: 'the auditor asked', by: CLAIMED },
    })
    expect(packOn(disk).reads).toBe(1)
  })

  test('when it cannot be written down there is no answer', async () => {
    const disk = diskOf()
    disk.power = { left: 0, after: false }
    await expect(recordAccess(archiveOn(disk), entry('identity/stepup.json', 'the auditor asked'))).rejects.toThrow('before')
    expect(disk.entries).toEqual([])
  })

  test('what is open leaves no entry, unless a reason is given', async () => {
    const disk = diskOf()
    expect(await recordAccess(archiveOn(disk), entry('release_notes.md', null))).toEqual({ elevated: false, entry: null })
    expect(await recordAccess(archiveOn(disk), entry('release_notes.md', 'the auditor asked'))).toEqual({ elevated: false, entry: 0 })
  })

  test('a store that is away is passed over; one that has it answers', async () => {
    const disk = diskOf()
    await kept(disk, 'archive')
    await kept(disk, 'bucket')
    disk.away.add('archive')
    expect(Buffer.from(await fetchPack(archiveOn(disk), packOn(disk))).toString()).toBe(BYTES.toString())
    disk.away.add('bucket')
    await expect(fetchPack(archiveOn(disk), packOn(disk))).rejects.toMatchObject({ code: 'unreachable' })
    disk.away.clear()
    for (const things of disk.stores.values()) things.clear()
    await expect(fetchPack(archiveOn(disk), packOn(disk))).rejects.toMatchObject({ code: 'absent' })
  })
})

test('each copy is read back, and how it was is written down', async () => {
  const disk = diskOf()
  await kept(disk, 'archive')
  await kept(disk, 'bucket')
  disk.stores.get('bucket')?.clear()
  const found = await verifyCopies(archiveOn(disk), packOn(disk), () => '')
  expect(found).toEqual([
    { store: 'archive', ok: true, what: '' },
    { store: 'bucket', ok: false, what: 'it is not there' },
  ])
  expect(packOn(disk).copies.map((copy) => copy.verified?.ok)).toEqual([true, false])
})

test('a store the operator does not name is told, with those there are', () => {
  expect(() => keeperOf(archiveOn(diskOf()), 'nowhere')).toThrow(/no store nowhere; it has archive, bucket/)
})
