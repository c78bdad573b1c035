import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { NO_SPANS, openSpans, secretsOfSpans, wantsSpans, type Spans } from '../../agents/spans.ts'
import { rootSpanOf, traceOf } from '../../evidence/model/trace.ts'

const TRACE = traceOf('7#12')
const bytesOf = (id: string): Buffer => Buffer.from(id, 'hex')

/** As a fixed64 of protobuf. */
function nanoseconds(milliseconds: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(milliseconds) * 1_000_000n)
  return bytes
}

interface Receiver {
  readonly server: Server
  readonly heard: { readonly path: string; readonly type: string; readonly headers: unknown; readonly body: Buffer }[]
  /** Null: it does not answer. */
  status: number | null
}

let receiver: Receiver
const failures: string[] = []

beforeEach(async () => {
  failures.length = 0
  const heard: Receiver['heard'] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.once('end', () => {
      heard.push({
        path: request.url ?? '',
        type: request.headers['content-type'] ?? '',
        headers: request.headers['x-tenant'],
        body: Buffer.concat(parts),
      })
      if (receiver.status !== null) response.writeHead(receiver.status, { 'content-type': 'application/x-protobuf' }).end()
    })
  })
  receiver = { server, heard, status: 200 }
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve())
  })
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-tenant=acme%20inc')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  receiver.server.closeAllConnections()
  await new Promise<void>((resolve) => {
    receiver.server.close(() => resolve())
  })
})

const open = (): Promise<Spans> => openSpans({ environment: process.env, service: 'test-service', onFailure: (error) => failures.push(error) })

const sent = (): Buffer => Buffer.concat(receiver.heard.map(({ body }) => body))

test('spans of one trace go to the receiver that the standard variables name, in protobuf, below the release’s own span', async () => {
  const spans = await open()
  const answer = await spans.within(TRACE, 'look', { mode: 'full' }, async (look) => {
    look.note('checked', { gate: 'policy_ci' })
    return spans.within(TRACE, 'effect check.update', {}, (effect) => {
      effect.set({ outcome: 'done' })
      return 42
    })
  })
  expect(answer).toBe(42)
  await spans.close()
  expect(receiver.heard.map(({ path, type, headers }) => [path, type, headers])).toEqual([['/v1/traces', 'application/x-protobuf', 'acme inc']])
  for (const word of ['test-service', 'look', 'checked', 'policy_ci', 'effect check.update', 'outcome']) expect(sent().includes(word)).toBe(true)
  expect(sent().includes(bytesOf(TRACE))).toBe(true)
  expect(sent().includes(bytesOf(rootSpanOf(TRACE)))).toBe(true)
  expect(failures).toEqual([])
})

test('what ended is told with the times it had, the release itself with the span that all others name', async () => {
  const spans = await open()
  spans.tell(TRACE, [{ name: 'release v2.0.0', start: 1_000, end: 2_000, attributes: {}, error: 'errors', root: true }])
  await spans.close()
  for (const part of [bytesOf(TRACE), bytesOf(rootSpanOf(TRACE)), nanoseconds(1_000), nanoseconds(2_000)]) expect(sent().includes(part)).toBe(true)
})

test('a look in which nothing was done is not told, one that failed is', async () => {
  const spans = await open()
  await spans.within(TRACE, 'idle look', {}, async () => undefined, 'busy')
  await spans.within(TRACE, 'busy look', {}, async () => spans.within(TRACE, 'effect', {}, () => undefined), 'busy')
  await expect(spans.within(TRACE, 'broken look', {}, () => Promise.reject(new Error('no lease')), 'busy')).rejects.toThrow('no lease')
  expect(() =>
    spans.within(TRACE, 'broken at once', {}, () => {
      throw new Error('boom')
    }),
  ).toThrow('boom')
  await spans.close()
  const words = ['idle look', 'busy look', 'broken look', 'no lease', 'broken at once', 'boom']
  expect(words.filter((word) => sent().includes(word))).toEqual(words.slice(1))
})

describe('a receiver that', () => {
  test('refuses is told of, and nothing else fails', async () => {
    receiver.status = 400
    const spans = await open()
    expect(spans.within(TRACE, 'look', {}, () => 'done')).toBe('done')
    await spans.close()
    expect(failures).toHaveLength(1)
  })

  test('never answers does not keep the process', async () => {
    receiver.status = null
    const spans = await open()
    spans.within(TRACE, 'look', {}, () => undefined)
    const begun = performance.now()
    await spans.close()
    expect(performance.now() - begun).toBeLessThan(4_000)
    expect(receiver.heard).toHaveLength(1)
  })
})

test('without a receiver nothing is loaded and the work is done', async () => {
  const spans = await openSpans({ environment: {}, service: 'x', onFailure: () => undefined })
  expect(spans).toBe(NO_SPANS)
  spans.tell(TRACE, [])
  expect(spans.within(TRACE, 'look', {}, (look) => (look.set({}), look.note('n', {}), 7))).toBe(7)
  await spans.close()
})

test.each([
  [{}, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }, true],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' }, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_SDK_DISABLED: 'true' }, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_TRACES_EXPORTER: 'none' }, false],
])('%o: %s', (environment, wanted) => {
  expect(wantsSpans(environment)).toBe(wanted)
})

test('the values of the receiver’s headers are secrets', () => {
  const environment = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc, x=y=z', OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'key=%zz' }
  expect(secretsOfSpans(environment)).toEqual(['Bearer abc', 'y=z', '%zz'])
  expect(secretsOfSpans({})).toEqual([])
})
