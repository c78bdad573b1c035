import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { purge } from '../../../../app/cli/evidence/purge.ts'
import { tombstone } from '../../../../app/cli/evidence/tombstone.ts'
import { DAY, REASON, SEALED, shopOf, type Shop } from './keeping.ts'

const BY = '--by=carol@example.com'

async function dueShop(): Promise<Shop> {
  const shop = await shopOf()
  await shop.run('keep', 'evidence.zip', BY)
  shop.now = SEALED + 401 * DAY
  return shop
}
const request = (shop: Shop, who = 'carol') => shop.json('purge', shop.digest, '--request', REASON, `--sign-with=${who}.pem`)
const approve = (shop: Shop, who: string) => shop.json('purge', shop.digest, '--approve', `--sign-with=${who}.pem`)
const run = (shop: Shop) => shop.json('purge', shop.digest, '--run', BY)
const PUBLIC = ['--key=app=demo.pub', '--person=alice=alice.pub', '--person=bob=bob.pub', '--person=carol=carol.pub']

test('each is an action of `evidence`', () => {
  expect([purge.name, tombstone.name]).toEqual(['purge', 'tombstone'])
})

test('from the plan to the proof: asked, approved by two, run, gone everywhere, verified by its tombstone', async () => {
  const shop = await dueShop()
  expect((await shop.json('purge', '--plan')).data).toMatchObject({ due: [{ pack: shop.digest, next: 'request' }] })
  expect(await request(shop)).toMatchObject({ exit: 0 })
  expect((await approve(shop, 'alice')).data).toMatchObject({ approvals: 1 })
  expect((await shop.run('purge', '--plan')).out).toContain('next: approve')
  expect((await approve(shop, 'bob')).data).toMatchObject({ approvals: 2 })
  expect((await shop.run('purge', '--plan')).out).toContain('next: run')
  const { exit, data } = await run(shop)
  expect([exit, data['stores']]).toEqual([
    0,
    [
      { store: 'archive', found: true },
      { store: 'copy', found: true },
    ],
  ])
  for (const store of ['archive', 'copy']) expect(existsSync(join(shop.cwd, store, 'sha256', shop.digest.slice(0, 2), shop.digest))).toBe(false)
  const proof = String(data['tombstone'])
  const verified = await shop.json('tombstone', proof, ...PUBLIC)
  expect(verified).toMatchObject({
    exit: 0,
    data: {
      ok: true,
      signer: 'app',
      tombstone: { pack: { sha256: shop.digest }, approved_by: ['alice', 'bob'], reason: 'the auditor asked for it' },
    },
  })
  expect((await shop.run('tombstone', proof, ...PUBLIC)).out).toContain('purged as the policy says')
  expect(await run(shop)).toMatchObject({ exit: 0 })
  expect((await shop.run('list')).out).toContain('purged')
  expect(await shop.json('read', shop.digest, 'manifest.json', BY)).toMatchObject({ exit: 1, data: { code: 'purged' } })
})

describe('a tombstone proves nothing', () => {
  test('with other keys, changed, or without keys', async () => {
    const shop = await dueShop()
    await request(shop)
    await approve(shop, 'alice')
    await approve(shop, 'bob')
    const proof = String((await run(shop)).data['tombstone'])
    expect(await shop.json('tombstone', proof, '--key=app=stranger.pub', ...PUBLIC.slice(1))).toMatchObject({
      exit: 1,
      data: { code: 'bad-signature' },
    })
    expect(await shop.json('tombstone', proof, ...PUBLIC.slice(0, 3), '--person=carol=stranger.pub')).toMatchObject({
      exit: 1,
      data: { code: 'bad-signature' },
    })
    expect((await shop.run('tombstone', proof)).exit).toBe(2)
    const bundle = JSON.parse(readFileSync(proof, 'utf8')) as { dsseEnvelope: { payload: string } }
    bundle.dsseEnvelope.payload = Buffer.from(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString().replace('v2.0.0', 'v2.0.1')).toString(
      'base64',
    )
    writeFileSync(join(shop.cwd, 'changed.json'), JSON.stringify(bundle))
    expect(await shop.json('tombstone', 'changed.json', ...PUBLIC)).toMatchObject({ exit: 1, data: { code: 'bad-signature' } })
  })
})

describe('it is refused, with a code each', () => {
  test.each<[string, number, string, (shop: Shop) => Promise<{ exit: number; data: Record<string, unknown> }>]>([
    ['nobody asked', 1, 'no-request', run],
    ['one approver', 1, 'too-few-approvers', async (shop) => (await request(shop), await approve(shop, 'alice'), run(shop))],
    ['the same person twice', 4, 'same-person', async (shop) => (await request(shop), await approve(shop, 'alice'), approve(shop, 'alice'))],
    ['who asked approves', 4, 'own-request', async (shop) => (await request(shop), approve(shop, 'carol'))],
    ['a stranger asks', 4, 'bad-signature', (shop) => request(shop, 'stranger')],
    ['nobody signs', 2, 'unsigned', (shop) => shop.json('purge', shop.digest, '--request', REASON)],
    ['no reason', 2, 'reason', (shop) => shop.json('purge', shop.digest, '--request', '--sign-with=carol.pem')],
    ['held', 1, 'held', async (shop) => (await shop.run('hold', shop.digest, REASON, BY), request(shop))],
    ['absent', 2, 'unknown-pack', (shop) => shop.json('purge', 'f'.repeat(64), '--run', BY)],
    ['early', 1, 'early', (shop) => ((shop.now = SEALED + 399 * DAY), request(shop))],
  ])('%s', async (_what, exit, code, work) => {
    const shop = await dueShop()
    expect(await work(shop)).toMatchObject({ exit, data: { ok: false, code } })
    expect(existsSync(join(shop.cwd, 'archive', 'sha256', shop.digest.slice(0, 2), shop.digest))).toBe(true)
  })

  test('no step, two steps, no pack, a public key, a key in pieces', async () => {
    const shop = await dueShop()
    for (const args of [[], ['--plan', '--run'], ['--run']]) expect((await shop.run('purge', ...args)).exit).toBe(2)
    const withPublic = await shop.run('purge', shop.digest, '--request', REASON, '--sign-with=carol.pub')
    writeFileSync(join(shop.cwd, 'half.pem'), '-----BEGIN PRIVATE KEY-----\nSECRET')
    const half = await shop.run('purge', shop.digest, '--request', REASON, '--sign-with=half.pem')
    expect([withPublic.exit, half.exit, (half.out + half.err).includes('SECRET')]).toEqual([2, 2, false])
  })
})
