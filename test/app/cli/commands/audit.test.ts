import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { link } from '../../../../evidence/ledger/chain.ts'
import type { LedgerEntry } from '../../../../evidence/ledger/chain.ts'
import { writeLedger } from '../../../../evidence/ledger/lines.ts'
import { writeZip } from '../../../../evidence/pack/zip.ts'
import { cli, emptyFolder } from '../harness.ts'

const entries = [1, 2, 3].reduce<LedgerEntry[]>(
  (chain, n) => [...chain, link(chain.at(-1) ?? null, { release: '1#12', at: '2026-11-22T12:00:00.000Z', type: 'test', data: { n } })],
  [],
)
const root = entries.at(-1)?.hash ?? ''

async function verify(bytes: Uint8Array, ...more: readonly string[]) {
  const cwd = emptyFolder()
  writeFileSync(join(cwd, 'file'), bytes)
  return cli(['audit', 'verify', 'file', ...more], { cwd })
}

test('a whole ledger, alone and inside a pack', async () => {
  const alone = await verify(writeLedger(entries))
  expect([alone.exit, alone.out.includes(root)]).toEqual([0, true])
  expect((await verify(writeZip(new Map([['audit/ledger.jsonl', writeLedger(entries)]])))).exit).toBe(0)
  expect((await verify(writeLedger(entries), `--root=${root}`)).exit).toBe(0)
})

test('an edited entry, a dropped one, a cut tail', async () => {
  expect((await verify(Buffer.from(Buffer.from(writeLedger(entries)).toString().replace('"n":2', '"n":9')))).exit).toBe(1)
  expect((await verify(writeLedger(entries.filter((entry) => entry.index !== 1)))).exit).toBe(1)
  const cut = writeLedger(entries.slice(0, 2))
  expect((await verify(cut)).exit).toBe(0)
  expect((await verify(cut, `--root=${root}`)).exit).toBe(1)
})

test('an empty ledger proves nothing; other files are no ledger', async () => {
  expect((await verify(new Uint8Array())).exit).toBe(3)
  expect((await verify(Buffer.from('PK and then nothing'))).exit).toBe(1)
  expect((await verify(Buffer.from('hello\n'))).exit).toBe(1)
  expect((await cli(['audit', 'verify', 'nowhere'])).exit).toBe(2)
  expect((await cli(['audit', 'read', 'x'])).exit).toBe(2)
})
