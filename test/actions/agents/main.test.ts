import { createServer, type Server } from 'node:http'
import { mkdtemp } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, type AgentsInputs } from '../../../actions/agents/main.ts'
import { readFolder } from '../../../actions/lib/folder.ts'
import { checkHandover } from '../../../actions/lib/handover.ts'
import { FACTS } from '../../support/actions/handover.ts'
import { fixtureRepository, type FixtureRepository } from '../../support/github/actions/fixture.ts'

let repository: FixtureRepository
let api: Server
let asked: string[] = []

beforeAll(async () => {
  repository = await fixtureRepository({ Dockerfile: 'FROM node\n' }, { 'a.txt': 'x' })
  const base = repository.commits[0]
  const pull = {
    number: 7,
    title: 'feat: x',
    body: null,
    labels: [],
    head: { ref: 'release/v2.0.0', sha: repository.head },
    base: { ref: 'main', sha: base },
  }
  const answers: Record<string, unknown> = {
    '/repos/acme/shop': { default_branch: 'main' },
    '/repos/acme/shop/pulls/7': pull,
    '/repos/acme/shop/codeowners/errors': { errors: [] },
  }
  api = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    const body = answers[(request.url ?? '').split('?')[0] ?? '']
    response.writeHead(body === undefined ? 404 : 200).end(JSON.stringify(body ?? {}))
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
})

afterAll(() => {
  api.close()
  api.closeAllConnections()
})

async function inputs(overrides: Partial<AgentsInputs> = {}): Promise<AgentsInputs> {
  asked = []
  const root = await mkdtemp(join(tmpdir(), 'agents-'))
  const facts = { ...FACTS, sha: repository.head, apiUrl: `http://127.0.0.1:${(api.address() as AddressInfo).port}`, workspace: '/' }
  return {
    phase: 'P0',
    pull: '7',
    key: 'key-1',
    token: 'job-token',
    workspace: repository.gitDir,
    agents: null,
    simulate: 'true',
    op: 'EVIDENCE',
    out: join(root, 'out'),
    facts,
    now: 1_795_372_200_000,
    ...overrides,
  }
}

test('every agent of the phase answers, and the hand-over is one the signing job takes', async () => {
  const given = await inputs()
  const handover = await run(given)
  expect(handover.responses.map((response) => response.topic)).toEqual(expect.arrayContaining(['commits', 'images']))
  expect(checkHandover(await readFolder(given.out)).handover).toStrictEqual(handover)
  expect(asked[0]).toBe('GET /repos/acme/shop/pulls/7 Bearer job-token')
})

const trace = async (key: string | null) => (await run(await inputs({ key }))).responses[0]?.response.trace_id

test('the same key gives the same trace, another key another one', async () => {
  expect(await trace('key-1')).toBe(await trace('key-1'))
  expect(await trace('key-1')).not.toBe(await trace('key-2'))
  expect(await trace(null)).toMatch(/^[0-9a-f]{32}$/)
})

test('without a pull request the default branch is the base, and who needs the pull request is blocked', async () => {
  const handover = await run(await inputs({ pull: null }))
  expect(asked[0]).toContain('GET /repos/acme/shop ')
  expect(handover.responses.map((response) => response.response.result)).toContain('blocked')
})

test('only the agents asked for answer', async () => {
  expect((await run(await inputs({ agents: 'infrasec' }))).responses.map((response) => response.agent.name)).toStrictEqual(['infrasec'])
})

test.each([
  ['a phase that does not exist', { phase: 'P9' }, 'bad-input'],
  ['a pull request that is no number', { pull: '7; ls' }, 'bad-input'],
  ['simulate that is neither', { simulate: 'maybe' }, 'bad-input'],
  ['an agent nobody knows', { agents: 'nobody' }, 'unknown-agent'],
  ['a pull request GitHub does not know', { pull: '8' }, 'environment'],
  ['no token', { token: null }, 'environment'],
])('%s is refused', async (_, overrides, code) => {
  await expect(run(await inputs(overrides))).rejects.toMatchObject({ code })
})
