import { expect, test } from 'vitest'
import { sha256 } from '../../../evidence/core/digest.ts'
import { HashesElsewhere } from '../../../evidence/pack/hashes.ts'
import { scanArchive, scanZip } from '../../../evidence/pack/zip.ts'
import { archive } from './archives.ts'

const noise = (size: number, seed: number): Uint8Array => Uint8Array.from({ length: size }, (_, at) => (at * 2_654_435_761 + seed * 40_503) >>> 13)

test('large and small bytes get their digest, though their memory is written over meanwhile', async () => {
  const hashing = new HashesElsewhere()
  const sizes = [0, 10, 1_048_575, 1_048_576, 3_000_000, 9_000_000, 8_000_000]
  const wanted = sizes.map((size, at) => sha256(noise(size, at)))
  const given: (string | { readonly sha256: string })[] = []
  for (const [at, size] of sizes.entries()) {
    const bytes = noise(size, at)
    given.push(hashing.add(bytes))
    bytes.fill(0)
    await hashing.room()
  }
  await hashing.end()
  expect(given.map((one) => (typeof one === 'string' ? one : one.sha256))).toEqual(wanted)
})

test('an archive with large files is told the same from anywhere', async () => {
  const zip = archive(['a', 'b', 'c', 'd'].map((name, at) => ({ name, data: noise(2_000_000 + at, at) })))
  // One place for all reads, as a file is read.
  const place = new Uint8Array(3_000_000)
  const read = async (from: number, to: number): Promise<Uint8Array> => {
    place.set(zip.subarray(from, to))
    return place.subarray(0, to - from)
  }
  expect(await scanArchive({ size: zip.length, read })).toEqual(scanZip(zip))
})
