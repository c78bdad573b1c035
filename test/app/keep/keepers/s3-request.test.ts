import { afterEach, describe, expect, test } from 'vitest'
import { isForbidden, s3Call, type S3Call, type S3Place } from '../../../../app/keep/keepers/s3-request.ts'
import { KEY_ID, s3Double, SECRET, type S3Double } from './s3-double.ts'

const open: S3Double[] = []
afterEach(async () => {
  for (const double of open.splice(0)) await double.close()
})

async function opened(over: Partial<S3Place> = {}) {
  const double = await s3Double()
  open.push(double)
  const place = {
    name: 'bucket',
    endpoint: new URL(double.url),
    region: 'eu-central-1',
    bucket: 'evidence',
    keyId: KEY_ID,
    secret: SECRET,
    timeoutMs: 2_000,
    backoffMs: [5, 5],
    ...over,
  }
  const call = (what: S3Call) => s3Call(place, what)
  return { double, call, ask: () => call({ method: 'GET', key: 'sha256/nothing' }) }
}

test('what is sent is signed as the server reads it: keys with folders, queries with values and without', async () => {
  const { call } = await opened()
  const odd = { 'list-type': '2', prefix: "a b/ü'(x)!*~+=&", 'continuation-token': '0' }
  expect(await call({ method: 'GET', key: null, query: odd })).toMatchObject({ status: 200 })
  expect(await call({ method: 'GET', key: null, query: { versions: '', prefix: 'a' } })).toMatchObject({ status: 200 })
  expect(await call({ method: 'PUT', key: 'a/b_c-d.e', body: Buffer.from('x') })).toMatchObject({ status: 200 })
})

test.each(['http://169.254.169.254/', 'http://[::ffff:169.254.169.254]/', 'http://0.0.0.0/', 'http://[fe80::1]/', 'http://224.0.0.1/'])(
  '%s is no address a store may have',
  (address) => {
    expect(isForbidden(new URL(address))).toBe(true)
  },
)

test('an address that no store may have is never asked', async () => {
  const { call } = await opened({ endpoint: new URL('http://224.0.0.1:1/'), backoffMs: [], timeoutMs: 500 })
  await expect(call({ method: 'GET', key: null })).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('no address a store may have'),
  })
  expect(isForbidden(new URL('http://127.0.0.1:7070/'))).toBe(false)
})

describe('a server that is hostile, or busy', () => {
  test('a redirect is never followed', async () => {
    const { ask, double } = await opened()
    double.fault = (_request, response) => (response.writeHead(307, { location: 'http://169.254.169.254/latest' }).end(), true)
    await expect(ask()).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('redirect') })
    expect(double.asked).toHaveLength(1)
  })

  test('503 is tried again, three times in all', async () => {
    const { ask, double } = await opened()
    let times = 0
    double.fault = (_request, response) => times++ < 2 && (response.writeHead(503).end(), true)
    expect(await ask()).toMatchObject({ status: 404 })
    double.fault = (_request, response) => (response.writeHead(503).end(), true)
    const before = double.asked.length
    await expect(ask()).rejects.toMatchObject({ code: 'limited' })
    expect(double.asked).toHaveLength(before + 3)
  })

  test('a long Retry-After is left to whoever asks again', async () => {
    const { ask, double } = await opened()
    double.fault = (_request, response) => (response.writeHead(429, { 'retry-after': '120' }).end(), true)
    const error = await ask().catch((one: unknown) => one as { code: string; retryAt: number })
    expect(error).toMatchObject({ code: 'limited' })
    expect((error as { retryAt: number }).retryAt).toBeGreaterThan(Date.now() + 60_000)
    expect(double.asked).toHaveLength(1)
  })

  test('silence ends at the deadline', async () => {
    const { ask, double } = await opened({ timeoutMs: 50, backoffMs: [] })
    double.fault = () => true
    await expect(ask()).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining('50 ms') })
  })

  test('an answer without end is cut off', async () => {
    const { ask, double } = await opened({ backoffMs: [] })
    double.fault = (_request, response) => {
      response.writeHead(200)
      const more = (): void => {
        if (!response.destroyed) response.write(Buffer.alloc(1 << 20), more)
      }
      more()
      return true
    }
    await expect(ask()).rejects.toMatchObject({ code: 'too-large' })
  })

  test('a server that is not there, and one with an address no store has', async () => {
    const { ask, double } = await opened({ backoffMs: [] })
    await double.close()
    await expect(ask()).rejects.toMatchObject({ code: 'unreachable' })
  })
})
