import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hold, releaseHold } from '../../../../app/cli/evidence/hold.ts'
import { keep } from '../../../../app/cli/evidence/keep.ts'
import { list } from '../../../../app/cli/evidence/list.ts'
import { log } from '../../../../app/cli/evidence/log.ts'
import { readLedger } from '../../../../evidence/ledger/lines.ts'
import { cli } from '../harness.ts'
import { DAY, REASON, SEALED, shopOf } from './keeping.ts'

const BY = '--by=alice@example.com'

test('each action is one of `evidence`', () => {
  expect([keep, list, log, hold, releaseHold].map((action) => action.name)).toEqual(['keep', 'list', 'log', 'hold', 'release-hold'])
})

describe('keep', () => {
  test('puts the pack into every store of the operator and reads it back', async () => {
    const shop = await shopOf()
    const { exit, data } = await shop.json('keep', 'evidence.zip', BY)
    expect(exit).toBe(0)
    expect(data).toMatchObject({ ok: true, pack: shop.digest, keep: { class: 'release' }, stores: [{ store: 'archive' }, { store: 'copy' }] })
    for (const store of ['archive', 'copy'])
      expect(
        readFileSync(join(shop.cwd, store, 'sha256', shop.digest.slice(0, 2), shop.digest)).equals(readFileSync(join(shop.cwd, 'evidence.zip'))),
      ).toBe(true)
    const listed = await shop.json('list')
    expect(listed.data).toMatchObject({
      packs: [{ sha256: shop.digest, version: 'v2.0.0', copies: [{ store: 'archive' }, { store: 'copy' }], holds: [] }],
    })
  })

  test('refuses what is no pack, a store nobody named, and a call without the operator file', async () => {
    const shop = await shopOf()
    writeFileSync(join(shop.cwd, 'other.zip'), 'PK no zip')
    expect((await shop.run('keep', 'other.zip', BY)).err).toContain('is no pack')
    expect(await shop.json('keep', 'evidence.zip', BY, '--store=nowhere')).toMatchObject({ exit: 2, data: { code: 'unknown-store' } })
    expect((await cli(['evidence', 'keep', 'evidence.zip'], { cwd: shop.cwd })).err).toContain('--operator')
    expect(await shop.json('keep', 'evidence.zip', '--by=a\u202eb')).toMatchObject({ exit: 2, data: { code: 'actor' } })
  })
})

describe('hold', () => {
  test('is set and lifted by a named person with a reason, and both are in the chain', async () => {
    const shop = await shopOf()
    await shop.run('keep', 'evidence.zip', BY)
    expect(await shop.json('hold', shop.digest.slice(0, 12), REASON, BY)).toMatchObject({ exit: 0, data: { hold: 2, pending: [] } })
    expect((await shop.run('list')).out).toContain('held (2 by alice@example.com)')
    expect(await shop.json('release-hold', 'evidence.zip', REASON, BY)).toMatchObject({ exit: 0, data: { lifted: 2, left: 0 } })
    const { entries } = readLedger(readFileSync(join(shop.cwd, 'artifacts', 'retention', 'log.jsonl')))
    expect(entries.filter((entry) => /held|lifted/.test(entry.type)).map((entry) => entry.data)).toMatchObject([
      { reason: 'the auditor asked for it', by: { name: 'alice@example.com', how: 'claimed' } },
      { hold: 2, by: { name: 'alice@example.com', how: 'claimed' } },
    ])
    expect((await cli(['audit', 'verify', 'artifacts/retention/log.jsonl'], { cwd: shop.cwd })).exit).toBe(0)
  })

  test('without a reason, of what is not kept, or where none lies: a code each', async () => {
    const shop = await shopOf()
    await shop.run('keep', 'evidence.zip', BY)
    expect(await shop.json('hold', 'evidence.zip', BY)).toMatchObject({ exit: 2, data: { code: 'reason' } })
    expect(await shop.json('hold', 'f'.repeat(64), REASON, BY)).toMatchObject({ exit: 2, data: { code: 'unknown-pack' } })
    expect(await shop.json('release-hold', 'evidence.zip', REASON, BY)).toMatchObject({ exit: 1, data: { code: 'not-held' } })
    expect(await shop.json('release-hold', 'evidence.zip', REASON, BY, '--hold=x')).toMatchObject({ exit: 2 })
    expect((await shop.run('hold', 'ffffffffff', REASON, BY)).err).toContain('0 kept packs begin with')
  })
})

describe('list --verify', () => {
  test('reads every copy back, and says which one is not whole', async () => {
    const shop = await shopOf()
    await shop.run('keep', 'evidence.zip', BY)
    shop.now = SEALED + 30 * DAY
    expect(await shop.json('list', '--verify', '--key=demo.pub')).toMatchObject({ exit: 0, data: { wrong: [] } })
    expect((await shop.run('list')).out).toContain('whole 2026-12-22')
    rmSync(join(shop.cwd, 'copy', 'sha256'), { recursive: true })
    const { exit, data } = await shop.json('list', '--verify')
    expect([exit, data['wrong']]).toEqual([1, [`${shop.digest.slice(0, 16)} copy: it is not there`]])
  })

  test('with another key the pack itself does not verify', async () => {
    const shop = await shopOf()
    await shop.run('keep', 'evidence.zip', BY)
    expect((await shop.run('list', '--verify', '--key=stranger.pub')).out).toContain('does not verify')
  })
})

describe('log', () => {
  test('no cell of the CSV is a formula, whatever people wrote', async () => {
    const shop = await shopOf()
    await shop.run('keep', 'evidence.zip', BY)
    await shop.run('hold', 'evidence.zip', '--reason==HYPERLINK("http://evil.example")', '--by=@org/all')
    const { out } = await shop.run('log', '--csv')
    expect(out).toContain(`"'=HYPERLINK(""http://evil.example"")"`)
    expect(out).toContain(`"'@org/all"`)
    expect(out.split('\n').filter((line) => /(?:^|,)"?[=+@]/.test(line))).toEqual([])
    expect((await shop.json('log', shop.digest)).data).toMatchObject({
      entries: [{ type: 'kept' }, { type: 'kept' }, { type: 'held' }, { type: 'placed' }, { type: 'placed' }],
    })
    expect((await shop.run('log', 'f'.repeat(64))).exit).toBe(2)
  })

  test('an edited log stops everything', async () => {
    const shop = await shopOf()
    await shop.run('keep', 'evidence.zip', BY)
    const path = join(shop.cwd, 'artifacts', 'retention', 'log.jsonl')
    writeFileSync(path, readFileSync(path, 'utf8').replace('alice@', 'mallory@'))
    expect(await shop.json('list')).toMatchObject({ exit: 1, data: { code: 'log' } })
    expect(await shop.json('hold', 'evidence.zip', REASON, BY)).toMatchObject({ exit: 1, data: { code: 'log' } })
    expect(existsSync(path)).toBe(true)
  })
})
