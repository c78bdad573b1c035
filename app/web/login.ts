/**
 * How a visitor logs in with GitHub, and out:
 *
 *     GET  /login?to=…          to GitHub's page, with a state that only this browser can bring back
 *     GET  /login/callback      from there, with a code; then on to the page that was asked for
 *     POST /logout
 *
 * A login says who somebody is. What they may is asked of GitHub with every command.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { isGitHubError } from '../github/error.ts'
import type { WebFlow } from '../github/web-flow.ts'
import type { Clock, Log } from '../release/ports.ts'
import { LONGEST_MS, type Member, type Sessions } from '../store/sessions.ts'
import { cookie } from './cookie.ts'
import { html, type Html } from './html.ts'
import type { Show } from './layout.ts'
import { formToken, ownForm } from './own-form.ts'

export interface LoginOptions {
  readonly flow: WebFlow
  readonly sessions: Sessions
  /** Where browsers reach the pages, without a slash at its end. */
  readonly publicUrl: string
  /** Of the App: what a browser keeps until it comes back is sealed with it. */
  readonly secret: string
  /** Is this a path of ours that may be gone to after a login? */
  readonly isOurs: (path: string) => boolean
  readonly clock: Clock
  readonly log: Log
}

/** Somebody who is logged in. */
export interface Visitor extends Member {
  /** What each of their forms must hold. */
  readonly form: string
}

export interface Login {
  /** null: nobody, or no more. */
  who(request: IncomingMessage): Promise<Visitor | null>
  /** A form of our own pages that this visitor sent; null: it is not. */
  form(request: IncomingMessage): Promise<{ readonly by: Visitor; readonly fields: URLSearchParams } | null>
  /** @returns false: nothing is here */
  answer(path: string, request: IncomingMessage, response: ServerResponse, show: Show): Promise<boolean>
}

/** From the page of GitHub back here. Seconds. */
const AWAY_S = 600
/** Codes that GitHub is asked about at a time: nobody makes this App flood it. */
const MOST_ASKING = 8
const TOKEN = /^[0-9a-f]{64}$/
/** What the browser keeps meanwhile. */
const Away = z.strictObject({ state: z.string(), verifier: z.string(), to: z.string(), until: z.number() })
type Away = z.infer<typeof Away>

export function openLogin({ flow, sessions, publicUrl, secret, isOurs, clock, log }: LoginOptions): Login {
  const [session, away] = [cookie('session', publicUrl), cookie('away', publicUrl)]
  const { origin } = new URL(publicUrl)
  let asking = 0

  function tokenOf(request: IncomingMessage): string | null {
    const token = session.read(request)
    return token !== null && TOKEN.test(token) ? token : null
  }

  async function who(request: IncomingMessage): Promise<Visitor | null> {
    const token = tokenOf(request)
    const member = token === null ? null : await sessions.find(token)
    return token === null || member === null ? null : { ...member, form: formToken(token) }
  }

  async function form(request: IncomingMessage): Promise<{ readonly by: Visitor; readonly fields: URLSearchParams } | null> {
    const [token, by] = [tokenOf(request), await who(request)]
    const fields = token === null || by === null ? null : await ownForm(request, origin, token)
    return by === null || fields === null ? null : { by, fields }
  }

  function leave(request: IncomingMessage, response: ServerResponse): void {
    const asked = queryOf(request).get('to') ?? ''
    const verifier = randomBytes(32).toString('base64url')
    const state = randomBytes(32).toString('base64url')
    const kept: Away = { state, verifier, to: isOurs(asked) ? asked : '/account', until: clock.now() + AWAY_S * 1000 }
    go(response, flow.address(state, createHash('sha256').update(verifier).digest('base64url')), [away.written(sealed(secret, kept), AWAY_S)])
  }

  async function comeBack(request: IncomingMessage, response: ServerResponse, show: Show): Promise<void> {
    const query = queryOf(request)
    const kept = opened(secret, away.read(request) ?? '')
    if (kept === null || kept.until < clock.now() || !same(query.get('state') ?? '', kept.state))
      return void refused(
        show,
        403,
        'Not logged in',
        html`<p>This browser did not ask to log in, or too long ago. <a href="/account">Begin again</a>.</p>`,
      )
    // Whatever comes of it, it is used up.
    response.setHeader('set-cookie', [away.written('', 0)])
    const code = query.get('code') ?? ''
    if (!/^[\w-]{1,200}$/.test(code))
      return void refused(show, 403, 'Not logged in', html`<p>GitHub says that you did not agree. <a href="/account">Begin again</a>.</p>`)
    if (asking >= MOST_ASKING)
      return void refused(show, 503, 'Not logged in', html`<p>Too many people log in at once. <a href="/account">Begin again</a>.</p>`)
    let member: Member
    asking += 1
    try {
      member = await flow.who(code, kept.verifier)
    } catch (error) {
      if (!isGitHubError(error)) throw error
      log.warn({ code: error.code, error: error.message }, 'Somebody could not log in.')
      const [status, why] = isGitHubError(error, 'refused')
        ? [403, 'GitHub does not say who you are.']
        : [502, 'GitHub does not answer as it should; the operator’s log says why.']
      return void refused(show, status, 'Not logged in', html`<p>${why} <a href="/account">Begin again</a>.</p>`)
    } finally {
      asking -= 1
    }
    const token = randomBytes(32).toString('hex')
    await sessions.begin(token, member)
    log.info({ login: member.login, user_id: member.id }, 'Somebody logged in.')
    go(response, kept.to, [away.written('', 0), session.written(token, LONGEST_MS / 1000)])
  }

  async function logOut(request: IncomingMessage, response: ServerResponse, show: Show): Promise<void> {
    const sent = await form(request)
    const token = tokenOf(request)
    if (sent === null || token === null) return void refused(show, 403, 'Nothing was done', html`<p>This form is not of a page of yours.</p>`)
    await sessions.end(token)
    go(response, '/account', [session.written('', 0)])
  }

  return {
    who,
    form,
    async answer(path, request, response, show) {
      if (path === '/login' && request.method === 'GET') leave(request, response)
      else if (path === '/login/callback' && request.method === 'GET') await comeBack(request, response, show)
      else if (path === '/logout' && request.method === 'POST') await logOut(request, response, show)
      else return false
      return true
    },
  }
}

function refused(show: Show, status: number, title: string, main: Html): true {
  return show(status, {
    title,
    main: html`<h1>${title}</h1>
      ${main}`,
  })
}

export function queryOf({ url }: IncomingMessage): URLSearchParams {
  return new URLSearchParams(url?.split('?')[1] ?? '')
}

/** By a GET, whatever it was asked by. */
export function go(response: ServerResponse, to: string, cookies: readonly string[] = []): void {
  const headers = { location: to, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'content-length': 0 }
  response.writeHead(303, cookies.length === 0 ? headers : { ...headers, 'set-cookie': [...cookies] })
  response.end()
}

function sealed(secret: string, kept: Away): string {
  const text = Buffer.from(JSON.stringify(kept)).toString('base64url')
  return `${text}.${sealOf(secret, text)}`
}

function sealOf(secret: string, text: string): string {
  return createHmac('sha256', secret).update(`release-conductor/login/v1\n${text}`).digest('hex')
}

function opened(secret: string, value: string): Away | null {
  const [text = '', seal = ''] = value.split('.')
  if (!same(seal, sealOf(secret, text))) return null
  return Away.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
}

function same(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)]
  return one.length === other.length && timingSafeEqual(one, other)
}
