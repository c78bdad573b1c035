import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { timestampOf } from '../../../evidence/sign/timestamp.ts'
import { loopback, type Asked } from '../../support/loopback.ts'

const signature = Buffer.from('a signature')
const patience = { timeoutMs: 20_000, attempts: 1, pauseMs: 1 }
const imprint = createHash('sha256').update(signature).digest()

const nonceOf = (asked: Asked): Buffer => asked.body.subarray(-13, -3)
/** SEQUENCE { SEQUENCE { INTEGER status } ... } around whatever follows. */
function reply(status: number, ...rest: readonly Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from([0x30, 0x03, 0x02, 0x01, status]), ...rest])
  return Buffer.concat([Buffer.from([0x30, 0x81, body.length]), body])
}
const about = (hash: Buffer): Buffer => Buffer.concat([Buffer.from([0x04, 0x20]), hash])

test('asks the standard question about the SHA-256 of the signature', async () => {
  await using server = await loopback((asked) => ({ body: reply(0, about(imprint), nonceOf(asked)) }))
  const answer = await timestampOf({ url: server.url, signature, patience })
  const [asked] = server.asked
  expect(asked).toMatchObject({ method: 'POST', path: '/api/v1/timestamp', headers: { 'content-type': 'application/timestamp-query' } })
  const nonce = asked === undefined ? '' : nonceOf(asked).toString('hex')
  const expected = `30430201013031300d060960864801650304020105000420${imprint.toString('hex')}${nonce}0101ff`
  expect(asked?.body.toString('hex')).toBe(expected)
  expect(Buffer.from(answer).includes(about(imprint))).toBe(true)
})

test('each question has a nonce of its own', async () => {
  await using server = await loopback((asked) => ({ body: reply(1, about(imprint), nonceOf(asked)) }))
  for (let i = 0; i < 20; i++) await timestampOf({ url: `${server.url}/tsa`, signature, patience })
  expect(new Set(server.asked.map((asked) => nonceOf(asked).toString('hex'))).size).toBe(20)
  for (const asked of server.asked) expect(nonceOf(asked).subarray(0, 2)).toEqual(Buffer.from([0x02, 0x08]))
  expect(server.asked[0]?.path).toBe('/tsa')
})

describe('is refused', () => {
  test.each<[string, (asked: Asked) => Buffer, string]>([
    ['a rejection', () => reply(2), 'refused'],
    ['an answer about another signature', (asked) => reply(0, about(Buffer.alloc(32)), nonceOf(asked)), 'bad-answer'],
    ['an answer to another question', () => reply(0, about(imprint), Buffer.alloc(10)), 'bad-answer'],
    ['nothing', () => Buffer.alloc(0), 'bad-answer'],
    ['a page', () => Buffer.from('<html>hello</html>'), 'bad-answer'],
    ['an answer cut off', (asked) => reply(0, about(imprint), nonceOf(asked)).subarray(0, 30), 'bad-answer'],
    ['a length that lies', () => Buffer.from('3084ffffffff3003020100', 'hex'), 'bad-answer'],
  ])('%s', async (_, make, code) => {
    await using server = await loopback((asked) => ({ body: make(asked) }))
    await expect(timestampOf({ url: server.url, signature, patience })).rejects.toMatchObject({ code })
  })
})
