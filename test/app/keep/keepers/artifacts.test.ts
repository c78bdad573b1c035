import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
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
  const folder = mkdtempSync(join(tmpdir(), 'conductor-art-'))
  const keeper = artifactsKeeper(packFiles(folder))
  const { location } = await keeper.put(itemOf(BYTES), BYTES, timestamp(0))
  expect(location).toBe(join(folder, 'acme', 'shop', 'release', 'v2.0.0', 'evidence.zip'))
  writeFileSync(location, 'a later pack')
  expect(await keeper.get(itemOf(BYTES))).toBeNull()
  expect(await keeper.delete(itemOf(BYTES))).toBe('absent')
  expect(readFileSync(location, 'utf8')).toBe('a later pack')
})
