/**
 * The web flow by which an App learns who somebody is: the page that asks, the code for a token, the token's end. Faults as GitHub tells them: of the
 * page in the address it sends the browser to, of the token with status 200.
 * https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app
 */
import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { notFound } from '../world/error.ts'
import type { App } from '../world/model.ts'
import { accountOf, type World } from '../world/world.ts'
import type { Answer } from './call.ts'

const AUTHORIZE = '/login/oauth/authorize'
const TOKEN = '/login/oauth/access_token'
const ENDED = /^\/api\/v3\/applications\/([^/]+)\/token$/
const CODE_MS = 600_000
const TOKEN_MS = 28_800_000

const DOCS = 'https://docs.github.com/apps/managing-oauth-apps/troubleshooting'
const SAYS = {
  redirect_uri_mismatch: 'The redirect_uri MUST match the registered callback URL for this application.',
  access_denied: 'The user has denied your application access.',
  bad_verification_code: 'The code passed is incorrect or expired.',
  incorrect_client_credentials: 'The client_id and/or client_secret passed are incorrect.',
} as const
type Fault = keyof typeof SAYS

export const isOfWebFlow = (path: string): boolean => path === AUTHORIZE || path === TOKEN || ENDED.test(path)

interface Asked {
  readonly request: IncomingMessage
  readonly url: URL
  readonly bytes: Buffer
}

const appOf = (world: World, clientId: string | null): App => {
  const app = [...world.apps.values()].find((one) => one.client.id === clientId)
  if (!app) throw notFound()
  return app
}

const faultOf = (fault: Fault): Record<string, string> => ({
  error: fault,
  error_description: SAYS[fault],
  error_uri: `${DOCS}/#${fault.replaceAll('_', '-')}`,
})

const back = (to: string, url: URL, more: Readonly<Record<string, string>>): string => {
  const address = new URL(to)
  const state = url.searchParams.get('state')
  for (const [name, value] of Object.entries({ ...more, ...(state === null ? {} : { state }) })) address.searchParams.set(name, value)
  return address.href
}

/** @param login of the person who agreed; null: who did not */
export const granted = (world: World, url: URL, login: string | null): string => {
  const app = appOf(world, url.searchParams.get('client_id'))
  const [first] = app.client.callbacks
  if (url.pathname !== AUTHORIZE || first === undefined) throw notFound()
  const redirect = url.searchParams.get('redirect_uri') ?? first
  if (!app.client.callbacks.includes(redirect)) return back(first, url, faultOf('redirect_uri_mismatch'))
  if (login === null) return back(redirect, url, faultOf('access_denied'))
  const code = randomBytes(10).toString('hex')
  const challenge = url.searchParams.get('code_challenge_method') === 'S256' ? url.searchParams.get('code_challenge') : null
  world.grants.set(code, { account: accountOf(world, login), app, redirect, challenge, at: world.now().getTime() })
  return back(redirect, url, { code })
}

const PAGE = `<!doctype html><html lang="en"><title>Authorize</title><link rel="icon" href="data:,"><main><h1>Authorize</h1><form method="post">
<label>You are <input name="login"></label> <button name="authorize" value="1">Authorize</button> <button name="authorize" value="0">Cancel</button>
</form></main></html>`

const asks = (world: World, { request, url, bytes }: Asked): Answer => {
  appOf(world, url.searchParams.get('client_id'))
  if (request.method === 'GET') return { status: 200, raw: { bytes: Buffer.from(PAGE), type: 'text/html; charset=utf-8' } }
  const form = new URLSearchParams(bytes.toString())
  return { status: 302, headers: { location: granted(world, url, form.get('authorize') === '1' ? form.get('login') : null) } }
}

const tokenFor = (world: World, form: URLSearchParams): Record<string, string | number> => {
  const app = appOf(world, form.get('client_id'))
  if (form.get('client_secret') !== app.client.secret) return faultOf('incorrect_client_credentials')
  const code = form.get('code') ?? ''
  const grant = world.grants.get(code)
  world.grants.delete(code)
  if (!grant || grant.app !== app || world.now().getTime() - grant.at > CODE_MS) return faultOf('bad_verification_code')
  if ((form.get('redirect_uri') ?? grant.redirect) !== grant.redirect) return faultOf('redirect_uri_mismatch')
  const verifier = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url')
  if (grant.challenge !== null && grant.challenge !== verifier) return faultOf('bad_verification_code')
  const token = `ghu_${randomBytes(18).toString('hex')}`
  world.tokens.set(token, { actor: { kind: 'user', account: grant.account }, expires: world.now().getTime() + TOKEN_MS })
  return {
    access_token: token,
    expires_in: TOKEN_MS / 1000,
    refresh_token: `ghr_${randomBytes(38).toString('hex')}`,
    refresh_token_expires_in: 15_897_600,
    scope: '',
    token_type: 'bearer',
  }
}

const gives = (world: World, { request, bytes }: Asked): Answer => {
  const isJson = request.headers['content-type']?.startsWith('application/json') === true
  const form = new URLSearchParams(isJson ? (JSON.parse(bytes.toString()) as Record<string, string>) : bytes.toString())
  const body = tokenFor(world, form)
  if (request.headers.accept?.includes('json') === true) return { status: 200, body }
  const text = new URLSearchParams(Object.fromEntries(Object.entries(body).map(([name, value]) => [name, String(value)]))).toString()
  return { status: 200, raw: { bytes: Buffer.from(text), type: 'application/x-www-form-urlencoded; charset=utf-8' } }
}

const ends = (world: World, { request, bytes }: Asked, clientId: string): Answer => {
  const app = appOf(world, clientId)
  const right = `Basic ${Buffer.from(`${app.client.id}:${app.client.secret}`).toString('base64')}`
  const { access_token: token } = JSON.parse(bytes.toString()) as { access_token: string }
  if (request.headers.authorization !== right || !world.tokens.delete(token)) return { status: 404, body: { message: 'Not Found' } }
  return { status: 204 }
}

export const webFlow = (world: World, asked: Asked): Answer => {
  const method = asked.request.method ?? 'GET'
  const ended = ENDED.exec(asked.url.pathname)?.[1]
  if (ended !== undefined && method === 'DELETE') return ends(world, asked, ended)
  if (asked.url.pathname === TOKEN && method === 'POST') return gives(world, asked)
  if (asked.url.pathname === AUTHORIZE && (method === 'GET' || method === 'POST')) return asks(world, asked)
  throw notFound()
}
