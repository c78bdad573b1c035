/** A command that needs a key, and every signature that must not count for it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sha256 } from '../../../evidence/core/digest.ts'
import { CHALLENGE_MS } from '../../../app/store/keys.ts'
import { readOrders } from '../../../app/store/page-orders.ts'
import { openCeremony } from '../../../app/web/ceremony.ts'
import { Authenticator, PRESENT_ONLY, type Wrong } from '../../support/authenticator.ts'
import type { Browser } from '../../support/browser.ts'
import { COOLDOWN, members, type Members } from '../../support/members.ts'
import { configText, HEAD, KEY } from '../../support/release.ts'
import { knownRelease, shown, type Shown } from '../../support/shown.ts'
import { emptyFolder } from '../cli/harness.ts'

const PLAN = `/promote 100 plan:${'a'.repeat(32)}`
const REASON = 'the fix must reach everyone'
let people: Members
let of: Shown

beforeAll(async () => {
  people = await members(emptyFolder(), ['approver', 'other'])
  const known = knownRelease()
  const config = configText().replace('not: [author] } }', "not: [author] } }, step_up: { for: ['promote:100'], with: webauthn }")
  const policy = { commit: 'c'.repeat(40), digest: sha256(config) }
  of = await shown(
    { ...known, record: { ...known.record, data: { ...known.record.data, policy } } },
    { host: 'localhost', members: (url, store) => people.pages(url, store) },
  )
  await of.store.putBlob(Buffer.from(config))
})
afterAll(async () => {
  await of[Symbol.asyncDispose]()
  await people[Symbol.asyncDispose]()
})
beforeEach(async () => {
  people.logged.length = 0
  await people.sql.script('truncate conductor.keys, conductor.challenges, conductor.page_orders')
})

const at = (): string => `${of.url}${of.path}/act`
const account = (): string => `${of.url}/account`

interface Asked {
  readonly token: string
  readonly challenge: string
  readonly options: {
    readonly challenge: string
    readonly rpId?: string
    readonly rp?: { readonly id: string }
    readonly allowCredentials?: readonly { id: string }[]
  }
  readonly page: string
}

/** What a page asks a key. */
async function askedOn(answer: Response): Promise<Asked> {
  const page = await answer.text()
  const field = (name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? ''
  const options = /data-options="([^"]*)"/.exec(page)?.[1]?.replaceAll('&quot;', '"') ?? '{}'
  return { token: field('token'), challenge: field('challenge'), options: JSON.parse(options) as Asked['options'], page }
}

async function formOn(browser: Browser, path: string, fields: Readonly<Record<string, string>>): Promise<Response> {
  return browser.post(`${of.url}${path}`, { token: await browser.formToken(account()), ...fields })
}

async function register(browser: Browser, key: Authenticator, wrong?: Wrong): Promise<Response> {
  const { token, challenge, options } = await askedOn(await formOn(browser, '/account/keys/new', { name: 'my key' }))
  return browser.post(`${of.url}/account/keys`, { token, challenge, answer: key.create(options, of.url, wrong) })
}

/** Somebody with a key that counts. */
async function armed(login = 'approver'): Promise<{ readonly browser: Browser; readonly key: Authenticator }> {
  const [{ browser }, key] = [await people.enter(of.url, login), new Authenticator()]
  expect((await register(browser, key)).status).toBe(303)
  await people.sql.rows('update conductor.keys set counts_from = 0')
  return { browser, key }
}

async function give(browser: Browser, line = PLAN): Promise<Response> {
  return browser.post(at(), { token: await browser.formToken(account()), head: HEAD, command: 'promote', line, reason: REASON })
}

async function toConfirm(browser: Browser, line?: string): Promise<Asked> {
  const to = (await give(browser, line)).headers.get('location') ?? ''
  expect(to).toMatch(/\/act\?confirm=[0-9a-f]{32}$/)
  return askedOn(await browser.get(`${of.url}${to}`))
}

const kept = (): ReturnType<typeof readOrders> => readOrders(people.sql, KEY)

test('an elevated command is kept once its key signed exactly it, with which key that was', async () => {
  const { browser, key } = await armed()
  const { token, challenge, options, page } = await toConfirm(browser)
  expect(page).toContain(`<code>${PLAN}\nreason: ${REASON}</code>`)
  expect(options).toMatchObject({ rpId: 'localhost', userVerification: 'required', allowCredentials: [{ id: key.id.toString('base64url') }] })
  expect(await kept()).toEqual([])
  const answer = await browser.post(at(), { token, challenge, answer: key.get(options, of.url) })
  expect([answer.status, answer.headers.get('location')]).toEqual([303, expect.stringMatching(/\?said=[0-9a-f]{32}$/)])
  expect(await kept()).toEqual([
    expect.objectContaining({
      text: `${PLAN}\nreason: ${REASON}`,
      author: expect.objectContaining({ login: 'approver' }),
      head: HEAD,
      key: { id: sha256(key.id.toString('base64url')).slice(0, 16), registeredAt: people.now },
    }),
  ])
})

test('what is not elevated needs no key', async () => {
  const { browser } = await people.enter(of.url)
  expect((await give(browser, PLAN.replace('100', '10'))).headers.get('location')).toContain('?said=')
})

test('without a key that counts nothing is kept, and it is said what to do', async () => {
  const { browser } = await people.enter(of.url)
  const refused = await give(browser)
  expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('Register one under Account')])
  expect((await register(browser, new Authenticator())).status).toBe(303)
  expect((await give(browser)).status).toBe(403)
})

describe('a signature does not count', () => {
  test.each<[string, Wrong]>([
    ['for another site', { origin: 'https://evil.example' }],
    ['for another host’s keys', { rpId: 'evil.example' }],
    ['of another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['of a registration', { type: 'webauthn.create' }],
    ['of a key that verified nobody', { flags: PRESENT_ONLY }],
    ['of a key that nobody touched', { flags: 0x04 }],
    ['in the name of another key', { id: Buffer.alloc(16).toString('base64url') }],
  ])('%s', async (_, wrong) => {
    const { browser, key } = await armed()
    const { token, challenge, options } = await toConfirm(browser)
    const answer = await browser.post(at(), { token, challenge, answer: key.get(options, of.url, wrong) })
    expect([answer.status, await kept()]).toEqual([403, []])
    expect((await browser.post(at(), { token, challenge, answer: key.get(options, of.url) })).status).toBe(303)
  })

  test('of a key that nobody registered, and of none', async () => {
    const { browser, key } = await armed()
    const { token, challenge, options } = await toConfirm(browser)
    const stranger = JSON.parse(new Authenticator().get(options, of.url)) as object
    const id = key.id.toString('base64url')
    for (const answer of [JSON.stringify({ ...stranger, id, rawId: id }), '{}', 'null', '', '[', 'x'.repeat(30_000)])
      expect((await browser.post(at(), { token, challenge, answer })).status).toBe(403)
    expect(await kept()).toEqual([])
  })

  test('twice', async () => {
    const { browser, key } = await armed()
    const { token, challenge, options } = await toConfirm(browser)
    const answer = key.get(options, of.url)
    expect((await browser.post(at(), { token, challenge, answer })).status).toBe(303)
    expect((await browser.post(at(), { token, challenge, answer })).status).toBe(403)
    const next = await toConfirm(browser)
    expect((await browser.post(at(), { token, challenge: next.challenge, answer })).status).toBe(403)
    expect(await kept()).toHaveLength(1)
  })

  test('of one plan for another, although it is the same person, release and minute', async () => {
    const { browser, key } = await armed()
    const [one, other] = [await toConfirm(browser), await toConfirm(browser, `/promote 100 plan:${'b'.repeat(32)}`)]
    expect((await browser.post(at(), { token: one.token, challenge: other.challenge, answer: key.get(one.options, of.url) })).status).toBe(403)
    expect(await kept()).toEqual([])
    const fields = {
      token: one.token,
      challenge: one.challenge,
      answer: key.get(one.options, of.url),
      line: other.page,
      command: 'promote',
      head: 'f'.repeat(40),
    }
    expect((await browser.post(at(), fields)).status).toBe(303)
    expect((await kept()).map(({ text, head }) => [text, head])).toEqual([[`${PLAN}\nreason: ${REASON}`, HEAD]])
  })

  test('for another release, whose page asked for it', async () => {
    const { browser, key } = await armed()
    const { token, challenge, options } = await toConfirm(browser)
    await people.sql.rows(`update conductor.challenges set about = replace(about, '"${KEY}"', '"7#4"')`)
    const { options: other } = await askedOn(await browser.get(`${at()}?confirm=${challenge}`))
    expect(other).toEqual({})
    const [row] = await people.sql.rows<{ nonce: string }>('select nonce from conductor.challenges')
    const by = people.github.world.accounts.get('approver') ?? { id: 0, login: '' }
    const about = { kind: 'command' as const, release: '7#4', text: `${PLAN}\nreason: ${REASON}`, head: HEAD }
    const made = await openCeremony(of.url).signature(by, { id: challenge, about, nonce: row?.nonce ?? '' }, [])
    const answer = key.get({ ...options, ...(made as { challenge: string }) }, of.url)
    expect((await browser.post(at(), { token, challenge, answer })).status).toBe(403)
    expect(await kept()).toEqual([])
  })

  test('for what was changed in the store after the key was asked', async () => {
    const { browser, key } = await armed()
    const { token, challenge, options } = await toConfirm(browser)
    await people.sql.rows(`update conductor.challenges set about = replace(about, '/promote 100', '/promote 50')`)
    expect((await browser.post(at(), { token, challenge, answer: key.get(options, of.url) })).status).toBe(403)
    expect(await kept()).toEqual([])
  })

  test('of somebody else’s key, or in somebody else’s session', async () => {
    const [mine, theirs] = [await armed(), await armed('other')]
    const one = await toConfirm(mine.browser)
    const other = await toConfirm(theirs.browser)
    expect((await mine.browser.post(at(), { token: one.token, challenge: one.challenge, answer: theirs.key.get(one.options, of.url) })).status).toBe(
      403,
    )
    expect(
      (await theirs.browser.post(at(), { token: other.token, challenge: one.challenge, answer: mine.key.get(one.options, of.url) })).status,
    ).toBe(403)
    expect((await theirs.browser.get(`${at()}?confirm=${one.challenge}`)).status).toBe(403)
    expect(await kept()).toEqual([])
  })

  test('after five minutes', async () => {
    const { browser, key } = await armed()
    const { token, challenge, options } = await toConfirm(browser)
    people.now += CHALLENGE_MS
    expect((await browser.post(at(), { token, challenge, answer: key.get(options, of.url) })).status).toBe(403)
  })

  test('of a copy of the key, whose counter fell behind', async () => {
    const { browser, key } = await armed()
    const first = await toConfirm(browser)
    key.counter = 7
    expect((await browser.post(at(), { token: first.token, challenge: first.challenge, answer: key.get(first.options, of.url) })).status).toBe(303)
    const next = await toConfirm(browser)
    const answer = key.get(next.options, of.url, { counter: 7 })
    expect((await browser.post(at(), { token: next.token, challenge: next.challenge, answer })).status).toBe(403)
  })

  test('of a key that was removed meanwhile', async () => {
    const { browser, key } = await armed()
    const { token, challenge, options } = await toConfirm(browser)
    await formOn(browser, '/account/keys/remove', { key: key.id.toString('base64url') })
    expect((await browser.post(at(), { token, challenge, answer: key.get(options, of.url) })).status).toBe(403)
  })
})

describe('a fresh key', () => {
  test('is logged and shown, and counts after its cooldown', async () => {
    const { browser } = await people.enter(of.url)
    await register(browser, new Authenticator())
    expect(people.logged.join()).toContain('"counts_from":')
    expect(await (await browser.get(account())).text()).toMatch(/my key[^]*does not count yet/)
    await people.sql.rows('update conductor.sessions set began_at = $1, seen_at = $1', [people.now + COOLDOWN.ms])
    people.now += COOLDOWN.ms
    expect(await (await browser.get(account())).text()).toMatch(/my key[^]*>counts</)
    expect((await give(browser)).status).toBe(303)
  })

  test('counts at once when an older one confirms it, and only then', async () => {
    const { browser, key } = await armed()
    const fresh = new Authenticator()
    await register(browser, fresh)
    const id = fresh.id.toString('base64url')
    const { token, challenge, options } = await askedOn(await formOn(browser, '/account/keys/trust', { key: id }))
    expect(options.allowCredentials).toEqual([expect.objectContaining({ id: key.id.toString('base64url') })])
    const sent = (answer: string): Promise<Response> => browser.post(`${of.url}/account/keys/trusted`, { token, challenge, answer })
    expect((await sent(fresh.get(options, of.url))).status).toBe(403)
    expect((await sent(key.get(options, of.url))).status).toBe(303)
    expect(await people.sql.rows('select 1 from conductor.keys where counts_from > $1', [people.now])).toEqual([])
  })

  test('cannot be confirmed where none counts, nor can another’s', async () => {
    const { browser } = await people.enter(of.url)
    const fresh = new Authenticator()
    await register(browser, fresh)
    const { browser: theirs } = await armed('other')
    await people.sql.rows('update conductor.keys set counts_from = $2 where id = $1', [fresh.id.toString('base64url'), people.now + 1_000])
    for (const one of [browser, theirs]) expect((await formOn(one, '/account/keys/trust', { key: fresh.id.toString('base64url') })).status).toBe(403)
  })

  test.each<[string, Wrong]>([
    ['for another site', { origin: 'https://evil.example' }],
    ['for another host', { rpId: 'evil.example' }],
    ['of another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['without its user', { flags: PRESENT_ONLY }],
  ])('is not registered %s', async (_, wrong) => {
    const { browser } = await people.enter(of.url)
    expect((await register(browser, new Authenticator(), wrong)).status).toBe(403)
    expect(await people.sql.rows('select 1 from conductor.keys')).toEqual([])
  })

  test('is registered by whoever is logged in alone, from our own page', async () => {
    const { browser } = await people.enter(of.url)
    const token = await browser.formToken(account())
    const cross = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    for (const path of ['/account/keys/new', '/account/keys', '/account/keys/trust', '/account/keys/trusted', '/account/keys/remove']) {
      expect((await browser.post(`${of.url}${path}`, { token, name: 'x' }, cross)).status).toBe(403)
      expect((await browser.post(`${of.url}${path}`, { name: 'x' })).status).toBe(403)
    }
  })
})

test('only public halves are kept', async () => {
  await armed()
  const [row] = await people.sql.rows('select * from conductor.keys')
  expect(Object.keys(row ?? {}).toSorted()).toEqual(['counter', 'counts_from', 'id', 'name', 'public_key', 'registered_at', 'used_at', 'user_id'])
})

test('where the pages have no name there are no keys, and an elevated command says so', async () => {
  await using numbered = await shown(knownRelease(), { members: (url, store) => people.pages(url, store) })
  const { browser } = await people.enter(numbered.url)
  expect(await (await browser.get(`${numbered.url}/account`)).text()).not.toContain('Security keys')
  people.pages(of.url, of.store)
})
