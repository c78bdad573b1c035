/** What every place where packs are kept promises. Each adapter runs this against the real thing. */
import { expect, test } from 'vitest'
import type { Item, Keeper } from '../../../../app/keep/keeper.ts'
import { sha256 } from '../../../../evidence/core/digest.ts'
import { timestamp } from '../../../../evidence/model/primitives.ts'

export function itemOf(bytes: Uint8Array, over: Partial<Item> = {}): Item {
  return { sha256: sha256(bytes), repository: 'acme/shop', repository_id: 7, version: 'v2.0.0', seal: 2, ...over }
}

/** @param open a fresh place; `now` is its clock, epoch milliseconds */
export function keepsWhatItIsGiven(open: () => Promise<{ readonly keeper: Keeper; readonly now: () => number }>): void {
  const bytes = Buffer.from('the bytes of a pack')
  const item = itemOf(bytes)

  test('what is put is there, whole, under its digest; twice is once', async () => {
    const { keeper, now } = await open()
    const until = timestamp(now() - 1_000)
    const first = await keeper.put(item, bytes, until)
    expect(await keeper.put(item, bytes, until)).toEqual(first)
    expect(Buffer.from((await keeper.get(item)) ?? []).toString()).toBe('the bytes of a pack')
    expect(await keeper.head(item)).toMatchObject({ size: bytes.length, held: false })
    expect(await keeper.list()).toEqual(keeper.takesAnything ? [item.sha256] : [])
  })

  test('what is absent is null, and deleting it is no error', async () => {
    const { keeper } = await open()
    expect(await keeper.get(item)).toBeNull()
    expect(await keeper.head(item)).toBeNull()
    expect(await keeper.delete(item)).toBe('absent')
  })

  test('bytes under another digest are refused', async () => {
    const { keeper, now } = await open()
    await expect(keeper.put(item, Buffer.from('other bytes'), timestamp(now()))).rejects.toMatchObject({ name: 'StorageError', code: 'refused' })
    expect(await keeper.get(item)).toBeNull()
  })

  test('what is deleted is gone', async () => {
    const { keeper, now } = await open()
    await keeper.put(item, bytes, timestamp(now() - 1_000))
    expect(await keeper.delete(item)).toBe('deleted')
    expect(await keeper.get(item)).toBeNull()
    expect(await keeper.delete(item)).toBe('absent')
  })
}

/** What a place promises that knows of time and holds. */
export function enforcesTimeAndHolds(open: () => Promise<{ readonly keeper: Keeper; readonly now: () => number }>): void {
  const bytes = Buffer.from('the bytes of a pack')
  const item = itemOf(bytes)

  test('nothing goes before its time, and the time only grows', async () => {
    const { keeper, now } = await open()
    const [soon, late] = [timestamp(now() + 3_600_000), timestamp(now() + 7_200_000)]
    await keeper.put(item, bytes, soon)
    await expect(keeper.delete(item)).rejects.toMatchObject({ code: 'locked' })
    await keeper.extend(item, late)
    expect(Date.parse((await keeper.head(item))?.lockedUntil ?? '')).toBeGreaterThanOrEqual(Math.floor(Date.parse(late) / 1000) * 1000)
    await keeper.put(item, bytes, soon)
    expect(Date.parse((await keeper.head(item))?.lockedUntil ?? '')).toBeGreaterThanOrEqual(Math.floor(Date.parse(late) / 1000) * 1000)
    expect(await keeper.get(item)).not.toBeNull()
  })

  test('nothing goes while it is held', async () => {
    const { keeper, now } = await open()
    await keeper.put(item, bytes, timestamp(now() + 1_500))
    await keeper.hold(item, true)
    expect(await keeper.head(item)).toMatchObject({ held: true })
    await expect(keeper.delete(item)).rejects.toMatchObject({ code: 'locked' })
    await keeper.hold(item, false)
    expect(await keeper.head(item)).toMatchObject({ held: false })
  })
}
