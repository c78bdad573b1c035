import { expect, test } from 'vitest'
import { sha256 } from '../../../evidence/core/digest.ts'
import { checkpointAt, originOf, treeOf } from '../../../evidence/ledger/checkpoint.ts'
import type { LedgerEntry } from '../../../evidence/ledger/chain.ts'
import { writeLedger } from '../../../evidence/ledger/lines.ts'
import type { Manifest } from '../../../evidence/model/manifest.ts'
import { checkFollows, type ChainCode, type ChainPack } from '../../../evidence/pack/follows.ts'
import { chainOf, rewritten } from '../ledger/entries.ts'

const RELEASE = '7#3'
const LEDGER = chainOf(9, RELEASE)
const digest = (seal: number): string => sha256(`pack ${seal}`)

/** Pack n of a healthy chain: its ledger has 2n + 1 entries. */
function packOf(seal: number, over: Partial<Manifest> = {}, ledger: readonly LedgerEntry[] = LEDGER.slice(0, 2 * seal + 1)): ChainPack {
  const manifest: Manifest = {
    schema_version: 1,
    version: 'v2.0.0',
    seal,
    repository: 'acme/shop',
    repository_id: 7,
    commits: { base: 'b'.repeat(40), head: '1'.repeat(40) },
    outcome: 'proven',
    artifacts: [{ path: 'config.yml', sha256: 'a'.repeat(64), size: 1, covered_by: null }],
    archive: { sha256: 'a'.repeat(64), size: 1 },
    packer: { zlib: '1', level: 6 },
    ledger: { root: ledger.at(-1)?.hash ?? '', entries: ledger.length },
    tree: checkpointAt(originOf(ledger[0]?.release ?? ''), treeOf(ledger)),
    evidence_root: 'e'.repeat(64),
    signer: 'app',
    previous: seal === 1 ? null : digest(seal - 1),
    log: [],
    sealed_at: `2026-11-22T18:30:0${seal}.000Z`,
    ...over,
  }
  return { name: `${seal}.zip`, sha256: digest(seal), manifest, ledger: writeLedger(ledger) }
}

const HEALTHY = [1, 2, 3].map((seal) => packOf(seal))
const codes = (packs: readonly ChainPack[]): string[] => checkFollows(packs).errors.map(({ code, name }) => `${name} ${code}`)

test('packs that follow each other do so in whatever order they are given, from whichever they begin', () => {
  for (const packs of [HEALTHY, HEALTHY.toReversed(), HEALTHY.slice(1), HEALTHY.slice(0, 1), HEALTHY.slice(2)]) {
    const { ok, errors, links } = checkFollows(packs)
    expect([ok, errors, links.map(({ name }) => name)]).toEqual([true, [], packs.map(({ name }) => name).toSorted()])
  }
  expect(checkFollows(HEALTHY).links[1]).toEqual({
    name: '2.zip',
    seal: 2,
    outcome: 'proven',
    sha256: digest(2),
    previous: digest(1),
    sealed_at: '2026-11-22T18:30:02.000Z',
    entries: 5,
  })
})

test('a ledger that did not grow and a clock that stood still are no fault', () => {
  expect(codes([packOf(1), packOf(2, { sealed_at: packOf(1).manifest.sealed_at }, LEDGER.slice(0, 3))])).toEqual([])
})

const second = (over: Partial<Manifest>, ledger?: readonly LedgerEntry[]): readonly ChainPack[] => [packOf(1), packOf(2, over, ledger), packOf(3)]

test.each<[string, readonly ChainPack[], `${string} ${ChainCode}`[], RegExp]>([
  [
    'of another version',
    second({ version: 'v2.0.1' }),
    ['2.zip other-release', '3.zip other-release'],
    /it is of v2\.0\.1 .* and 1\.zip of v2\.0\.0/,
  ],
  ['of another repository', second({ repository_id: 8 }), ['2.zip other-release', '3.zip other-release'], /repository 8/],
  ['of another commit', second({ commits: { base: 'b'.repeat(40), head: '2'.repeat(40) } }), ['2.zip other-release', '3.zip other-release'], /2{40}/],
  ['of another release pull request', second({}, chainOf(5, '7#4')), ['2.zip other-release', '3.zip other-release'], /ledger\/7\/4/],
  ['left out in the middle', [packOf(1), packOf(3)], ['3.zip number'], /number 3, the one before it here, 1\.zip, number 1/],
  ['given twice', [...HEALTHY, { ...packOf(2), name: '2-again.zip' }], ['2-again.zip number'], /2\.zip has its number: it is the same pack/],
  [
    'that claims a number that is taken',
    [packOf(1), packOf(2), { ...packOf(2), name: 'other.zip', sha256: digest(9) }],
    ['other.zip number'],
    /another pack of number 2/,
  ],
  [
    'that follows another pack',
    second({ previous: digest(9) }),
    ['2.zip previous'],
    new RegExp(`follows the pack ${digest(9)}, and 1.zip is ${digest(1)}`),
  ],
  ['that follows none', second({ previous: null }), ['2.zip previous'], /follows the pack none/],
  ['that was exchanged', [packOf(1), { ...packOf(2), sha256: digest(9) }, packOf(3)], ['3.zip previous'], new RegExp(`2.zip is ${digest(9)}`)],
  [
    'whose ledger was rewritten',
    second({}, rewritten(LEDGER.slice(0, 5), 1)),
    ['2.zip history', '3.zip history'],
    /ledger does not go on .* rewritten/,
  ],
  ['whose ledger was rewritten at its own end', second({}, rewritten(LEDGER.slice(0, 5), 4)), ['3.zip history'], /of 2\.zip/],
  ['whose ledger was cut', second({}, LEDGER.slice(0, 2)), ['2.zip history'], /tail was cut/],
  ['sealed before the one it follows', second({ sealed_at: '2026-11-22T18:30:00.999Z' }), ['2.zip time'], /before 1\.zip/],
  ['that is the first and names one before', [packOf(1, { previous: digest(0) })], ['1.zip previous'], /number 1, and names/],
  ['that is a later one and names none before', [packOf(2, { previous: null })], ['2.zip previous'], /number 2, and names no pack/],
])('a pack %s is named', (_what, packs, expected, message) => {
  expect(checkFollows(packs).ok).toBe(false)
  expect(codes(packs)).toEqual(expected)
  expect(checkFollows(packs).errors[0]?.message).toMatch(message)
})
