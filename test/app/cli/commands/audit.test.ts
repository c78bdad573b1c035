import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkpointAt, notary, originOf, treeOf } from '../../../../evidence/ledger/checkpoint.ts'
import { proveGrowth } from '../../../../evidence/ledger/consistency.ts'
import type { LedgerEntry } from '../../../../evidence/ledger/chain.ts'
import { writeHighlights } from '../../../../evidence/ledger/highlights.ts'
import { writeLedger } from '../../../../evidence/ledger/lines.ts'
import { readZip } from '../../../../evidence/pack/zip.ts'
import { generateKeyPair } from '../../../../evidence/sign/local-key.ts'
import { chainOf, rewritten } from '../../../evidence/ledger/entries.ts'
import { writeZip } from '../../../support/zip.ts'
import { cli, emptyFolder, type Ran } from '../harness.ts'

const entries = chainOf(9)
const root = entries.at(-1)?.hash ?? ''
const [app, other] = [generateKeyPair(), generateKeyPair()]

type Files = Readonly<Record<string, Uint8Array | string>>

async function verify(file: Uint8Array, more: readonly string[] = [], files: Files = {}): Promise<Ran & { readonly data: Record<string, unknown> }> {
  const cwd = emptyFolder()
  for (const [name, bytes] of Object.entries({ file, 'app.pub': app.publicKeyPem, 'other.pub': other.publicKeyPem, ...files }))
    writeFileSync(join(cwd, name), bytes)
  const ran = await cli(['audit', 'verify', 'file', ...more, '--json'], { cwd })
  return { ...ran, data: JSON.parse(ran.out === '' ? '{}' : ran.out) as Record<string, unknown> }
}

function checkpoint(of: readonly LedgerEntry[], size = of.length, privateKeyPem = app.privateKeyPem): string {
  return notary(privateKeyPem).sign(checkpointAt(originOf(of[0]?.release ?? ''), treeOf(of), size))
}

/** The ledger's part of a pack. @param over files to put in the place of right ones */
function pack(of: readonly LedgerEntry[], over: Files = {}): Uint8Array {
  const tree = treeOf(of)
  const origin = originOf(of[0]?.release ?? '')
  const kept = of.slice(0, 3)
  const anchors = kept.length === 3 ? [{ kept_in: 'check-run' as const, id: '5', size: 3, root: checkpointAt(origin, tree, 3).root }] : []
  const files = {
    'audit/ledger.jsonl': writeLedger(of),
    'audit/checkpoint.txt': checkpoint(of),
    'audit/consistency.json': proveGrowth(origin, tree, anchors),
    ...over,
  }
  return writeZip(new Map(Object.entries(files).map(([path, bytes]) => [path, Buffer.from(bytes)])))
}

function without(zip: Uint8Array, path: string): Uint8Array {
  return writeZip(new Map([...readZip(zip)].filter(([name]) => name !== path)))
}

const SEEN = ['--checkpoint=seen', '--checkpoint-key=app.pub']

describe('a whole ledger', () => {
  test('alone and inside a pack', async () => {
    const alone = await verify(writeLedger(entries))
    expect([alone.exit, alone.data]).toMatchObject([0, { ok: true, entries: 9, root }])
    expect((await verify(writeLedger(entries), [`--root=${root}`])).exit).toBe(0)
    const packed = await verify(pack(entries))
    expect([packed.exit, packed.data]).toMatchObject([
      0,
      { said: [expect.stringContaining('signature was not checked'), 'It grew from the 3 entries kept in check-run 5.'] },
    ])
    expect((await verify(pack(entries), ['--checkpoint-key=app.pub'])).data['said']).toMatchObject([
      expect.stringContaining('signed by app.pub'),
      expect.stringContaining('It grew'),
    ])
  })

  test('holds what any earlier checkpoint of it says', async () => {
    for (let size = 1; size <= entries.length; size += 1)
      expect((await verify(pack(entries), SEEN, { seen: checkpoint(entries, size) })).exit).toBe(0)
  })

  test('holds what a checkpoint says that was copied from a page', async () => {
    const note = checkpoint(entries, 5)
    for (const seen of [note.trimEnd(), note.replaceAll('\n', '\r\n'), note.trimEnd().replaceAll('\n', '\r\n')])
      expect((await verify(pack(entries), SEEN, { seen })).exit).toBe(0)
  })

  test('tells the same history as a shorter and a longer one', async () => {
    for (const of of [pack(entries.slice(0, 4)), writeLedger(entries.slice(0, 4)), pack(chainOf(12)), writeLedger(entries)])
      expect((await verify(pack(entries), ['--against=one'], { one: of })).exit).toBe(0)
  })
})

describe('what is found', () => {
  test('an edited entry, a dropped one, and which', async () => {
    const edited = await verify(Buffer.from(Buffer.from(writeLedger(entries)).toString().replace('"index":2,"nested"', '"index":9,"nested"')))
    expect([edited.exit, edited.data]).toMatchObject([1, { code: 'broken', at: 2 }])
    const dropped = await verify(writeLedger(entries.filter((entry) => entry.index !== 4)))
    expect([dropped.exit, dropped.data]).toMatchObject([1, { code: 'broken', at: 4 }])
  })

  test('every cut tail, against any anchor it does not reach', async () => {
    for (let kept = 1; kept < entries.length; kept += 1) {
      const cut = entries.slice(0, kept)
      expect((await verify(writeLedger(cut))).exit).toBe(0)
      expect((await verify(writeLedger(cut), [`--root=${root}`])).data).toMatchObject({ ok: false, code: 'anchor' })
      const found = await verify(writeLedger(cut), SEEN, { seen: checkpoint(entries) })
      expect([found.exit, found.data]).toMatchObject([1, { code: 'cut', at: kept }])
      expect((await verify(pack(entries, { 'audit/ledger.jsonl': writeLedger(cut) }))).data).toMatchObject({ code: 'cut', at: kept })
    }
  })

  test('every fork, by an earlier checkpoint and by another pack, which names the entry', async () => {
    for (let from = 0; from < entries.length; from += 1) {
      const forged = rewritten(entries, from)
      const seen = await verify(pack(forged), SEEN, { seen: checkpoint(entries) })
      expect([seen.exit, seen.data]).toMatchObject([1, { code: 'fork' }])
      const against = await verify(pack(forged), ['--against=one'], { one: pack(entries) })
      expect([against.exit, against.data]).toMatchObject([1, { file: 'one', code: 'fork', at: from }])
      const inside = await verify(pack(entries, { 'audit/ledger.jsonl': writeLedger(forged) }))
      expect([inside.exit, inside.data]).toMatchObject([1, { code: 'fork' }])
    }
  })

  test('a checkpoint of another release, of another key, of another moment', async () => {
    const stranger = chainOf(9, '1#2')
    const swapped = async (bytes: string, ...more: string[]): Promise<unknown> =>
      (await verify(pack(entries, { 'audit/checkpoint.txt': bytes }), more)).data['code']
    expect(await swapped(checkpoint(stranger))).toBe('other-log')
    expect(await swapped(checkpoint(entries, 9, other.privateKeyPem), '--checkpoint-key=app.pub')).toBe('signature')
    expect(await swapped(checkpoint(entries, 8))).toBe('proof')
    expect(await swapped('hello\n')).toBe('note')
    expect((await verify(pack(entries), SEEN, { seen: checkpoint(stranger) })).data['code']).toBe('other-log')
    expect((await verify(pack(entries), SEEN, { seen: checkpoint(entries, 4, other.privateKeyPem) })).data['code']).toBe('signature')
    expect((await verify(pack(entries), ['--against=one'], { one: pack(stranger) })).data['code']).toBe('other-log')
  })

  test('proofs of another ledger, and none', async () => {
    const tree = treeOf(rewritten(entries, 0))
    const proofs = proveGrowth(originOf('1#1'), tree, [{ kept_in: 'check-run', id: '5', size: 3, root: checkpointAt('', tree, 3).root }])
    expect((await verify(pack(entries, { 'audit/consistency.json': proofs }))).data).toMatchObject({ code: 'proof' })
    const line = Buffer.from(
      writeHighlights(
        rewritten(entries, 0).map((entry) => ({ ...entry, type: 'state' })),
        tree,
      ),
    )
    expect((await verify(pack(entries, { 'audit/highlights.jsonl': line }))).data).toMatchObject({ code: 'proof' })
    for (const lost of ['audit/ledger.jsonl', 'audit/checkpoint.txt', 'audit/consistency.json'])
      expect((await verify(without(pack(entries), lost))).data).toMatchObject({ code: 'missing', message: expect.stringContaining(lost) as string })
  })
})

describe('what is no question', () => {
  test('an empty ledger proves nothing, nor does a checkpoint of nothing', async () => {
    expect((await verify(new Uint8Array())).exit).toBe(3)
    const empty = notary(app.privateKeyPem).sign(checkpointAt(originOf('1#1'), treeOf([])))
    expect((await verify(writeLedger(entries), SEEN, { seen: empty })).exit).toBe(3)
  })

  test('other files are no ledger, no checkpoint, no key', async () => {
    expect((await verify(Buffer.from('PK and then nothing'))).exit).toBe(1)
    expect((await verify(Buffer.from('hello\n'))).exit).toBe(1)
    expect((await verify(writeLedger(entries), SEEN, { seen: 'hello\n' })).data).toMatchObject({ file: 'seen', code: 'note' })
    expect((await verify(writeLedger(entries), SEEN, { seen: '' })).exit).toBe(1)
    expect((await verify(writeLedger(entries), ['--checkpoint=seen'], { seen: checkpoint(entries) })).exit).toBe(2)
    expect((await verify(writeLedger(entries), ['--checkpoint=nowhere', '--checkpoint-key=app.pub'])).exit).toBe(2)
    expect((await verify(writeLedger(entries), ['--checkpoint=seen', '--checkpoint-key=seen'], { seen: checkpoint(entries) })).exit).toBe(2)
    expect((await verify(writeLedger(entries), ['--against=nowhere'])).exit).toBe(2)
    expect((await verify(writeLedger(entries), ['--against=one'], { one: 'hello\n' })).data).toMatchObject({ file: 'one', code: 'malformed' })
    expect((await cli(['audit', 'verify', 'nowhere'])).exit).toBe(2)
    expect((await cli(['audit', 'read', 'x'])).exit).toBe(2)
  })
})
