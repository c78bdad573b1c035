import { beforeAll, describe, expect, test } from 'vitest'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { parseJson } from '../../../evidence/core/json.ts'
import type { Manifest } from '../../../evidence/model/manifest.ts'
import { packAgain } from '../../../evidence/pack/again.ts'
import { readZip } from '../../../evidence/pack/zip.ts'
import { sealedRelease } from '../../support/sealed-release.ts'
import { goldenInputs, seal } from './golden.ts'

let zip: Uint8Array
beforeAll(async () => {
  ;({ zip } = await seal(await goldenInputs()))
})

async function again(change: (files: Map<string, Uint8Array>) => void): Promise<string[]> {
  const files = new Map(readZip(zip))
  change(files)
  const built = await packAgain(files)
  return 'zip' in built ? [] : built.map(({ code, path, message }) => `${code} ${path}: ${message}`)
}

/** The manifest with some of its fields as they never were. */
const claims = (over: (manifest: Manifest) => Partial<Manifest>) => (files: Map<string, Uint8Array>) => {
  const manifest = parseJson(files.get('manifest.json') ?? new Uint8Array()) as unknown as Manifest
  files.set('manifest.json', Buffer.from(canonicalize({ ...manifest, ...over(manifest) })))
}

test('the files of a pack give the same bytes, in whatever order they come', async () => {
  const built = await packAgain(new Map([...readZip(zip)].toReversed()))
  expect('zip' in built && Buffer.from(built.zip).equals(zip)).toBe(true)
})

test('so do those of packs that the App sealed, each of a chain', async () => {
  const { packs } = await sealedRelease({ back: true })
  expect([...packs.keys()]).toEqual([1, 2, 3])
  for (const pack of packs.values()) {
    const built = await packAgain(readZip(pack))
    expect('zip' in built && Buffer.from(built.zip).equals(pack)).toBe(true)
  }
})

describe('what is not as it was is named', () => {
  test('every file that is gone, changed or more, at once', async () => {
    const wrong = await again((files) => {
      files.delete('release_notes.md')
      files.set('config.yml', Buffer.from('version: 2\n'))
      files.set('extra.json', Buffer.from('{}'))
    })
    expect(wrong.map((line) => line.split(':')[0])).toEqual(['changed config.yml', 'missing release_notes.md', 'unexpected extra.json'])
  })

  test.each<[string, (files: Map<string, Uint8Array>) => void, RegExp]>([
    ['no manifest', (files) => files.delete('manifest.json'), /^missing manifest\.json/],
    ['a manifest of another form', (files) => files.set('manifest.json', Buffer.from('{}')), /^document manifest\.json/],
    ['no signature', (files) => files.delete('signatures/manifest.sigstore.json'), /^missing signatures\/manifest\.sigstore\.json: .*not signed/],
    ['a packer of another version', claims(({ packer }) => ({ packer: { ...packer, zlib: '0.9' } })), /^zip-not-canonical : .*zlib 0\.9 at level 6/],
    ['an archive that never was', claims(({ archive }) => ({ archive: { ...archive, size: 1 } })), /^manifest manifest\.json: .*another archive/],
    ['another evidence root', claims(() => ({ evidence_root: '0'.repeat(64) })), /^evidence-root /],
    [
      'another end of the ledger',
      claims(({ ledger }) => ({ ledger: { ...ledger, entries: 2 } })),
      /^manifest manifest\.json: .*ledger\.entries is \d+, not 2/,
    ],
    ['log references that nothing made', claims(() => ({ log: ['x'] })), /^manifest manifest\.json: .*log\[0\]/],
  ])('%s', async (_what, change, said) => {
    expect(await again(change)).toEqual([expect.stringMatching(said)])
  })
})
