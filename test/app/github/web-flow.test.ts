import { afterAll, beforeAll, expect, test } from 'vitest'
import { webFlow, type WebFlow } from '../../../app/github/web-flow.ts'
import { startGitHub, type GitHub } from '../../support/github/index.ts'
import { emptyFolder } from '../cli/harness.ts'

const CALLBACK = 'https://conductor.example/login/callback'
let github: GitHub
beforeAll(async () => {
  github = await startGitHub({ dir: emptyFolder() })
  github.addUser({ login: 'dev' })
  github.setCallback(CALLBACK)
})
afterAll(async () => {
  await github.stop()
})

function flow(over: Partial<Parameters<typeof webFlow>[0]> = {}): WebFlow {
  const { id: clientId, secret: clientSecret } = github.app.client
  return webFlow({ web: github.serverUrl, api: github.apiUrl, clientId, clientSecret, callback: CALLBACK, timeoutMs: 2_000, ...over })
}

function codeFor(of: WebFlow): string {
  return new URL(github.authorize('dev', of.address('s', 'wrong'))).searchParams.get('code') ?? ''
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work
  } catch (error) {
    return [(error as { code: string }).code, (error as Error).message]
  }
}

const answering =
  (status: number, body: unknown): typeof globalThis.fetch =>
  async () =>
    new Response(JSON.stringify(body), { status })
const GIVEN = { access_token: 't' }

test.each<[string, unknown, number, string]>([
  ['a wrong secret', { error: 'incorrect_client_credentials' }, 200, 'forbidden'],
  ['a callback that is not registered', { error: 'redirect_uri_mismatch' }, 200, 'forbidden'],
  ['a code that is used', { error: 'bad_verification_code' }, 200, 'refused'],
  ['an answer that is none', { token: 'x' }, 200, 'malformed'],
  ['a GitHub that fails', {}, 502, 'unavailable'],
  ['a GitHub that has no such client', {}, 404, 'refused'],
  ['a GitHub that goes elsewhere', {}, 302, 'refused'],
])('%s', async (_, body, status, code) => {
  expect(await codeOf(flow({ fetch: answering(status, body) }).who('c', 'v'))).toEqual([code, expect.any(String)])
})

test('a verifier that does not fit the challenge gets nobody', async () => {
  const of = flow()
  expect(await codeOf(of.who(codeFor(of), 'another'))).toEqual(['refused', expect.stringContaining('it was used, or is too old')])
})

test('who is no person does not get in, and the token is ended all the same', async () => {
  const asked: string[] = []
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const url = new Request(input).url
    asked.push(`${init?.method ?? 'GET'} ${new URL(url).pathname}`)
    return new Response(JSON.stringify(url.endsWith('/user') ? { id: 1, login: 'acme', type: 'Organization' } : GIVEN), { status: 200 })
  }
  expect(await codeOf(flow({ fetch, web: 'https://github.example', api: 'https://github.example/api/v3' }).who('c', 'v'))).toEqual([
    'refused',
    expect.stringContaining('Only people'),
  ])
  expect(asked).toEqual(['POST /login/oauth/access_token', 'GET /api/v3/user', `DELETE /api/v3/applications/${github.app.client.id}/token`])
})

const keeping: typeof globalThis.fetch = async (input, init) => {
  if (init?.method === 'DELETE') throw new Error('the line is dead')
  return new Response(JSON.stringify(new Request(input).url.endsWith('/user') ? { id: 5, login: 'dev', type: 'User' } : GIVEN), { status: 200 })
}

test('a token that GitHub does not take back hinders nobody', async () => {
  expect(await flow({ fetch: keeping }).who('c', 'v')).toEqual({ id: 5, login: 'dev' })
})
