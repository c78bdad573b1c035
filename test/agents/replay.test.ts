import { beforeAll, expect, test } from 'vitest'
import { REQUIRED_FOR_MERGE } from '../../gates/all-required-gates.ts'
import { replayPack } from '../../agents/replay.ts'
import { openPack, type OpenPack } from '../../evidence/pack/open.ts'
import { scanZip } from '../../evidence/pack/zip.ts'
import { trustOf } from '../../evidence/verify/trust.ts'
import { GATES } from '../../gates/index.ts'
import { APP_KEY, JOB_KEY, sealedRelease, type Sealed } from '../support/sealed-release.ts'

function open(zip: Uint8Array | undefined): OpenPack {
  const trusted = { trust: trustOf({ keys: [JOB_KEY, APP_KEY] }), packTrust: trustOf({ keys: [APP_KEY] }) }
  const pack = openPack({ files: scanZip(zip ?? new Uint8Array()).files ?? new Map(), ...trusted })
  if (pack === null) throw new Error('the pack was sealed')
  return pack
}

const told = (pack: OpenPack, gates = GATES): string[] => {
  const { gates: verdicts, decisions } = replayPack(pack, gates)
  return [...verdicts, ...decisions].map((row) => `${row.subject} ${row.result}`)
}
const IDS = [...REQUIRED_FOR_MERGE.toSorted(), 'all_required_gates']
const SAME = IDS.map((id) => `${id} same`)

let sealed: Sealed
beforeAll(async () => void (sealed = await sealedRelease({ runs: 2, approvals: [10, 100] })))

test('of a release whose agents ran twice, with two approvals, every verdict and decision comes out the same', () => {
  expect(told(open(sealed.packs.get(1)))).toEqual([...SAME, 'decision for prod up to 10 % same', 'go/no-go same'])
  expect(told(open(sealed.packs.get(2)))).toEqual([
    ...SAME,
    'decision for prod up to 10 % same',
    'decision for prod up to 100 % same',
    'go/no-go same',
  ])
})

test('of a release that was taken back, too', async () => {
  const { packs } = await sealedRelease({ share: 0.3 })
  expect(told(open(packs.get(2)))).toEqual([...SAME, 'decision for prod up to 100 % same', 'go/no-go same'])
})

test('what a pack holds no longer is not passed over', () => {
  const pack = open(sealed.packs.get(1))
  expect(told({ ...pack, verdicts: new Map(), goNoGo: null })).toEqual([
    ...IDS.map((id) => `${id} indeterminate`),
    'decision for prod up to 10 % differs',
    'go/no-go indeterminate',
  ])
  expect(told({ ...pack, statements: [], verdicts: new Map(), goNoGo: null, ledger: [] })).toEqual(['go/no-go indeterminate'])
})
