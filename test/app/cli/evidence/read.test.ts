import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { read } from '../../../../app/cli/evidence/read.ts'
import { cli } from '../harness.ts'
import { REASON, shopOf } from './keeping.ts'

const BY = '--by=alice@example.com'
const ELEVATED = 'audit/ledger.jsonl'

test('it is an action of `evidence`', () => {
  expect(read.name).toBe('read')
})

test('an elevated entry is shown only with a reason, which stands in the log with the name', async () => {
  const shop = await shopOf()
  const refused = await shop.run('read', 'evidence.zip', ELEVATED, BY)
  expect([refused.exit, refused.out.includes('"release"')]).toEqual([2, false])
  const shown = await shop.run('read', 'evidence.zip', ELEVATED, REASON, BY)
  expect([shown.exit, shown.out.startsWith('{')]).toEqual([0, true])
  const { data } = await shop.json('log', 'evidence.zip')
  expect(data['entries']).toMatchObject([
    {
      type: 'access',
      data: { path: ELEVATED, elevated: true, reason: 'the auditor asked for it', by: { name: 'alice@example.com', how: 'claimed' } },
    },
  ])
})

test('from a store, by digest; exact bytes into a new file', async () => {
  const shop = await shopOf()
  await shop.run('keep', 'evidence.zip', BY)
  expect((await shop.run('read', shop.digest.slice(0, 16), 'release_notes.md', BY)).exit).toBe(0)
  expect((await shop.run('read', shop.digest, 'manifest.json', BY, '--out=manifest.json')).exit).toBe(0)
  expect(JSON.parse(readFileSync(join(shop.cwd, 'manifest.json'), 'utf8'))).toMatchObject({ version: 'v2.0.0' })
  expect((await shop.run('read', shop.digest, 'manifest.json', BY, '--out=manifest.json')).err).toContain('cannot be made')
})

test('what is open needs no reason and leaves no entry', async () => {
  const shop = await shopOf()
  expect(await shop.json('read', 'evidence.zip', 'release_notes.md', BY)).toMatchObject({ exit: 0, data: { elevated: false, access_entry: null } })
})

test('when the entry cannot be written nothing is shown', async () => {
  const shop = await shopOf()
  rmSync(join(shop.cwd, 'artifacts'), { recursive: true })
  writeFileSync(join(shop.cwd, 'artifacts'), 'a file where the folder should be')
  const { exit, out, err } = await shop.run('read', 'evidence.zip', ELEVATED, REASON, BY)
  expect([exit, (out + err).includes('"previous"')]).toEqual([5, false])
  rmSync(join(shop.cwd, 'artifacts'))
  mkdirSync(join(shop.cwd, 'artifacts', 'retention'), { recursive: true })
  writeFileSync(join(shop.cwd, 'artifacts', 'retention', 'log.jsonl'), '{"not":"a ledger"}\n')
  const broken = await shop.run('read', 'evidence.zip', ELEVATED, REASON, BY, '--out=ledger.jsonl')
  expect([broken.exit, broken.out.includes('does not hold')]).toEqual([1, true])
  expect(() => readFileSync(join(shop.cwd, 'ledger.jsonl'))).toThrow('ENOENT')
})

test.each([
  ['too short', '--reason=because'],
  ['a colour', '--reason=the \u001b[31mauditor asked'],
  ['two lines', '--reason=the auditor\nasked for it'],
])('a reason that is %s is refused before anything is opened', async (_what, reason) => {
  const shop = await shopOf()
  expect(await shop.json('read', 'evidence.zip', ELEVATED, reason, BY)).toMatchObject({ exit: 2, data: { code: 'reason' } })
})

test('no such entry, no pack, a path upwards, no operator file', async () => {
  const shop = await shopOf()
  expect((await shop.run('read', 'evidence.zip', 'identity/nothing.json', REASON, BY)).exit).toBe(2)
  expect((await shop.run('read', 'evidence.zip', '../../etc/passwd', REASON, BY)).exit).toBe(2)
  expect((await shop.run('read', 'demo.pub', ELEVATED, REASON, BY)).err).toContain('no pack')
  expect(await shop.json('read', 'f'.repeat(64), ELEVATED, REASON, BY)).toMatchObject({ exit: 2, data: { code: 'unknown-pack' } })
  expect((await cli(['evidence', 'read', 'evidence.zip', ELEVATED, REASON], { cwd: shop.cwd })).exit).toBe(2)
})
