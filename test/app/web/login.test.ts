/** Logging in against the double of GitHub, and everything that must not log anybody in. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { WebFlow } from '../../../app/github/web-flow.ts'
import { IDLE_MS, openSessions } from '../../../app/store/sessions.ts'
import { openLogin } from '../../../app/web/login.ts'
import { CALLBACK_PATH } from '../../../app/web/login-entry.ts'
import { Browser } from '../../support/browser.ts'
import { members, type Members } from '../../support/members.ts'
import { knownRelease, shown, type Shown } from '../../support/shown.ts'
import { emptyFolder } from '../cli/harness.ts'

const HOSTILE_LOGIN = '<img src=x onerror=alert(1)>'
let people: Members
let of: Shown

beforeAll(async () => {
  people = await members(emptyFolder(), ['approver', 'other'])
  people.github.addUser({ login: 'robot', type: 'Bot' })
  of = await shown(knownRelease(), { members: (url, store) => people.pages(url, store) })
})
afterAll(async () => {
  await of[Symbol.asyncDispose]()
  await people[Symbol.asyncDispose]()
})
beforeEach(() => {
  people.logged.length = 0
})

const asked = (browser: Browser, to?: string): Promise<string> => people.asked(browser, of.url, to)
const loggedIn = (login?: string, to?: string): ReturnType<Members['enter']> => people.enter(of.url, login, to)

async function account(browser: Browser): Promise<string> {
  return (await browser.get(`${of.url}/account`)).text()
}

const isIn = async (browser: Browser): Promise<boolean> => (await account(browser)).includes('You are logged in as')

test('who agrees at GitHub is known here, and goes on to the page that was asked for', async () => {
  const { browser, answer } = await loggedIn('approver', of.path)
  expect([answer.status, answer.headers.get('location')]).toEqual([303, of.path])
  expect(browser.set.find((one) => one.startsWith('rc_session='))).toMatch(
    /^rc_session=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=43200$/,
  )
  expect(await account(browser)).toContain('You are logged in as <strong>approver</strong>')
  expect(await (await browser.get(`${of.url}${of.path}`)).text()).toContain('href="/account"')
  people.github.assertClean()
})

test('GitHub is asked with state and PKCE, for nothing but who it is; its token is ended and kept nowhere', async () => {
  const before = new Set(people.github.world.tokens.keys())
  const browser = new Browser()
  const query = new URL(await asked(browser)).searchParams
  expect(Object.fromEntries(query)).toEqual({
    client_id: people.github.app.client.id,
    redirect_uri: `${of.url}${CALLBACK_PATH}`,
    state: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
    allow_signup: 'false',
  })
  await loggedIn()
  expect([...people.github.world.tokens.keys()].filter((token) => !before.has(token))).toEqual([])
  expect(JSON.stringify(await people.sql.rows('select * from conductor.sessions'))).not.toMatch(/ghu_|ghr_/)
})

test('whoever logs out is out, in every process at once, and the cookie that was kept is worth nothing', async () => {
  const { browser } = await loggedIn()
  const kept = new Map(browser.cookies.get(new URL(of.url).host))
  const answer = await browser.post(`${of.url}/logout`, { token: await browser.formToken(`${of.url}/account`) })
  expect([answer.status, answer.headers.get('location'), await isIn(browser)]).toEqual([303, '/account', false])
  browser.cookies.set(new URL(of.url).host, kept)
  expect(await isIn(browser)).toBe(false)
})

test('a session that was not used for an hour is over', async () => {
  const { browser } = await loggedIn()
  people.now += IDLE_MS
  expect(await isIn(browser)).toBe(false)
})

test('each login has a session of its own; what a browser brought before is not taken over', async () => {
  const browser = new Browser()
  browser.cookies.set(new URL(of.url).host, new Map([['rc_session', 'f'.repeat(64)]]))
  await browser.get(people.github.authorize('approver', await asked(browser)))
  expect(browser.cookies.get(new URL(of.url).host)?.get('rc_session')).not.toBe('f'.repeat(64))
})

describe('nobody is logged in', () => {
  test('by an answer that this browser did not ask for: somebody else’s code, in this one', async () => {
    const [attacker, victim] = [new Browser(), new Browser()]
    const theirs = people.github.authorize('other', await asked(attacker))
    expect((await victim.get(theirs)).status).toBe(403)
    await asked(victim)
    expect((await victim.get(theirs)).status).toBe(403)
    expect(await isIn(victim)).toBe(false)
  })

  test('without a state, with half of one, and with none kept', async () => {
    const browser = new Browser()
    const to = new URL(people.github.authorize('approver', await asked(browser)))
    const code = to.searchParams.get('code') ?? ''
    const state = to.searchParams.get('state') ?? ''
    for (const query of [`code=${code}`, `code=${code}&state=`, `code=${code}&state=${state.slice(1)}`])
      expect((await browser.get(`${of.url}${CALLBACK_PATH}?${query}`)).status).toBe(403)
    browser.cookies.clear()
    expect((await browser.get(to.href)).status).toBe(403)
    expect(await isIn(browser)).toBe(false)
  })

  test('when it took longer than ten minutes, or what the browser kept was changed', async () => {
    const browser = new Browser()
    const to = people.github.authorize('approver', await asked(browser))
    const jar = browser.cookies.get(new URL(of.url).host)
    const kept = jar?.get('rc_away') ?? ''
    const [text = '', seal = ''] = kept.split('.')
    const forged = Buffer.from(Buffer.from(text, 'base64url').toString().replace('/account', '//evil.ex')).toString('base64url')
    jar?.set('rc_away', `${forged}.${seal}`)
    expect((await browser.get(to)).status).toBe(403)
    jar?.set('rc_away', kept)
    people.now += 601_000
    expect((await browser.get(to)).status).toBe(403)
    expect(await isIn(browser)).toBe(false)
  })

  test('by a code that was used', async () => {
    const browser = new Browser()
    const first = await asked(browser)
    const kept = new Map(browser.cookies.get(new URL(of.url).host))
    const to = people.github.authorize('approver', first)
    expect((await browser.get(to)).status).toBe(303)
    browser.cookies.set(new URL(of.url).host, kept)
    expect((await browser.get(to)).status).toBe(403)
    expect(people.logged.join()).toContain('it was used, or is too old')
  })

  test('who cancels, a machine, and a client secret that is wrong, which the operator reads of', async () => {
    const browser = new Browser()
    const cancelled = await fetch(await asked(browser), { method: 'POST', body: new URLSearchParams('authorize=0'), redirect: 'manual' })
    expect((await browser.get(cancelled.headers.get('location') ?? '')).status).toBe(403)
    expect((await loggedIn('robot')).answer.status).toBe(403)
    const secret = 'another'.repeat(5)
    await using wrong = await shown(knownRelease(), { members: (url, store) => people.pages(url, store, { secret }) })
    expect((await people.enter(wrong.url)).answer.status).toBe(502)
    people.github.setCallback(`${of.url}${CALLBACK_PATH}`)
    expect(people.logged.join()).toMatch(/GITHUB_CLIENT_SECRET/)
    expect(people.logged.join()).not.toContain(secret)
  })

  test('while GitHub is asked about eight others, so that nobody makes this App flood it', async () => {
    const held = Promise.withResolvers<{ id: number; login: string }>()
    const asking = Promise.withResolvers<void>()
    let asked = 0
    const flow: WebFlow = {
      address: (state) => `https://github.example/?state=${state}`,
      who() {
        asked += 1
        if (asked === 8) asking.resolve()
        return held.promise
      },
    }
    await using busy = await shown(knownRelease(), {
      members: (url, store) => {
        const clock = { now: () => people.now }
        const log = { info() {}, warn() {}, error() {} }
        const login = openLogin({ flow, sessions: openSessions(people.sql, clock), publicUrl: url, secret: 'k', isOurs: () => true, clock, log })
        return { ...people.pages(url, store), login }
      },
    })
    people.github.setCallback(`${of.url}${CALLBACK_PATH}`)
    const comeBack = async (): Promise<number> => {
      const browser = new Browser()
      const state = new URL(await people.asked(browser, busy.url)).searchParams.get('state') ?? ''
      return (await browser.get(`${busy.url}${CALLBACK_PATH}?code=c&state=${state}`)).status
    }
    const first = Array.from({ length: 8 }, comeBack)
    await asking.promise
    expect(await comeBack()).toBe(503)
    held.resolve({ id: 1, login: 'dev' })
    expect(await Promise.all(first)).toEqual(Array.from({ length: 8 }, () => 303))
    expect([await comeBack(), asked]).toEqual([303, 9])
  })

  test('while GitHub does not answer', async () => {
    people.github.faultNext('GET', /\/user$/, 'before')
    const { browser, answer } = await loggedIn()
    expect([answer.status, await isIn(browser)]).toEqual([502, false])
  })

  test.each(['', 'f'.repeat(64), 'x', `${'f'.repeat(64)}'--`])('by the cookie %j', async (value) => {
    const browser = new Browser()
    browser.cookies.set(new URL(of.url).host, new Map([['rc_session', value]]))
    expect(await isIn(browser)).toBe(false)
  })
})

test.each([
  '//evil.example',
  'https://evil.example/',
  '/\\evil.example',
  '/login?to=/login',
  'javascript:alert(1)',
  '/releases/7-3',
  '/account\r\nx: y',
  '',
])('after a login nobody is sent to %j', async (to) => {
  expect((await loggedIn('approver', to)).answer.headers.get('location')).toBe('/account')
})

const host = (): string => of.url

describe('a form of another site does nothing', () => {
  test.each<[string, (token: string) => readonly [Readonly<Record<string, string>>, Readonly<Record<string, string>>]]>([
    ['without the token', () => [{}, { origin: host(), 'sec-fetch-site': 'same-origin' }]],
    ['with another token', () => [{ token: 'f'.repeat(64) }, { origin: host(), 'sec-fetch-site': 'same-origin' }]],
    ['from another site', (token) => [{ token }, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }]],
    ['from another origin, by a browser that says no more', (token) => [{ token }, { origin: 'https://evil.example' }]],
    ['from a sandboxed frame', (token) => [{ token }, { origin: 'null', 'sec-fetch-site': 'cross-site' }]],
    ['from an origin that hides', (token) => [{ token }, { origin: 'null' }]],
    ['from a neighbour of this host', (token) => [{ token }, { origin: host(), 'sec-fetch-site': 'same-site' }]],
    ['that does not say where it comes from', (token) => [{ token }, {}]],
    ['that is typed in', (token) => [{ token }, { 'sec-fetch-site': 'none' }]],
    ['that is no form', (token) => [{ token }, { origin: host(), 'sec-fetch-site': 'same-origin', 'content-type': 'text/plain' }]],
  ])('%s', async (_, sent) => {
    const { browser } = await loggedIn()
    const [fields, headers] = sent(await browser.formToken(`${of.url}/account`))
    expect((await browser.post(`${of.url}/logout`, fields, headers)).status).toBe(403)
    expect(await isIn(browser)).toBe(true)
  })

  test('with the token of another session, and by a GET', async () => {
    const [one, other] = [await loggedIn(), await loggedIn('other')]
    const token = await other.browser.formToken(`${of.url}/account`)
    expect((await one.browser.post(`${of.url}/logout`, { token })).status).toBe(403)
    expect((await one.browser.get(`${of.url}/logout`)).status).toBe(404)
    expect(await isIn(one.browser)).toBe(true)
  })

  test('of a megabyte is not read', async () => {
    const { browser } = await loggedIn()
    const token = await browser.formToken(`${of.url}/account`)
    expect((await browser.post(`${of.url}/logout`, { token, more: 'x'.repeat(1 << 20) })).status).toBe(403)
    expect(await isIn(browser)).toBe(true)
  })
})

test('no other site may frame a page, ask for it by script, or learn its address; a name is text', async () => {
  const { browser } = await loggedIn()
  await people.sql.rows('update conductor.sessions set login = $1', [HOSTILE_LOGIN])
  const { headers } = await browser.get(`${of.url}/account`, { origin: 'https://evil.example' })
  expect(headers.get('content-security-policy')).toMatch(/form-action 'self'; frame-ancestors 'none'$/)
  expect([headers.get('access-control-allow-origin'), headers.get('referrer-policy'), headers.get('cache-control')]).toEqual([
    null,
    'same-origin',
    'no-store',
  ])
  expect(await account(browser)).toContain('&lt;img src=x onerror=alert(1)&gt;')
})

test('where nobody can log in, no page says a word of it', async () => {
  await using without = await shown(knownRelease(), { access: 'open' })
  for (const path of ['/login', '/login/callback', '/account']) expect((await fetch(`${without.url}${path}`)).status).toBe(404)
  expect((await fetch(`${without.url}/logout`, { method: 'POST' })).status).toBe(404)
  for (const path of ['/', without.path]) expect(await (await fetch(`${without.url}${path}`)).text()).not.toMatch(/account|log in/i)
})
