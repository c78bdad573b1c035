import { beforeAll, describe, expect, test } from 'vitest'
import { checkpointAt, notary, originOf, signedPosition, treeOf } from '../../../evidence/ledger/checkpoint.ts'
import { proveGrowth } from '../../../evidence/ledger/consistency.ts'
import { writeHighlights } from '../../../evidence/ledger/highlights.ts'
import { writeLedger } from '../../../evidence/ledger/lines.ts'
import { checkHistory, type HistoryQuestion } from '../../../evidence/pack/history.ts'
import { readZip } from '../../../evidence/pack/zip.ts'
import { generateKeyPair } from '../../../evidence/sign/local-key.ts'
import { chainOf, rewritten } from '../ledger/entries.ts'
import { KEYS, TRUST } from '../verify/statements.ts'
import { goldenInputs, historyOf, RELEASE, seal } from './golden.ts'

const ledger = chainOf(7, RELEASE)
const tree = treeOf(ledger)
const origin = originOf(RELEASE)
const sign = notary(KEYS.privateKeyPem)
const [LEDGER, CHECKPOINT, CONSISTENCY, HIGHLIGHTS] = [
  'audit/ledger.jsonl',
  'audit/checkpoint.txt',
  'audit/consistency.json',
  'audit/highlights.jsonl',
]
const BEFORE = 'b'.repeat(64)

let question: HistoryQuestion
beforeAll(async () => {
  const { zip, manifest } = await seal(await goldenInputs())
  question = { files: readZip(zip), manifest, keys: TRUST.keys }
})

/** `code path` of each fault. @param over files in the place of right ones; null drops one */
function faults(over: Readonly<Record<string, Uint8Array | null>> = {}, of: Partial<HistoryQuestion> = {}): string[] {
  const files = new Map(question.files)
  for (const [path, bytes] of Object.entries(over))
    if (bytes === null) files.delete(path)
    else files.set(path, bytes)
  return checkHistory({ ...question, files, ...of }).map(({ code, path }) => `${code} ${path}`)
}

describe('the history of a pack', () => {
  test('holds, with everything that is made of its ledger', () => {
    expect(faults()).toEqual([])
    expect([...question.files.keys()]).toEqual(expect.arrayContaining([LEDGER, CHECKPOINT, CONSISTENCY, HIGHLIGHTS]))
    expect(question.manifest.tree).toEqual(checkpointAt(origin, tree))
  })

  test('whose tail was cut, with a chain and a manifest that agree, is given away by its checkpoint', () => {
    for (let kept = 1; kept < ledger.length; kept += 1) {
      const cut = ledger.slice(0, kept)
      const manifest = { ...question.manifest, ledger: { root: cut.at(-1)?.hash ?? '', entries: kept }, tree: checkpointAt(origin, treeOf(cut)) }
      const found = faults({ [LEDGER]: writeLedger(cut) }, { manifest })
      expect(found).toEqual(expect.arrayContaining([`ledger ${CHECKPOINT}`, `ledger ${CONSISTENCY}`]))
    }
  })

  test('that was rewritten from any entry on, chain and manifest with it, is given away by its checkpoint', () => {
    for (let from = 0; from < ledger.length; from += 1) {
      const other = rewritten(ledger, from)
      const manifest = { ...question.manifest, ledger: { root: other.at(-1)?.hash ?? '', entries: 7 }, tree: checkpointAt(origin, treeOf(other)) }
      expect(faults({ [LEDGER]: writeLedger(other) }, { manifest })).toContain(`ledger ${CHECKPOINT}`)
    }
  })

  test('that its own key holder rewrote and signed anew holds by itself: only what others keep shows it', () => {
    const other = rewritten(ledger, 3)
    const files = {
      [LEDGER]: writeLedger(other),
      [CHECKPOINT]: signedPosition(other, sign),
      [CONSISTENCY]: proveGrowth(origin, treeOf(other), []),
      [HIGHLIGHTS]: writeHighlights(other, treeOf(other)),
    }
    const manifest = { ...question.manifest, ledger: { root: other.at(-1)?.hash ?? '', entries: 7 }, tree: checkpointAt(origin, treeOf(other)) }
    expect(faults(files, { manifest })).toEqual([])
  })
})

describe('a checkpoint', () => {
  test.each([
    ['of another key', () => signedPosition(ledger, notary(generateKeyPair().privateKeyPem)), 'signature'],
    ['of another moment', () => signedPosition(ledger.slice(0, 6), sign), 'ledger'],
    ['of another history', () => signedPosition(rewritten(ledger, 6), sign), 'ledger'],
    ['of another release', () => signedPosition(chainOf(7, '1#13'), sign), 'ledger'],
    ['that is no note', () => Buffer.from('hello\n'), 'ledger'],
    ['under another name', () => Buffer.from(sign.sign({ ...checkpointAt(origin, tree), origin: `${origin}x` })), 'ledger'],
  ] as const)('%s is refused', (_name, bytes, code) => {
    expect(faults({ [CHECKPOINT]: bytes() })).toEqual([`${code} ${CHECKPOINT}`])
  })

  test('is believed from no key when none is trusted', () => {
    expect(faults({}, { keys: [] })).toEqual([`signature ${CHECKPOINT}`])
  })
})

describe('a manifest', () => {
  test.each([
    ['another root', { root: 'a'.repeat(64) }],
    ['another size', { size: 6 }],
    ['another origin', { origin: originOf('1#13') }],
  ])('that names %s is refused', (_name, change) => {
    const manifest = { ...question.manifest, tree: { ...question.manifest.tree, ...change } }
    expect(faults({}, { manifest })).toEqual(['ledger manifest.json'])
  })

  test('of another repository than its ledger is refused', () => {
    expect(faults({}, { manifest: { ...question.manifest, repository_id: 1_000 } })).toContain('ledger manifest.json')
  })

  test('that follows a pack needs the proof that the ledger grew from it', () => {
    const manifest = { ...question.manifest, previous: BEFORE }
    expect(faults({}, { manifest })).toEqual([`ledger ${CONSISTENCY}`])
    const { size, root } = checkpointAt(origin, tree, 5)
    const proofs = proveGrowth(origin, tree, [...historyOf(ledger).anchors, { kept_in: 'pack', id: BEFORE, size, root }])
    expect(faults({ [CONSISTENCY]: proofs }, { manifest })).toEqual([])
  })
})

describe('proofs and highlights', () => {
  test.each([
    ['proofs of another history', CONSISTENCY, () => proveGrowth(origin, treeOf(rewritten(ledger, 0)), [])],
    ['proofs of another release', CONSISTENCY, () => proveGrowth(originOf('1#13'), tree, [])],
    ['proofs that are none', CONSISTENCY, () => Buffer.from('{}')],
    ['highlights of another history', HIGHLIGHTS, () => highlights(rewritten(opened(), 0))],
    ['highlights that are none', HIGHLIGHTS, () => Buffer.from('{}\n')],
  ] as const)('%s are refused', (_name, path, bytes) => {
    expect(faults({ [path]: bytes() })).toEqual([`ledger ${path}`])
  })

  test("that are absent are the contract's to report", () => {
    expect(faults({ [CHECKPOINT]: null, [CONSISTENCY]: null, [HIGHLIGHTS]: null })).toEqual([])
    expect(faults({ [LEDGER]: null })).toEqual([])
  })
})

function opened(): typeof ledger {
  return ledger.map((entry) => ({ ...entry, type: 'opened' }))
}

function highlights(of: typeof ledger): Uint8Array {
  return writeHighlights(of, treeOf(of))
}
