import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Trigger } from '../../app/release/ports.ts'
import { startIngress, type Ingress, type IngressOptions } from '../../app/server.ts'
import { migrate } from '../../app/store/migrate.ts'
import { openPglite } from '../../app/store/pglite.ts'
import type { Sql } from '../../app/store/sql.ts'
import { createLogger } from '../../app/telemetry/logger.ts'
import { createMetrics, type Metrics } from '../../app/telemetry/metrics.ts'
import { disk } from '../../app/webhooks/files.ts'
import { LARGEST_BODY, WEBHOOK_PATH } from '../../app/webhooks/front-door.ts'
import { APP_ID, deliver, issueCommentBody, OLD_SECRET, privateKeyPem, pullRequestBody, SECRET, sign } from '../support/deliveries.ts'

let sql: Sql
let folder: string
let ingress: Ingress
let metrics: Metrics
let triggers: Trigger[]

async function start(over: Partial<IngressOptions> = {}): Promise<void> {
  metrics = createMetrics()
  triggers = []
  folder = mkdtempSync(join(tmpdir(), 'conductor-ingress-'))
  const operator = {
    github: { apiUrl: 'http://127.0.0.1:9', appId: APP_ID, privateKey: privateKeyPem() },
    secrets: { current: SECRET, previous: OLD_SECRET },
    listen: { host: '127.0.0.1', port: 0 },
    dataDir: folder,
  }
  const onTrigger = async (trigger: Trigger): Promise<void> => {
    triggers.push(trigger)
  }
  ingress = await startIngress({
    operator,
    sql,
    onTrigger,
    log: createLogger({ level: 'silent' }),
    metrics,
    clock: { now: () => Date.now() },
    ...over,
  })
}

async function counted(result: string): Promise<number> {
  return (await metrics.deliveries.get()).values.find((value) => value.labels.result === result)?.value ?? 0
}

async function eventCount(event: string, result: string): Promise<number> {
  return (await metrics.events.get()).values.find((value) => value.labels.event === event && value.labels.result === result)?.value ?? 0
}

beforeAll(async () => {
  sql = await openPglite(null)
  await migrate(sql)
})
afterAll(async () => {
  await sql.close()
})
afterEach(async () => {
  await ingress.close()
  await sql.script('truncate conductor.inbox, conductor.inbox_conflicts')
  rmSync(folder, { recursive: true, force: true })
})

test('a signed delivery is answered 202 and becomes a trigger', async () => {
  await start()
  const answer = await deliver(ingress.url)
  expect(answer.status).toBe(202)
  await ingress.idle()
  expect(triggers).toEqual([
    { repository: { id: 7, owner: 'acme', name: 'shop', installationId: 3 }, pull: 12, why: 'pull_request.synchronize', changed: ['pull'] },
  ])
  expect(await counted('accepted')).toBe(1)
  expect(await counted('handled')).toBe(1)
})

test('a body of any bytes keeps its signature: UTF-8, escapes, spaces', async () => {
  await start()
  const body = ` ${JSON.stringify(pullRequestBody(12, { note: 'Grüße 😀' }), null, 2)}\n`
  expect((await deliver(ingress.url, { body })).status).toBe(202)
  await ingress.idle()
  expect(triggers).toHaveLength(1)
})

describe('signature', () => {
  const body = JSON.stringify(pullRequestBody())
  const good = sign(body)
  const cases: readonly (readonly [string, Record<string, string | undefined>])[] = [
    ['missing', { 'x-hub-signature-256': undefined }],
    ['empty', { 'x-hub-signature-256': '' }],
    ['of another secret', { 'x-hub-signature-256': sign(body, 'x'.repeat(32)) }],
    ['of the public default secret', { 'x-hub-signature-256': sign(body, 'development') }],
    ['of an empty secret', { 'x-hub-signature-256': sign(body, '') }],
    ['SHA-1 only', { 'x-hub-signature-256': undefined, 'x-hub-signature': 'sha1=0000000000000000000000000000000000000000' }],
    ['SHA-1 in the SHA-256 header', { 'x-hub-signature-256': 'sha1=0000000000000000000000000000000000000000' }],
    ['too short', { 'x-hub-signature-256': good.slice(0, -2) }],
    ['too long', { 'x-hub-signature-256': `${good}00` }],
    ['without prefix', { 'x-hub-signature-256': good.slice(7) }],
    ['in upper case', { 'x-hub-signature-256': good.toUpperCase() }],
    ['twice', { 'x-hub-signature-256': `${good}, ${good}` }],
    ['of another body', { 'x-hub-signature-256': sign(`${body} `) }],
  ]
  test.each(cases)('%s: 400, nothing kept', async (_, headers) => {
    await start()
    const answer = await deliver(ingress.url, { body, headers })
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('WEBHOOK_SECRET')
    await ingress.idle()
    expect(triggers).toEqual([])
    expect(await counted('bad_signature')).toBe(1)
    expect(await sql.rows('select guid from conductor.inbox')).toEqual([])
  })

  test('body changed on its way (BOM, re-encoded): 400', async () => {
    await start()
    for (const changed of [`\uFEFF${body}`, JSON.stringify(JSON.parse(body), null, 1)])
      expect((await deliver(ingress.url, { body: changed, headers: { 'x-hub-signature-256': good } })).status).toBe(400)
  })

  test('of the previous secret: accepted, and counted as such', async () => {
    await start()
    await deliver(ingress.url, { secret: OLD_SECRET })
    await deliver(ingress.url)
    const { values } = await metrics.signatures.get()
    expect(values.map(({ labels, value }) => [labels.secret, value])).toEqual([
      ['current', 1],
      ['previous', 1],
    ])
  })
})

test.each([
  ['event', 'x-github-event'],
  ['delivery id', 'x-github-delivery'],
  ['content type', 'content-type'],
])('without the %s: 400 that names the header', async (_, header) => {
  await start()
  const answer = await deliver(ingress.url, { headers: { [header]: header === 'content-type' ? 'application/x-www-form-urlencoded' : undefined } })
  expect(answer.status).toBe(400)
  expect(await answer.text()).toContain(header)
})

test('the same delivery twice, at once and later: one effect (T34)', async () => {
  await start()
  const guid = randomUUID()
  const answers = await Promise.all([deliver(ingress.url, { guid }), deliver(ingress.url, { guid }), deliver(ingress.url, { guid })])
  expect(answers.map((answer) => answer.status)).toEqual([202, 202, 202])
  await ingress.idle()
  expect((await deliver(ingress.url, { guid })).status).toBe(202)
  await ingress.idle()
  expect(triggers).toHaveLength(1)
  expect(await counted('duplicate')).toBe(3)
})

test('another body, or another event, under a used delivery id is kept aside and not handled', async () => {
  await start()
  const guid = randomUUID()
  await deliver(ingress.url, { guid })
  await ingress.idle()
  await deliver(ingress.url, { guid, body: pullRequestBody(13) })
  await deliver(ingress.url, { guid, event: 'issue_comment', body: issueCommentBody() })
  await ingress.idle()
  expect(triggers.map((trigger) => trigger.pull)).toEqual([12])
  expect(await counted('conflict')).toBe(2)
  expect(await sql.rows('select sha256 from conductor.inbox_conflicts')).toHaveLength(2)
})

test('two hooks may use one delivery id', async () => {
  await start()
  const guid = randomUUID()
  await deliver(ingress.url, { guid })
  await deliver(ingress.url, { guid, headers: { 'x-github-hook-id': '42' } })
  await ingress.idle()
  expect(triggers).toHaveLength(2)
})

test('the same body under another event name gives no trigger', async () => {
  await start()
  for (const event of [
    'issue_comment',
    'check_run',
    'check_suite',
    'workflow_run',
    'push',
    'deployment_status',
    'installation',
    'installation_repositories',
  ])
    expect((await deliver(ingress.url, { event })).status).toBe(202)
  await ingress.idle()
  expect(triggers).toEqual([])
  expect(await eventCount('issue_comment', 'mismatch')).toBe(1)
  expect(await counted('handled')).toBe(8)
})

test('an event nobody listens to, and a repository without an installation, are kept and lead to nothing', async () => {
  await start()
  await deliver(ingress.url, { event: 'star', body: { action: 'created' } })
  await deliver(ingress.url, { body: pullRequestBody(12, { installation: undefined }) })
  await ingress.idle()
  expect(triggers).toEqual([])
  expect(await eventCount('other', 'unknown_event')).toBe(1)
  expect(await eventCount('pull_request', 'mismatch')).toBe(1)
})

test.each([['not JSON'], ['[1]'], ['null'], ['']])('a signed body that is %j is answered 202 and given up', async (body) => {
  await start()
  expect((await deliver(ingress.url, { body })).status).toBe(202)
  await ingress.idle()
  expect(await counted('failed')).toBe(1)
  expect(await sql.rows<{ state: string }>('select state from conductor.inbox')).toEqual([{ state: 'failed' }])
})

test('when handing on fails, the delivery is handled again', async () => {
  let attempts = 0
  const second = Promise.withResolvers<void>()
  await start({
    onTrigger: async () => {
      attempts += 1
      if (attempts === 1) throw new Error('queue is away')
      second.resolve()
    },
  })
  await deliver(ingress.url)
  await second.promise
  await ingress.idle()
  expect(attempts).toBe(2)
  expect(await counted('retried')).toBe(1)
  expect(await counted('handled')).toBe(1)
})

test('disk full: 503 that says so, not ready; with space again it goes on, and nothing that was accepted is lost', async () => {
  let full = false
  const files: typeof disk = {
    ...disk,
    async create(place, name) {
      const file = await disk.create(place, name)
      return {
        ...file,
        async write(buffers, position) {
          if (full) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
          await file.write(buffers, position)
        },
      }
    },
  }
  await start({ files })
  expect((await deliver(ingress.url, { body: pullRequestBody(1) })).status).toBe(202)
  full = true
  const refused = await deliver(ingress.url, { body: pullRequestBody(2) })
  expect(refused.status).toBe(503)
  expect(await refused.text()).toMatch(/No space left/)
  const ready = await fetch(`${ingress.url}/readyz`)
  expect(ready.status).toBe(503)
  expect(await ready.text()).toMatch(/No space left/)
  full = false
  expect((await fetch(`${ingress.url}/readyz`)).status).toBe(200)
  expect((await deliver(ingress.url, { body: pullRequestBody(3) })).status).toBe(202)
  await ingress.idle()
  expect(triggers.map((trigger) => trigger.pull)).toEqual([1, 3])
  expect(await counted('disk_full')).toBe(1)
})

test('healthz, readyz, metrics; nothing else (T42)', async () => {
  await start({ unready: async () => ['GitHub does not answer.'] })
  expect((await fetch(`${ingress.url}/healthz`)).status).toBe(200)
  const ready = await fetch(`${ingress.url}/readyz`)
  expect([ready.status, (await ready.text()).trim()]).toEqual([503, 'GitHub does not answer.'])
  const text = await (await fetch(`${ingress.url}/metrics`)).text()
  expect(text).toContain('release_conductor_deliveries_total{result="accepted"} 0')
  for (const [method, path, status] of [
    ['GET', '/', 404],
    ['POST', '/', 404],
    ['POST', `${WEBHOOK_PATH}/x`, 404],
    ['GET', WEBHOOK_PATH, 405],
  ] as const)
    expect([path, (await fetch(`${ingress.url}${path}`, { method })).status]).toEqual([path, status])
})

test.each([
  ['errors', () => Promise.reject(new Error('the connection was closed'))],
  ['is silent', () => new Promise<never>(() => {})],
])('not ready while the store %s; alive all the same', async (_, rows) => {
  const real = sql
  let down = false
  sql = { ...real, rows: (text, values) => (down && text === 'select 1' ? rows() : real.rows(text, values)) }
  try {
    await start()
    down = true
    const ready = await fetch(`${ingress.url}/readyz`)
    expect([ready.status, (await ready.text()).trim()]).toEqual([503, 'The database does not answer.'])
    expect((await fetch(`${ingress.url}/healthz`)).status).toBe(200)
    down = false
    expect((await fetch(`${ingress.url}/readyz`)).status).toBe(200)
  } finally {
    sql = real
  }
})

/** Sends raw bytes and answers what came back until the server closed. */
async function raw(text: string, more?: (write: (bytes: Buffer) => boolean) => void): Promise<string> {
  const socket = createConnection(ingress.port, '127.0.0.1')
  let answer = ''
  const closed = new Promise<string>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
  })
  socket.write(text)
  more?.((bytes) => socket.write(bytes))
  return closed
}

test('a declared length over the cap is refused before a byte of it is read', async () => {
  await start()
  const answer = await raw(`POST ${WEBHOOK_PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: ${LARGEST_BODY + 1}\r\n\r\n`)
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  expect(await counted('too_large')).toBe(1)
})

test('with Expect: 100-continue the sender is told before it sends', async () => {
  await start()
  const answer = await raw(`POST ${WEBHOOK_PATH} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: ${LARGEST_BODY + 1}\r\n\r\n`)
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
})

test('an undeclared length is stopped at the cap', async () => {
  await start()
  const megabyte = Buffer.alloc(1024 * 1024, 'a')
  const chunk = Buffer.concat([Buffer.from('100000\r\n'), megabyte, Buffer.from('\r\n')])
  const answer = await raw(`POST ${WEBHOOK_PATH} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`, (write) => {
    for (let sent = 0; sent < 30; sent += 1) write(chunk)
  })
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
})

test('closing moves everything that was answered 202 into the database, and takes no more', async () => {
  await start()
  await Promise.all(Array.from({ length: 40 }, (_, index) => deliver(ingress.url, { body: pullRequestBody(index + 1) })))
  await ingress.close()
  expect(await sql.rows('select guid from conductor.inbox')).toHaveLength(40)
  await expect(deliver(ingress.url)).rejects.toThrow('fetch failed')
})
