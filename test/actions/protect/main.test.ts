import { expect, test } from 'vitest'
import { run, type ProtectInputs } from '../../../actions/protect/main.ts'
import { loopback, type Said } from '../../support/loopback.ts'

const YES: Said = { body: { answer: 'approved', why: 'started for v2.0.0' } }
const WAIT: Said = { body: { answer: 'wait', why: 'held' } }

function inputs(url: string, over: Partial<ProtectInputs> = {}): ProtectInputs {
  let now = 0
  let tokens = 0
  return {
    url,
    timeout: '10',
    identity: async () => `token-${(tokens += 1)}`,
    now: () => now,
    sleep: async (milliseconds) => void (now += milliseconds),
    say: () => {},
    ...over,
  }
}

async function asked(said: readonly (Said | 'never')[], over: Partial<ProtectInputs> = {}) {
  await using app = await loopback((_asked, count) => said[count - 1] ?? said.at(-1) ?? YES)
  const outcome = await run(inputs(app.url, over)).then(
    (value: unknown) => value,
    (error: unknown) => error,
  )
  return { outcome, requests: app.asked }
}

test('a yes ends it green; it is asked without a body, as this job (T57)', async () => {
  const { outcome, requests } = await asked([YES])
  expect(outcome).toEqual({ why: 'started for v2.0.0' })
  expect(requests.map(({ method, path, headers, body }) => [method, path, headers.authorization, body.length])).toEqual([
    ['POST', '/api/job-gate', 'Bearer token-1', 0],
  ])
})

test.each<[string, Said]>([
  ['a no', { body: { answer: 'rejected', why: 'the rollout is at 50 %' } }],
  ['an answer nobody understands', { body: { answer: 'maybe', why: 'x' } }],
  ['a yes that is no JSON', { body: 'approved' }],
  ['a job that is not believed', { status: 401, body: { why: 'The token is not believed.' } }],
  ['an App without such a place', { status: 404, body: 'Nothing is here.\n' }],
])('%s ends it red at once (T57)', async (_what, said) => {
  const { outcome, requests } = await asked([said, YES])
  expect(outcome).toMatchObject({ code: 'refused' })
  expect(requests).toHaveLength(1)
})

test.each<[string, Said]>([
  ['is held', WAIT],
  ['is restarted', { status: 503, body: { why: 'in a moment' } }],
  ['has too much to do', { status: 429, body: '' }],
  ['sends too much', { body: 'x'.repeat(20_000) }],
  ['leads elsewhere', { status: 302, headers: { location: 'https://elsewhere.example/' } }],
])('while the App %s it waits, and is red when its time is over (T57)', async (_what, said) => {
  expect((await asked([said, YES])).outcome).toEqual({ why: 'started for v2.0.0' })
  const { outcome, requests } = await asked([said])
  expect(outcome).toMatchObject({ code: 'not-answered' })
  expect(requests).toHaveLength(61)
})

test('an App that nobody reaches is no yes (T57)', async () => {
  await expect(run(inputs('http://127.0.0.1:1', { timeout: '0' }))).rejects.toMatchObject({ code: 'not-answered' })
})

test('a long wait asks with a fresh token, for the old one ends', async () => {
  const { requests } = await asked([...Array.from({ length: 30 }, () => WAIT), YES])
  expect(new Set(requests.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer token-1', 'Bearer token-2']))
})

test('a job without the right to a token is told the line', async () => {
  await expect(run(inputs('https://conductor.example', { identity: async () => null }))).rejects.toMatchObject({
    code: 'no-identity',
    message: expect.stringContaining('id-token: write'),
  })
})

test.each(['http://conductor.example', 'ftp://x', 'conductor.example', 'https://a:b@c', 'https://a/?b=c'])(
  '%s is no address for a token',
  async (url) => {
    await expect(run(inputs(url))).rejects.toMatchObject({ code: 'bad-input' })
  },
)

test.each(['-1', '301', '1.5', 'x'])('%s minutes are none', async (timeout) => {
  await expect(run(inputs('https://conductor.example', { timeout }))).rejects.toMatchObject({ code: 'bad-input' })
})
