import { describe, expect, test } from 'vitest'
import { jobTokens } from '../../../app/github/job-token.ts'
import { jobGate, openJobGate } from '../../../app/web/job-gate.ts'
import type { Answer } from '../../../app/rollout/protect.ts'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { run, type ProtectInputs } from '../../../actions/protect/main.ts'
import { issuerOfJobs, jobToken, NOW_S, signerOfJobs } from '../../support/job-token.ts'
import { MemoryStore } from '../../sim/memory-store.ts'

const log = { info() {}, warn() {}, error() {} }
const clock = { now: () => NOW_S * 1000 }
const signer = signerOfJobs()

/** An App of which only this part is there, at an address of its own. */
async function app(answer: (job: unknown) => Answer | Promise<Answer>) {
  const issuer = await issuerOfJobs(signer)
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const jobs: unknown[] = []
  const gate = jobGate({
    tokens: jobTokens({ issuer: issuer.url, audience: url, clock }),
    async ask(job) {
      jobs.push(job)
      return answer(job)
    },
    log,
  })
  server.on('request', (request, response) => {
    void gate(request.url ?? '', request, response).then((isOurs) => (isOurs ? undefined : response.writeHead(404).end()))
  })
  const token = (more?: Readonly<Record<string, string>>) => jobToken(signer, issuer.url, url, more)
  const ask = (init: RequestInit = {}) => fetch(`${url}/api/job-gate`, { method: 'POST', ...init })
  async function close(): Promise<void> {
    await issuer.close()
    server.closeAllConnections()
    await new Promise<void>((done) => server.close(() => done()))
  }
  return { url, jobs, token, ask, [Symbol.asyncDispose]: close }
}

const APPROVED: Answer = { answer: 'approved', why: 'started for v2.0.0' }
const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } })

describe('a job that asks', () => {
  test('is answered by what its token says, and by that alone (T57)', async () => {
    await using here = await app(() => APPROVED)
    const response = await here.ask(bearer(here.token({ environment: 'prod' })))
    expect([response.status, await response.json()]).toEqual([200, APPROVED])
    expect(here.jobs).toEqual([{ repositoryId: 7, run: 9, environment: 'prod' }])
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test.each<[string, (token: string) => RequestInit, number, string]>([
    ['without a token', () => ({}), 401, 'There is no token'],
    ['with something else', () => ({ headers: { authorization: 'Basic YTpi' } }), 401, 'There is no token'],
    ['with a token that was changed', (token) => bearer(`${token.slice(0, -8)}AAAAAAAA`), 401, 'not believed'],
    ['with a body', (token) => ({ ...bearer(token), body: '{"run_id":"1"}' }), 413, 'send no body'],
    ['by GET', (token) => ({ ...bearer(token), method: 'GET' }), 405, 'by POST'],
  ])('%s is told what is wrong, and nobody is asked (T57)', async (_what, init, status, why) => {
    await using here = await app(() => APPROVED)
    const response = await here.ask(init(here.token()))
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(why)])
    expect(here.jobs).toEqual([])
  })

  test('while the store is away is asked to come again (T57)', async () => {
    await using here = await app(() => Promise.reject(new Error('the database does not answer at 10.0.0.1')))
    const response = await here.ask(bearer(here.token()))
    expect([response.status, await response.json()]).toEqual([503, { why: 'The store does not answer. Ask again in a moment.' }])
  })

  test('by the action waits while the release is held, and goes on with the yes (T57)', async () => {
    const said: Answer[] = [{ answer: 'wait', why: 'v2.0.0 is held: lunch' }, APPROVED]
    await using here = await app(() => said.shift() ?? APPROVED)
    const told: string[] = []
    const inputs: ProtectInputs = {
      url: `${here.url}/`,
      timeout: '1',
      identity: async (audience) => (audience === here.url ? here.token() : null),
      now: () => 0,
      sleep: async () => {},
      say: (message) => void told.push(message),
    }
    expect(await run(inputs)).toEqual({ why: 'started for v2.0.0' })
    expect(told).toEqual(['Waiting: v2.0.0 is held: lunch'])
  })
})

test('there is such a place where the App has a public address', () => {
  const parts = { store: new MemoryStore(clock), clock, log }
  const issuer = 'https://token.actions.githubusercontent.com'
  expect(openJobGate({ publicUrl: null, issuer }, parts)).toBeNull()
  expect(openJobGate({ publicUrl: 'https://conductor.example', issuer }, parts)).toBeTypeOf('function')
})
