/**
 * The web flow by which somebody shows who they are: the browser asks GitHub's page, comes back with a code, and the code tells who it is. The token that
 * GitHub gives for it is used for that one question, then ended, and kept nowhere.
 * https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
 */
import { z } from 'zod'
import { parsed } from './answers.ts'
import { GitHubError } from './error.ts'
import { boundedFetch } from './transport.ts'

export interface WebFlowOptions {
  /** Where people see GitHub, such as https://github.com. */
  readonly web: string
  /** Its API, such as https://api.github.com. */
  readonly api: string
  readonly clientId: string
  readonly clientSecret: string
  /** Where GitHub sends the browser back to; one of the App's callback addresses, exactly. */
  readonly callback: string
  readonly timeoutMs: number
  readonly fetch?: typeof globalThis.fetch
}

/** An account as GitHub knows it now. */
export interface Person {
  readonly id: number
  readonly login: string
}

export interface WebFlow {
  /** Of GitHub's page. @param state comes back with the browser @param challenge SHA-256 of the verifier, base64url (RFC 7636) */
  address(state: string, challenge: string): string
  /** Who agreed. A code is good once. @throws GitHubError */
  who(code: string, verifier: string): Promise<Person>
}

const MAX_BYTES = 65_536

const Token = z.object({ access_token: z.string().min(1).max(1_000) })
/** Told with status 200. */
const Fault = z.object({ error: z.string().max(100) })
const User = z.object({ id: z.number().int().positive(), login: z.string().min(1).max(100), type: z.string().max(40) })

export function webFlow({ web, api, clientId, clientSecret, callback, timeoutMs, fetch = globalThis.fetch }: WebFlowOptions): WebFlow {
  const bounded = boundedFetch({ timeoutMs, maxBytes: MAX_BYTES, fetch })
  const json = { accept: 'application/json', 'content-type': 'application/json', 'user-agent': 'release-conductor' }

  async function tokenFor(code: string, verifier: string): Promise<string> {
    const path = '/login/oauth/access_token'
    const body = { client_id: clientId, client_secret: clientSecret, code, redirect_uri: callback, code_verifier: verifier }
    const data = await answer(await bounded(`${web}${path}`, { method: 'POST', headers: json, body: JSON.stringify(body) }), path)
    const fault = Fault.safeParse(data)
    if (fault.success) throw refusal(fault.data.error)
    return parsed(Token, data, path).access_token
  }

  /** Its time ends anyway; a GitHub that does not take it back hinders nobody. */
  async function end(token: string): Promise<void> {
    const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
    const headers = { ...json, authorization }
    await bounded(`${api}/applications/${encodeURIComponent(clientId)}/token`, {
      method: 'DELETE',
      headers,
      body: JSON.stringify({ access_token: token }),
    }).catch(() => null)
  }

  return {
    address(state, challenge) {
      const url = new URL(`${web}/login/oauth/authorize`)
      const query = {
        client_id: clientId,
        redirect_uri: callback,
        state,
        code_challenge: challenge,
        code_challenge_method: 'S256',
        allow_signup: 'false',
      }
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
      return url.href
    },
    async who(code, verifier) {
      const token = await tokenFor(code, verifier)
      try {
        const headers = { ...json, accept: 'application/vnd.github+json', authorization: `Bearer ${token}` }
        const user = parsed(User, await answer(await bounded(`${api}/user`, { headers }), '/user'), '/user')
        if (user.type !== 'User') throw new GitHubError('refused', 'Only people log in; this account is not one.')
        return { id: user.id, login: user.login }
      } finally {
        await end(token)
      }
    },
  }
}

async function answer(response: Response, path: string): Promise<unknown> {
  const { status } = response
  if (status >= 500) throw new GitHubError('unavailable', `GitHub answered ${status} to ${path}.`, { status })
  if (status !== 200) throw new GitHubError('refused', `GitHub answered ${status} to ${path}.`, { status })
  return response.json().catch((cause: unknown) => {
    throw new GitHubError('malformed', `GitHub's answer to ${path} is no JSON.`, { cause })
  })
}

function refusal(error: string): GitHubError {
  if (error === 'incorrect_client_credentials')
    return new GitHubError('forbidden', 'GitHub does not take the client secret of this App; the operator must renew GITHUB_CLIENT_SECRET.')
  if (error === 'redirect_uri_mismatch')
    return new GitHubError('forbidden', 'GitHub does not know the callback address of this App; the operator must add it in the settings of the App.')
  return new GitHubError('refused', 'GitHub does not take the code: it was used, or is too old.')
}
