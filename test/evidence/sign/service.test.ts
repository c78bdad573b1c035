import { describe, expect, test } from 'vitest'
import { addressOf, ask, jsonOf, type Patience } from '../../../evidence/sign/service.ts'
import { loopback } from '../../support/loopback.ts'

const patience: Patience = { timeoutMs: 20_000, attempts: 3, pauseMs: 1 }
const question = (url: string, timeoutMs = 20_000) => ({ service: 'the service', url, body: 'x', patience: { ...patience, timeoutMs } })

describe('an address', () => {
  test.each([
    ['https://fulcio.example', 'https://fulcio.example/api'],
    ['https://fulcio.example/', 'https://fulcio.example/api'],
    ['http://127.0.0.1:5555/base//', 'http://127.0.0.1:5555/base/api'],
  ])('%s', (base, expected) => {
    expect(addressOf(base, '/api')).toBe(expected)
  })

  test.each(['', 'fulcio', 'file:///etc/passwd', 'ftp://x', 'https://user:secret@x', 'https://x?y=1', 'https://x#y'])('%s is refused', (base) => {
    expect(() => addressOf(base, '/api')).toThrow(expect.objectContaining({ code: 'bad-address' }))
  })

  test('a password in it is not repeated', () => {
    expect(() => addressOf('https://user:secret@x', '/')).toThrow(expect.not.objectContaining({ message: expect.stringContaining('secret') }))
  })
})

describe('what may pass is tried again', () => {
  test.each([408, 429, 500, 502, 503])('%i, until it answers', async (status) => {
    await using server = await loopback((_, count) => (count < 3 ? { status } : { body: 'here' }))
    expect(Buffer.from((await ask(question(server.url))).bytes).toString()).toBe('here')
    expect(server.asked).toHaveLength(3)
  })

  test('but not for ever', async () => {
    await using server = await loopback(() => ({ status: 503, body: { message: 'down\nfor a while' } }))
    await expect(ask(question(server.url))).rejects.toMatchObject({ code: 'unavailable', message: 'the service cannot now: 503 down\\nfor a while' })
    expect(server.asked).toHaveLength(3)
  })

  test('silence ends after the time given', async () => {
    await using server = await loopback(() => 'never')
    await expect(ask(question(server.url, 100))).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('100 ms') })
  })

  test('a cut connection, and nobody there', async () => {
    await using server = await loopback(() => {
      throw new Error('cut')
    })
    await expect(ask(question(server.url))).rejects.toMatchObject({ code: 'unavailable' })
    await server.close()
    await expect(ask(question(server.url))).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('ECONNREFUSED') })
  })

  test('and waits as long as it is told', async () => {
    await using server = await loopback((_, count) => (count === 1 ? { status: 429, headers: { 'retry-after': '1' } } : {}))
    const before = Date.now()
    await ask(question(server.url))
    expect(Date.now() - before).toBeGreaterThanOrEqual(950)
  })
})

describe('what will not pass is told at once', () => {
  test.each([301, 400, 401, 403, 404, 409, 501])('%i', async (status) => {
    await using server = await loopback(() => ({ status, headers: { location: 'http://127.0.0.1:1/' }, body: '<b>no</b>' }))
    await expect(ask(question(server.url))).rejects.toMatchObject({ code: 'refused', message: `the service refused: ${status} <b>no</b>` })
    expect(server.asked).toHaveLength(1)
  })

  test('a status the caller understands is an answer', async () => {
    await using server = await loopback(() => ({ status: 409, headers: { location: '/entry' } }))
    expect(await ask(question(server.url), [409])).toMatchObject({ status: 409, location: '/entry' })
  })

  test('more bytes than an answer may have', async () => {
    await using server = await loopback(() => ({ body: 'x'.repeat(2000) }))
    await expect(ask({ ...question(server.url), maxBytes: 1999 })).rejects.toMatchObject({ code: 'bad-answer' })
    expect((await ask({ ...question(server.url), maxBytes: 2000 })).bytes).toHaveLength(2000)
  })

  test('what is no JSON', () => {
    expect(jsonOf('x', Buffer.from('{"a":1}'))).toEqual({ a: 1 })
    for (const bytes of [Buffer.from('{'), Buffer.from(''), Buffer.from([0x22, 0xff, 0x22])])
      expect(() => jsonOf('x', bytes)).toThrow(expect.objectContaining({ code: 'bad-answer' }))
  })
})
