import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { OpenRun } from '../../../../agents/collect/inputs.load.ts'
import { planOfScript } from '../../../../agents/collect/load/k6-plan.ts'
import { K6Samples } from '../../../../agents/collect/load/k6-samples.ts'

const FIXTURES = join(import.meta.dirname, '../../../fixtures/k6')
const RECORDED = readFileSync(join(FIXTURES, 'samples.jsonl'), 'utf8')
const SCENARIOS = planOfScript(readFileSync(join(FIXTURES, 'inspect.json'), 'utf8'))?.scenarios ?? []
const HOST = 'stage.shop.example'

/** @param size of each part that it comes in */
function read(text: string, size = 1 << 16) {
  const samples = new K6Samples(SCENARIOS, HOST)
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) expect(samples.take(bytes.subarray(at, at + size))).toBeNull()
  return samples.end()
}

const sample = (metric: string, value: number | string, tags: object) =>
  `{"metric":"${metric}","type":"Point","data":{"time":"2026-01-15T12:00:00.123456789Z","value":${value},"tags":${JSON.stringify(tags)}}}\n`
const request = (ms: number | string, tags: object = {}, blocked = 0) => {
  const all = { scenario: 'load', status: '200', url: `http://${HOST}/`, ...tags }
  return `${sample('http_req_duration', ms, all)}${sample('http_req_blocked', blocked, all)}${sample('http_req_failed', 0, all)}`
}
const done = (scenario = 'load', often = 1) => sample('iterations', 1, { scenario }).repeat(often)

const first = (text: string) => read(text).runs[0]

test('a recorded run: what came, what did not, what could not be sent; setup and warm-up are no load', () => {
  const { runs, failure, elsewhere } = read(RECORDED)
  expect(failure).toBeNull()
  expect(elsewhere).toEqual(['127.0.0.2:9'])
  expect(runs.map((run) => OpenRun.parse(run))).toEqual(runs)
  expect(runs).toMatchObject([
    { kind: 'load', due: 18, dropped: 0, failed: 6, bad: 6, statuses: { 200: 6, 500: 6 }, rate: 18, ms: 1000, lag: null },
    { kind: 'spike', due: 5, dropped: 3, failed: 0, bad: 0, statuses: { 200: 2 }, rate: 10, ms: 500 },
  ])
  expect(runs[1]?.latency.le[0]).toBeGreaterThan(200)
})

test('the same, however it comes in parts', () => {
  expect(read(RECORDED, 7)).toEqual(read(RECORDED))
})

test('the wait for a connection counts from when a request was due, and not from when it left', () => {
  const [run] = read(request(10, {}, 90) + done()).runs
  expect(run?.latency.le[0]).toBeCloseTo(100, -1)
  expect(run?.service.le[0]).toBeCloseTo(10, 0)
})

test('what was due and never ended is unanswered, as often as an iteration asks', () => {
  // Two requests in each of three iterations; five were due.
  expect(first((request(10) + request(10) + done()).repeat(3))).toMatchObject({ due: 10, failed: 4, dropped: 0 })
  const dropped = (request(10) + request(10) + done()).repeat(3) + sample('dropped_iterations', 2, { scenario: 'load' })
  expect(first(dropped)).toMatchObject({ due: 10, failed: 0, dropped: 4 })
  expect(first(done('load', 5) + request(10).repeat(5))).toMatchObject({ due: 5, failed: 0, dropped: 0 })
  expect(read('').runs).toMatchObject([
    { due: 5, failed: 5 },
    { due: 5, failed: 5 },
  ])
})

test('a script that says nothing of failures is held to the status', () => {
  const bare = sample('http_req_duration', 10, { scenario: 'load', status: '404' })
  expect(first(bare + done('load', 5))).toMatchObject({ bad: 1, statuses: { 404: 1 } })
})

test('names are no hosts, and a scenario that nobody planned is load', () => {
  const { elsewhere, runs } = read(
    request(1, { url: 'front page', scenario: 'hidden' }) + request(1, { url: 'http://fast.example:81/' }) + done('load', 5),
  )
  expect(elsewhere).toEqual(['fast.example:81'])
  expect(runs).toMatchObject([{ kind: 'load', due: 2 }, { kind: 'spike' }])
})

test('what we do not read may say what it likes, and is not kept', () => {
  const { runs, failure } = read(`${sample('vus', 'NaN', {})}${sample('a_metric_of_tomorrow', '1e999', {})}${request(1)}${done('load', 5)}`)
  expect(failure).toBeNull()
  expect(runs).toMatchObject([{ due: 1 }, {}])
})

const MANY = Object.fromEntries(Array.from({ length: 1_000_000 }, (_, at) => [`t${at}`, 'x']))

test.each([
  ['a truncated line', request(1).slice(0, -20)],
  ['a line without its end', `${request(1)}{"metric"`],
  ['no number', request('NaN')],
  ['a number without end', request('1e999')],
  ['a number beyond all time', request('1e18')],
  ['a negative time', request('-1')],
  ['a text for a number', request('"1"')],
  ['no status', sample('http_req_duration', 1, { scenario: 'load' })],
  ['a status that is none', request(1, { status: '99999999' })],
  ['no JSON', '{"metric":"http_req_duration",}\n'],
  ['no object', 'k6 says hello\n'],
  ['another type', '{"metric":"http_req_duration","type":"Line","data":{}}\n'],
  ['a million tags', sample('http_req_duration', 1, MANY)],
])('a run of which not all can be read is not believed: %s', (_what, text) => {
  const { failure, runs } = read(text + (text.endsWith('\n') ? request(1) + done('load', 5) : ''))
  expect(failure).toContain('cannot be read')
  expect(runs).toEqual([])
})

test('a line without an end, and statuses and hosts without number, take a fixed place', () => {
  const samples = new K6Samples(SCENARIOS, HOST)
  const chunk = Buffer.alloc(1 << 16, 'x')
  // Together more than a text can hold.
  for (let at = 0; at < 9000; at++) samples.take(chunk)
  expect(samples.end().failure).toContain('cannot be read')
  const strange = Array.from({ length: 300 }, (_, at) => request(1, { status: String(100 + at), url: `http://h${at}.example/` })).join('')
  const { elsewhere, runs } = read(strange + done('load', 5))
  expect(elsewhere).toHaveLength(20)
  expect(Object.keys(runs[0]?.statuses ?? {})).toHaveLength(20)
})
