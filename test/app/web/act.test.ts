/** Commands that are given on the page: kept as a comment would say them, in the name of who is logged in, and nothing else. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { IDLE_MS } from '../../../app/store/sessions.ts'
import type { PageOrder, Trigger } from '../../../app/release/ports.ts'
import type { Known } from '../../../app/web/release-view.ts'
import { Browser } from '../../support/browser.ts'
import { members, type Members } from '../../support/members.ts'
import { HEAD, NOW } from '../../support/release.ts'
import { HOSTILE, knownRelease, shown, type Shown } from '../../support/shown.ts'
import { emptyFolder } from '../cli/harness.ts'

let people: Members
let of: Shown
let known: Known
const triggers: Trigger[] = []
/** What the release answers to a command; null: nothing yet. */
let answers: string | null = 'It holds where it is.'

beforeAll(async () => {
  people = await members(emptyFolder(), ['approver', 'other'])
  known = knownRelease()
  of = await shown(known, { members: (url, store) => people.pages(url, store, { onOrder }) })
})
afterAll(async () => {
  await of[Symbol.asyncDispose]()
  await people[Symbol.asyncDispose]()
})
beforeEach(async () => {
  triggers.length = 0
  answers = 'It holds where it is.'
  of.orders.length = 0
  await of.show(known)
})

/** In the place of a look at the release. */
async function onOrder(trigger: Trigger): Promise<void> {
  triggers.push(trigger)
  const last = of.orders.at(-1)
  if (answers === null || last === undefined) return
  const { answers: before } = known.record.data as { answers: readonly unknown[] }
  const answer = { nodeId: `page:${last.id}`, comment: 0, command: last.text, login: last.author.login, at: NOW, done: true, answer: answers }
  await of.show({ ...known, record: { ...known.record, data: { ...known.record.data, answers: [...before, answer] } } })
}

const at = (): string => `${of.url}${of.path}/act`

async function given(browser: Browser, fields: Readonly<Record<string, string>>): Promise<Response> {
  const token = await browser.formToken(at())
  return browser.post(at(), { token, head: HEAD, ...fields })
}

const HOLD = { command: 'hold', reason: 'the vendor is away' }

test('a command is kept in the name of who is logged in, the release is looked at, and the page tells what came of it', async () => {
  const { browser } = await people.enter(of.url)
  const answer = await given(browser, { ...HOLD, login: 'other', id: '1' })
  const order = of.orders[0] as PageOrder
  const { id } = people.github.world.accounts.get('approver') ?? { id: 0 }
  expect(order).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    text: '/hold the vendor is away',
    author: { login: 'approver', id },
    head: HEAD,
    at: people.now,
    key: null,
  })
  expect(triggers).toEqual([{ repository: known.record.repository, pull: known.record.pull, why: 'a command on the page' }])
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `${of.path}/act?said=${order.id}`])
  expect(await (await browser.get(`${at()}?said=${order.id}`)).text()).toMatch(
    /done<\/span>\s*<code>\/hold the vendor is away<\/code>[^]*It holds where it is/,
  )
})

test('what is not answered yet is said to wait', async () => {
  answers = null
  const { browser } = await people.enter(of.url)
  const to = (await given(browser, HOLD)).headers.get('location') ?? ''
  expect(await (await browser.get(`${of.url}${to}`)).text()).toContain('waits to be carried out')
})

test('the plan that is shown is the one that is sent, whole or only so far', async () => {
  const { record } = knownRelease()
  const view = { ...(record.data['view'] as object), plan: { id: 'b'.repeat(32), step: 100, environment: 'prod', objectives: HOSTILE } }
  await of.show({ ...known, record: { ...record, data: { ...record.data, view: { ...view, stops: [`/promote 10 plan:${'c'.repeat(32)}`] } } } })
  const { browser } = await people.enter(of.url)
  const page = await (await browser.get(at())).text()
  expect([...page.matchAll(/name="line" value="([^"]+)"( checked)?/g)].map(([, line, checked]) => [line, checked])).toEqual([
    [`/promote 100 plan:${'b'.repeat(32)}`, ' checked'],
    [`/promote 10 plan:${'c'.repeat(32)}`, undefined],
  ])
  expect(page).not.toContain('<script>alert')
})

test.each<[string, Readonly<Record<string, string>>]>([
  ['that is none', { command: 'other', line: 'hello' }],
  ['without its reason', { command: 'rollback', reason: '' }],
  ['of a page that does not say its commit', { ...HOLD, head: '' }],
])('a command %s is told, and nothing is kept', async (_, fields) => {
  const { browser } = await people.enter(of.url)
  const answer = await given(browser, fields)
  expect([answer.status, of.orders, triggers]).toEqual([400, [], []])
  expect(await answer.text()).toContain('Nothing was done.')
})

test('too many that wait are told to come back', async () => {
  answers = null
  const { browser } = await people.enter(of.url)
  const token = await browser.formToken(at())
  const statuses: number[] = []
  for (let number = 0; number < 21; number += 1) statuses.push((await browser.post(at(), { token, head: HEAD, ...HOLD })).status)
  expect([statuses.filter((status) => status === 303).length, statuses.at(-1)]).toEqual([20, 503])
}, 30_000)

const NOTHING = [403, true, [], []]

/** Its status, whether it says so, and what was kept. */
async function keptOf(answer: Response): Promise<readonly unknown[]> {
  return [answer.status, (await answer.text()).includes('Nothing was done.'), of.orders, triggers]
}

describe('nothing is kept', () => {
  test('of nobody, who is shown where to log in', async () => {
    const browser = new Browser()
    expect(await (await browser.get(at())).text()).toContain(`href="/login?to=${encodeURIComponent(`${of.path}/act`)}"`)
    expect(await keptOf(await browser.post(at(), { token: 'f'.repeat(64), head: HEAD, ...HOLD }))).toEqual(NOTHING)
  })

  test('of a session that is over', async () => {
    const { browser } = await people.enter(of.url)
    const token = await browser.formToken(at())
    people.now += IDLE_MS
    expect(await keptOf(await browser.post(at(), { token, head: HEAD, ...HOLD }))).toEqual(NOTHING)
  })

  test.each<[string, Readonly<Record<string, string>>]>([
    ['from another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['from a neighbour', { 'sec-fetch-site': 'same-site' }],
    ['from nowhere', {}],
  ])('of a form %s', async (_, headers) => {
    const { browser } = await people.enter(of.url)
    expect(await keptOf(await browser.post(at(), { token: await browser.formToken(at()), head: HEAD, ...HOLD }, headers))).toEqual(NOTHING)
  })

  test('of a form without its token, or with that of another session', async () => {
    const [one, other] = [await people.enter(of.url), await people.enter(of.url, 'other')]
    expect(await keptOf(await one.browser.post(at(), { head: HEAD, ...HOLD }))).toEqual(NOTHING)
    expect(await keptOf(await one.browser.post(at(), { token: await other.browser.formToken(at()), head: HEAD, ...HOLD }))).toEqual(NOTHING)
  })

  test('by another method, and at an address that nobody gave out', async () => {
    const { browser } = await people.enter(of.url)
    const token = await browser.formToken(at())
    expect((await fetch(at(), { method: 'PUT' })).status).toBe(404)
    const other = at().replace(/[0-9a-f](?=\/act$)/, (last) => (last === '0' ? '1' : '0'))
    expect((await browser.post(other, { token, head: HEAD, ...HOLD })).status).toBe(404)
    expect((await browser.post(`${of.url}${of.path}`, { token, head: HEAD, ...HOLD })).status).toBe(404)
    expect(of.orders).toEqual([])
  })
})

test('no other site may frame it; where nobody can log in it is not there', async () => {
  const { browser } = await people.enter(of.url)
  expect((await browser.get(at())).headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  await using without = await shown(knownRelease())
  expect((await fetch(`${without.url}${without.path}/act`)).status).toBe(404)
})
