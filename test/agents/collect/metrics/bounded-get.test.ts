import { expect, test } from 'vitest'
import { boundedGet, forbiddenAddress, metricsAddress } from '../../../../agents/collect/metrics/bounded-get.ts'
import { endpoint, GOOD, HOSTILE } from './hostile.ts'

const CAPS = { maxBytes: 100_000, timeoutMs: 200 }

test('the whole body, up to the cap exactly', async () => {
  const url = await endpoint((_, response) => response.end(GOOD))
  expect(await boundedGet(new URL(url), { ...CAPS, maxBytes: GOOD.length })).toBe(GOOD)
  await expect(boundedGet(new URL(url), { ...CAPS, maxBytes: GOOD.length - 1 })).rejects.toMatchObject({ code: 'too-large' })
})

test('no compression is asked for', async () => {
  const url = await endpoint((request, response) => response.end(String(request.headers['accept-encoding'])))
  expect(await boundedGet(new URL(url), CAPS)).toBe('identity')
})

test.each(HOSTILE)('%s is %s', async (_, code, listener) => {
  const url = await endpoint(listener)
  await expect(boundedGet(new URL(url), CAPS)).rejects.toMatchObject({ name: 'MetricsError', code })
})

test('nobody there is unreachable', async () => {
  await expect(boundedGet(new URL('http://127.0.0.1:1/metrics'), CAPS)).rejects.toMatchObject({ code: 'unreachable' })
})

test.each(['169.254.169.254', '0.0.0.0', '::', 'fe80::1', '::ffff:169.254.169.254', '224.0.0.1', 'fd00:ec2::254', 'name'])(
  '%s must not be asked',
  (address) => {
    expect(forbiddenAddress(address)).toBe(true)
  },
)

test.each(['127.0.0.1', '10.0.0.1', '192.168.1.1', '::1', 'fd12::1'])('%s may be asked', (address) => {
  expect(forbiddenAddress(address)).toBe(false)
})

test.each([
  'ftp://127.0.0.1/',
  'file:///etc/passwd',
  'nonsense',
  'http://user:secret@127.0.0.1/',
  'http://169.254.169.254/latest/meta-data',
  'http://2852039166/',
  'http://0xa9fea9fe/',
  'http://[::ffff:169.254.169.254]/',
])('%s is no address for metrics', (url) => {
  expect(() => metricsAddress(url)).toThrow(expect.objectContaining({ code: 'address' }))
})
