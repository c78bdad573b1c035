/** The one page of setup, on loopback alone: a form for GitHub, and the address to which GitHub sends the browser back. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { html, type Html } from '../../web/html.ts'
import { CliError } from '../error.ts'

export interface PageOptions<Of> {
  /** Where the form goes. */
  readonly action: (state: string) => string
  /** @param redirectUrl where GitHub sends the browser */
  readonly manifest: (redirectUrl: string) => string
  /** Uses the code up. A CliError `unavailable` lets the person try again; any other end is the end. */
  readonly convert: (code: string) => Promise<Of>
  /** Milliseconds until nobody is waited for any more. */
  readonly lastsMs: number
}

export interface SetupPage<Of> {
  /** Holds a token: only who reads the terminal finds the form. */
  readonly url: string
  /** What the code was converted into; rejects with a CliError. */
  readonly done: Promise<Of>
  close(): Promise<void>
}

const HOST = '127.0.0.1'
const CREATED = '/created'

export async function openSetupPage<Of>({ action, manifest, convert, lastsMs }: PageOptions<Of>): Promise<SetupPage<Of>> {
  const token = randomBytes(32).toString('hex')
  const state = randomBytes(32).toString('hex')
  const { promise: done, resolve, reject } = Promise.withResolvers<Of>()
  done.catch(() => {})
  let taken = false
  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000 }, (request, response) => void answer(request, response))
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(0, HOST, () => listening())
  })
  const host = `${HOST}:${(server.address() as AddressInfo).port}`
  const late = setTimeout(
    () => reject(new CliError('unavailable', 'Nobody came back from GitHub in time; nothing was written.', 'Run setup again.')),
    lastsMs,
  )

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = URL.parse(request.url ?? '/', `http://${host}`)
    // A name that somebody points at this machine is not this page.
    if (url === null || request.headers.host !== host || request.method !== 'GET')
      return say(response, 403, html`<p>This is not for you.</p>`, action(''))
    if (same(url.pathname, `/${token}`)) return say(response, 200, form(action(state), manifest(`http://${host}${CREATED}`)), action(''))
    if (url.pathname !== CREATED) return say(response, 404, html`<p>Nothing is here.</p>`, action(''))
    const code = url.searchParams.get('code') ?? ''
    if (!same(url.searchParams.get('state') ?? '', state) || !/^[\w-]{1,200}$/.test(code))
      return say(response, 403, html`<p>Nobody here asked for this. Begin with the address in the terminal.</p>`, action(''))
    if (taken) return say(response, 409, html`<p>This was answered already. Look at the terminal.</p>`, action(''))
    taken = true
    try {
      const converted = await convert(code)
      say(response, 200, html`<p>The App is made. Go on in the terminal; this page can be closed.</p>`, action(''))
      resolve(converted)
    } catch (error) {
      const again = error instanceof CliError && error.code === 'unavailable'
      taken = !again
      say(response, 502, html`<p>It did not work. ${again ? 'Reload this page.' : 'Look at the terminal.'}</p>`, action(''))
      if (!again) reject(error)
    }
  }

  return {
    url: `http://${host}/${token}`,
    done,
    async close() {
      clearTimeout(late)
      const closed = new Promise<void>((ended) => server.close(() => ended()))
      server.closeIdleConnections()
      // A browser opens connections that it never uses.
      const force = setTimeout(() => server.closeAllConnections(), 500)
      await closed
      clearTimeout(force)
    },
  }
}

function same(given: string, wanted: string): boolean {
  const [one, other] = [given, wanted].map((text) => createHash('sha256').update(text).digest())
  return one !== undefined && other !== undefined && timingSafeEqual(one, other)
}

function form(action: string, manifest: string): Html {
  return html`<h1>Register Release Conductor</h1>
    <p>GitHub shows what the App may do and asks for its name. Then it sends you back here.</p>
    <form action="${action}" method="post">
      <input type="hidden" name="manifest" value="${manifest}" /><button type="submit">Go to GitHub</button>
    </form>`
}

function say(response: ServerResponse, status: number, main: Html, action: string): void {
  const { text } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Release Conductor</title>
      </head>
      <body>
        <main>${main}</main>
      </body>
    </html> `
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action ${new URL(action).origin}`,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    connection: 'close',
  })
  response.end(text)
}
