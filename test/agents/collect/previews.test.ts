import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Previews, PREVIEWS_MARK } from '../../../agents/collect/inputs.previews.ts'
import { collectPreviews } from '../../../agents/collect/previews.ts'
import { api, contextOf, json, release, type ApiAnswer } from './workspace.ts'

const SHA = 'c'.repeat(40)

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const deployment = (id: number, environment: string, created = '2026-01-15T10:00:00Z', more: object = {}) => ({
  id,
  environment,
  sha: SHA,
  ref: 'feature/cart',
  created_at: created,
  ...more,
})

interface World {
  readonly deployments?: readonly object[]
  readonly statuses?: Readonly<Record<number, object>>
  readonly comments?: readonly object[]
}

function answers({ deployments = [], statuses = {}, comments = [] }: World): (path: string) => ApiAnswer {
  return (path) => {
    const id = /deployments\/(\d+)\/statuses/.exec(path)?.[1]
    if (id !== undefined) return json(statuses[Number(id)] === undefined ? [] : [statuses[Number(id)]])
    const page = Number(/[?&]page=(\d+)/.exec(path)?.[1] ?? '1')
    const all = path.includes('/deployments?') ? deployments : comments
    return json(all.slice((page - 1) * 100, page * 100))
  }
}

async function collected(
  world: World,
  preview_budget: object = {},
  { hosts = [], files = {}, pull = 7 }: { hosts?: string[]; files?: Record<string, string>; pull?: number | null } = {},
) {
  const config = JSON.stringify({ version: 1, release: { base: ['main'] }, conduct: { hosts }, gates: { preview_budget } })
  using repo = release({}, undefined, { '.github/release-conductor.yml': config, ...files })
  await using server = await api(answers(world))
  const given = await collectPreviews(
    contextOf({ workspace: repo.path, sha: repo.head, apiUrl: server.url, pull, now: Date.parse('2026-01-15T12:00:00Z') }),
  )
  if ('blocked' in given) throw new Error(`${given.blocked.why} ${given.blocked.next}`)
  expect(Previews.parse(given.value)).toEqual(given.value)
  return given.value
}

test('of each preview environment the newest deployment counts, and its life from the oldest that is there', async () => {
  const value = await collected({
    deployments: [
      deployment(3, 'pr-7'),
      deployment(2, 'production'),
      deployment(1, 'pr-7', '2026-01-14T10:00:00Z'),
      deployment(4, 'preview-a', undefined, { payload: { tenant: 't1' } }),
    ],
    statuses: { 3: { state: 'success', environment_url: 'https://pr-7.preview.example/' }, 4: { state: 'inactive', environment_url: '' } },
  })
  expect(value).toMatchObject({ seen: 3, cut: false, health: [], bill: null, comments: [] })
  expect(value.previews).toMatchObject([
    {
      deployment: 3,
      environment: 'pr-7',
      created_at: '2026-01-14T10:00:00.000Z',
      state: 'success',
      url: 'https://pr-7.preview.example/',
      tenant: null,
    },
    { deployment: 4, state: 'inactive', url: null, tenant: 't1' },
  ])
})

const inactive = (description: string, more: object = {}) => ({ state: 'inactive', environment_url: 'http://127.0.0.1:1/', description, ...more })

test('what sleeps is told by the description of its status, and not asked', async () => {
  const value = await collected(
    {
      deployments: [deployment(1, 'pr-1'), deployment(2, 'pr-2'), deployment(3, 'pr-3'), deployment(4, 'pr-4')],
      statuses: {
        1: inactive('asleep: nobody needs it', { created_at: '2026-01-15T11:00:00Z' }),
        2: inactive('pr-2 costs 9.00 USD a day'),
        3: inactive('asleep', { created_at: 'yesterday' }),
        4: { state: 'success', description: 'asleep' },
      },
    },
    { hosts: ['127.0.0.1:1'] },
  )
  expect(value.previews.map(({ asleep_since }) => asleep_since)).toEqual(['2026-01-15T11:00:00.000Z', null, '2026-01-15T12:00:00.000Z', null])
  expect(value.health).toEqual([])
})

test('only hosts that are listed are asked; what they say is kept, and redirects are not followed', async () => {
  const host = await serve((request, response) => {
    const code = Number(request.url?.slice(1))
    response.writeHead(code, code === 302 ? { location: 'http://169.254.169.254/' } : {}).end('x')
  })
  const urls = [`http://${host}/200`, `http://${host}/503`, `http://${host}/302`, 'http://127.0.0.1:1/', 'https://elsewhere.example/']
  const value = await collected(
    {
      deployments: urls.map((_url, index) => deployment(index + 1, `pr-${index}`)),
      statuses: Object.fromEntries(urls.map((url, index) => [index + 1, { state: 'success', environment_url: url }])),
    },
    { hosts: [host, '127.0.0.1:1'] },
  )
  expect(value.health.map(({ deployment: id, status }) => [id, status])).toEqual([
    [1, 200],
    [2, 503],
    [3, 302],
    [4, null],
  ])
  expect(value.health.at(-1)?.why).toContain('could not be reached')
})

test('a link-local address is not asked, whoever lists it', async () => {
  const value = await collected(
    { deployments: [deployment(1, 'pr-1')], statuses: { 1: { state: 'success', environment_url: 'http://169.254.169.254/' } } },
    { hosts: ['169.254.169.254'] },
  )
  expect(value.health).toMatchObject([{ status: null, why: expect.stringContaining('may be asked') }])
})

test('our comments are those that carry our mark; without a pull request there are none to know', async () => {
  const comments = [
    { id: 1, body: `${PREVIEWS_MARK}\nold`, user: { login: 'bot' } },
    { id: 2, body: `quoted: ${PREVIEWS_MARK}`, user: { login: 'dev' } },
    { id: 3, body: PREVIEWS_MARK, user: null },
  ]
  expect((await collected({ comments })).comments).toMatchObject([
    { id: 1, author: 'bot' },
    { id: 3, author: 'ghost' },
  ])
  expect((await collected({}, {}, { pull: null })).comments).toBeNull()
})

test('more than three pages are not read, and that is told', async () => {
  const deployments = Array.from({ length: 301 }, (_, index) => deployment(index + 1, 'pr-1'))
  expect(await collected({ deployments })).toMatchObject({ seen: 300, cut: true, previews: [{ deployment: 1 }] })
})

test('a bill of Infracost is read from the base branch, and one that is none is a problem', async () => {
  const breakdown = {
    currency: 'EUR',
    projects: [
      { name: 'pr-7', breakdown: { totalHourlyCost: '0.05' } },
      { name: 'pr-8', breakdown: { totalHourlyCost: null } },
    ],
  }
  const costs = { kind: 'infracost', path: 'costs.json' }
  expect((await collected({}, { costs }, { files: { 'costs.json': JSON.stringify(breakdown) } })).bill).toEqual({
    source: 'infracost: costs.json',
    entries: [{ environment: 'pr-7', hour: 0.05, currency: 'EUR' }],
    problem: null,
  })
  expect((await collected({}, { costs }, { files: { 'costs.json': '{}' } })).bill).toMatchObject({ entries: [], problem: 'it has another form' })
  expect((await collected({}, { costs })).bill).toMatchObject({ problem: 'there is no such file' })
})

test('a bill of OpenCost is asked for a day by namespace, on a listed host only', async () => {
  let asked = ''
  const host = await serve((request, response) => {
    asked = request.url ?? ''
    response.end(JSON.stringify({ code: 200, data: [{ 'pr-7': { name: 'pr-7', minutes: 600, totalCost: 1 }, idle: { minutes: 0, totalCost: 0 } }] }))
  })
  const costs = { kind: 'opencost', url: `http://${host}` }
  const { bill } = await collected({}, { costs }, { hosts: [host] })
  expect(bill).toMatchObject({ entries: [{ environment: 'pr-7', hour: 0.1, currency: 'USD' }], problem: null })
  expect(asked).toBe('/allocation?window=24h&aggregate=namespace&accumulate=true')
  await expect(collected({}, { costs })).rejects.toThrow('conduct.hosts')
})
