import { chmodSync, existsSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { directoryKeeper } from '../../../../app/keep/keepers/directory.ts'
import { timestamp } from '../../../../evidence/model/primitives.ts'
import { enforcesTimeAndHolds, itemOf, keepsWhatItIsGiven } from './contract.ts'

const NOW = Date.parse('2027-12-28T12:00:00.000Z')
const BYTES = Buffer.from('the bytes of a pack')
const ITEM = itemOf(BYTES)

function opened(now: () => number = () => NOW) {
  const path = join(mkdtempSync(join(tmpdir(), 'conductor-dir-')), 'archive')
  return { path, now, keeper: directoryKeeper({ name: 'archive', path, now }) }
}
const fileOf = (path: string): string => join(path, 'sha256', ITEM.sha256.slice(0, 2), ITEM.sha256)

keepsWhatItIsGiven(async () => opened())
enforcesTimeAndHolds(async () => opened())

test('after its time and its hold it goes, with what was remembered of it', async () => {
  let now = NOW
  const { keeper, path } = opened(() => now)
  await keeper.put(ITEM, BYTES, timestamp(NOW + 1_000))
  await keeper.hold(ITEM, true)
  now += 1_000
  await expect(keeper.delete(ITEM)).rejects.toMatchObject({ code: 'locked' })
  await keeper.hold(ITEM, false)
  expect(await keeper.delete(ITEM)).toBe('deleted')
  expect(readdirSync(join(path, 'sha256', ITEM.sha256.slice(0, 2)))).toEqual([])
})

test('files are for reading by their owner only, and no half file stays', async () => {
  const { keeper, path } = opened()
  const { location } = await keeper.put(ITEM, BYTES, timestamp(NOW))
  expect(location).toBe(fileOf(path))
  expect(statSync(location).mode & 0o777).toBe(0o400)
  expect(statSync(join(path, 'sha256')).mode & 0o777).toBe(0o700)
  expect(readdirSync(join(location, '..')).toSorted()).toEqual([ITEM.sha256, `${ITEM.sha256}.keep`])
})

test('changed bytes are never given, and put heals them', async () => {
  const { keeper, path } = opened()
  await keeper.put(ITEM, BYTES, timestamp(NOW))
  chmodSync(fileOf(path), 0o600)
  writeFileSync(fileOf(path), 'changed')
  await expect(keeper.get(ITEM)).rejects.toMatchObject({ name: 'StorageError', code: 'changed' })
  await keeper.put(ITEM, BYTES, timestamp(NOW))
  expect(await keeper.get(ITEM)).not.toBeNull()
})

test('when what was remembered cannot be read, nothing is deleted', async () => {
  const { keeper, path } = opened()
  await keeper.put(ITEM, BYTES, timestamp(NOW - 1))
  writeFileSync(`${fileOf(path)}.keep`, '{')
  await expect(keeper.delete(ITEM)).rejects.toMatchObject({ code: 'changed' })
  expect(existsSync(fileOf(path))).toBe(true)
})

test('a path cannot be smuggled in, and holding what is absent is told', async () => {
  const { keeper } = opened()
  await expect(keeper.get({ ...ITEM, sha256: '../../etc/passwd' })).rejects.toThrow(/SHA-256|failed/)
  await expect(keeper.hold(ITEM, true)).rejects.toMatchObject({ code: 'absent' })
  await expect(keeper.extend(ITEM, timestamp(NOW))).rejects.toMatchObject({ code: 'absent' })
})

test('what an operator should know', async () => {
  const { keeper, path } = opened()
  expect(await keeper.check()).toEqual([`${path} is not there yet; it is made when the first pack is put`])
  await keeper.put(ITEM, BYTES, timestamp(NOW))
  expect(await keeper.check()).toEqual([])
  chmodSync(path, 0o777)
  expect(await keeper.check()).toEqual([`${path} can be written by others than its owner`])
  const file = join(path, 'file')
  writeFileSync(file, '')
  await expect(directoryKeeper({ name: 'archive', path: file, now: () => NOW }).check()).rejects.toMatchObject({ code: 'refused' })
  await expect(directoryKeeper({ name: 'archive', path: file, now: () => NOW }).put(ITEM, BYTES, timestamp(NOW))).rejects.toMatchObject({
    code: 'unreachable',
  })
})
