import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Logs } from '../../../agents/collect/inputs.logs.ts'
import { collectLogs, sampleOf } from '../../../agents/collect/logs.ts'
import { contextOf, release } from './workspace.ts'

async function collected(logs: object, hosts: readonly string[] = [], files: Record<string, string | Buffer> = {}) {
  const config = { version: 1, release: { base: ['main'] }, conduct: { hosts }, gates: { slo: { logs } } }
  using repo = release(files, undefined, { '.github/release-conductor.yml': JSON.stringify(config) })
  return await collectLogs(contextOf({ workspace: repo.path, sha: repo.head }))
}

test('of each line its form is kept and the names of its fields, and nothing of what it says', () => {
  const text = [
    '{"level":"info","email":"somebody@example.com","empty":"","none":null}',
    '',
    'GET / 200',
    'TypeError: x is not a function',
    '    at serve (server.mjs:7:3)',
    '[1]',
    '{"broken":',
  ].join('\n')
  const sample = sampleOf('logs/a.jsonl', text)
  expect(sample.lines).toEqual([
    { line: 1, form: 'json', has: ['email', 'level'] },
    { line: 3, form: 'text', has: [] },
    { line: 4, form: 'stack', has: [] },
    { line: 5, form: 'stack', has: [] },
    { line: 6, form: 'text', has: [] },
    { line: 7, form: 'text', has: [] },
  ])
  expect(JSON.stringify(sample)).not.toContain('somebody')
})

test.each([
  'Traceback (most recent call last):',
  '  File "shop.py", line 3, in serve',
  'Caused by: java.io.IOException: gone',
  'java.lang.IllegalStateException: no',
  'goroutine 7 [running]:',
  '\tat org.acme.Shop.serve(Shop.java:7)',
])('%j belongs to a stack trace', (line) => {
  expect(sampleOf('x', line).lines).toMatchObject([{ form: 'stack' }])
})

test('samples of the release; a file that is no text is a problem; a long one is cut', async () => {
  const given = await collected({ files: ['logs/*'] }, [], { 'logs/a.jsonl': '{"a":1}\n'.repeat(2001), 'logs/b.bin': Buffer.from([0xff, 0xfe, 0]) })
  if ('blocked' in given) throw new Error(given.blocked.why)
  expect(Logs.parse(given.value)).toEqual(given.value)
  expect(given.value.samples).toMatchObject([
    { source: 'logs/a.jsonl', cut: true, problem: null },
    { source: 'logs/b.bin', lines: [], problem: 'it is not UTF-8 text' },
  ])
  expect(given.value.samples[0]?.lines).toHaveLength(2000)
})

test('a Loki is asked for the last hour, on a listed host only', async () => {
  let asked = ''
  const server = createServer((request, response) => {
    asked = request.url ?? ''
    response.end(
      JSON.stringify({
        status: 'success',
        data: {
          resultType: 'streams',
          result: [
            {
              stream: {},
              values: [
                ['1', '{"a":1}'],
                ['2', 'plain'],
              ],
            },
          ],
        },
      }),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const loki = { url: `http://${host}`, query: '{app="shop"}' }
  expect(await collected({ loki }, [host])).toMatchObject({
    value: { samples: [{ source: `loki:${host}`, lines: [{ form: 'json' }, { form: 'text' }] }] },
  })
  expect(asked).toContain('query=%7Bapp%3D%22shop%22%7D')
  expect(await collected({ loki: { ...loki, url: 'http://127.0.0.1:1' } }, ['127.0.0.1:1'])).toMatchObject({
    value: { samples: [{ problem: expect.stringContaining('could not be reached') }] },
  })
  expect(await collected({ loki })).toMatchObject({ blocked: { why: expect.stringContaining('conduct.hosts') } })
})

test('without a sample it says what would give one', async () => {
  expect(await collected({})).toMatchObject({ blocked: { why: expect.stringContaining('gates.slo.logs') } })
  expect(await collected({ files: ['logs/*'] })).toMatchObject({ blocked: { next: expect.stringContaining('slo.logs') } })
})
