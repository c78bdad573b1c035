import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { artifactsKeeper } from '../../../../app/keep/keepers/artifacts.ts'
import { packFiles } from '../../../../app/store/pack-files.ts'
import { timestamp } from '../../../../evidence/model/primitives.ts'
import { itemOf, keepsWhatItIsGiven } from './contract.ts'

const BYTES = Buffer.from('the bytes of a pack')

keepsWhatItIsGiven(async () => ({ keeper: artifactsKeeper(packFiles(mkdtempSync(join(tmpdir(), 'conductor-art-')))), now: () => 1_000_000 }))

test('a pack lies where the App seals it; another pack of that name is not it, and is not deleted for it', async () => {
  const files = packFiles(mkdtempSync(join(tmpdir(), 'conductor-art-')))
  const keeper = artifactsKeeper(files)
  const item = itemOf(BYTES)
  const { location } = await keeper.put(item, BYTES, timestamp(0))
  expect(location).toBe(files.path({ repository: { owner: 'acme', name: 'shop' }, version: 'v2.0.0' }, 2, item.sha256))
  writeFileSync(location, 'another pack')
  expect(await keeper.get(item)).toBeNull()
  expect(await keeper.delete(item)).toBe('absent')
  expect(readFileSync(location, 'utf8')).toBe('another pack')
})

test('what is purged is gone under both of its names; evidence.zip of a later pack stays', async () => {
  const files = packFiles(mkdtempSync(join(tmpdir(), 'conductor-art-')))
  const keeper = artifactsKeeper(files)
  const release = { repository: { owner: 'acme', name: 'shop' }, version: 'v2.0.0' }
  const later = Buffer.from('the bytes of a later pack')
  const [second, third] = [itemOf(BYTES), itemOf(later, { seal: 3 })]
  const paths = [await keeper.put(second, BYTES, timestamp(0)), await keeper.put(third, later, timestamp(0))].map(({ location }) => location)
  await files.point(release, paths[1] ?? '')
  expect(await keeper.delete(second)).toBe('deleted')
  expect([existsSync(paths[0] ?? ''), readFileSync(files.newest(release), 'utf8')]).toEqual([false, later.toString()])
  expect(await keeper.delete(third)).toBe('deleted')
  expect([existsSync(paths[1] ?? ''), existsSync(files.newest(release))]).toEqual([false, false])
})
