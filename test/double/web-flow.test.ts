/** The App's web flow as GitHub has it: where its page sends browsers, what it says of a code, and the end of a token. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGitHub, type GitHub } from '../support/github/index.ts'
import { emptyFolder } from '../app/cli/harness.ts'

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

function page(over: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({ client_id: github.app.client.id, redirect_uri: CALLBACK, state: 'a state', ...over })
  return `${github.serverUrl}/login/oauth/authorize?${query.toString()}`
}

function codeOf(over: Readonly<Record<string, string>> = {}): string {
  return new URL(github.authorize('dev', page(over))).searchParams.get('code') ?? ''
}

async function token(body: Readonly<Record<string, string>>, accept = 'application/json'): Promise<Response> {
  const { id, secret } = github.app.client
  return fetch(`${github.serverUrl}/login/oauth/access_token`, {
    method: 'POST',
    headers: { accept, 'content-type': 'application/json' },
    body: JSON.stringify({ client_id: id, client_secret: secret, ...body }),
  })
}

test('the page sends the browser back with code and state, and its code is good once', async () => {
  const to = new URL(github.authorize('dev', page()))
  expect([`${to.origin}${to.pathname}`, to.searchParams.get('state')]).toEqual([CALLBACK, 'a state'])
  const code = to.searchParams.get('code') ?? ''
  const given = await token({ code })
  expect([given.status, await given.json()]).toEqual([
    200,
    expect.objectContaining({ access_token: expect.stringMatching(/^ghu_/), token_type: 'bearer', scope: '', expires_in: 28_800 }),
  ])
  const again = await token({ code })
  expect([again.status, await again.json()]).toEqual([200, expect.objectContaining({ error: 'bad_verification_code' })])
})

test('in a browser it is a form; who cancels goes back with the reason', async () => {
  expect(await (await fetch(page())).text()).toContain('Authorize')
  const answer = async (body: string): Promise<string> => {
    const { headers } = await fetch(page(), { method: 'POST', body: new URLSearchParams(body), redirect: 'manual' })
    return headers.get('location') ?? ''
  }
  expect(await answer('login=dev&authorize=1')).toMatch(/\?code=[0-9a-f]{20}&state=a\+state$/)
  expect(await answer('login=dev&authorize=0')).toMatch(/\?error=access_denied&.*&state=a\+state$/)
})

test.each<[string, () => Promise<Readonly<Record<string, string>>>, string]>([
  ['another secret', async () => ({ code: codeOf(), client_secret: 'x' }), 'incorrect_client_credentials'],
  ['a code that nobody gave', async () => ({ code: 'abc' }), 'bad_verification_code'],
  ['another address to come back to', async () => ({ code: codeOf(), redirect_uri: `${CALLBACK}/x` }), 'redirect_uri_mismatch'],
  ['no verifier', async () => ({ code: codeOf({ code_challenge: 'c', code_challenge_method: 'S256' }) }), 'bad_verification_code'],
])('%s is told with status 200', async (_, body, error) => {
  const answer = await token(await body())
  expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ error, error_uri: expect.any(String) })])
})

test('the right verifier is taken; without a wish for JSON the answer is a form', async () => {
  const challenge = createHash('sha256').update('v'.repeat(43)).digest('base64url')
  const code = codeOf({ code_challenge: challenge, code_challenge_method: 'S256' })
  const text = await (await token({ code, code_verifier: 'v'.repeat(43) }, '*/*')).text()
  expect(new URLSearchParams(text).get('access_token')).toMatch(/^ghu_/)
})

test('a callback address must be one of the App’s, exactly: the browser goes to that one, with the fault', () => {
  const to = github.authorize('dev', page({ redirect_uri: `${CALLBACK}/../../evil` }))
  expect(to).toMatch(/^https:\/\/conductor\.example\/login\/callback\?error=redirect_uri_mismatch/)
})

test('a token says who it is of, until the App ends it', async () => {
  const { access_token: given } = (await (await token({ code: codeOf() })).json()) as { access_token: string }
  const user = async (): Promise<Response> => fetch(`${github.apiUrl}/user`, { headers: { authorization: `Bearer ${given}`, 'user-agent': 'test' } })
  expect(await (await user()).json()).toMatchObject({ login: 'dev', type: 'User' })
  const { id, secret } = github.app.client
  const end = async (password: string): Promise<number> => {
    const headers = { authorization: `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}`, 'user-agent': 'test' }
    const body = JSON.stringify({ access_token: given })
    return (await fetch(`${github.apiUrl}/applications/${id}/token`, { method: 'DELETE', headers, body })).status
  }
  expect([await end('another'), (await user()).status]).toEqual([404, 200])
  expect([await end(secret), (await user()).status, await end(secret)]).toEqual([204, 401, 404])
  github.assertClean()
})
