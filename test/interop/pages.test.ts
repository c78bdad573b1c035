/** The pages in a real browser: no violation that axe-core knows, at 320 px, in the dark, by keyboard alone, and live. */
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, launch } from '../support/chromium.ts'
import { members, type Members } from '../support/members.ts'
import { emptyFolder } from '../app/cli/harness.ts'
import { HOSTILE, knownRelease, shown, type Shown } from '../support/shown.ts'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const known = knownRelease(HOSTILE)

let browser: Browser
let of: Shown

/** With a plan that can be promoted, all the way or only so far. */
function readyRelease(): ReturnType<typeof knownRelease> {
  const { record, ...rest } = knownRelease(HOSTILE)
  const plan = { id: 'b'.repeat(32), step: 100, environment: 'prod', objectives: HOSTILE }
  const view = { ...(record.data['view'] as object), plan, stops: [`/promote 10 plan:${'c'.repeat(32)}`] }
  return { ...rest, record: { ...record, data: { ...record.data, view, held: null } } }
}

interface Found {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[] }[]
}

async function opened(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ bypassCSP: true, ...options })
  const page = await context.newPage()
  await page.goto(`${of.url}${path}`)
  return page
}

async function violations(page: Page): Promise<readonly string[]> {
  await page.addScriptTag({ path: AXE })
  const { violations: found }: Found = await page.evaluate('axe.run()')
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`))
}

/** Pixels that stand out on the right. */
async function overflow(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
}

async function register(page: Page): Promise<void> {
  await page.getByLabel('Name of a key to register').fill(HOSTILE.slice(0, 60))
  await page.getByRole('button', { name: 'Register a key' }).click()
  await page.getByRole('button', { name: 'Use your security key' }).waitFor()
}

describe.skipIf(CHROMIUM === null)('in Chromium', () => {
  beforeAll(async () => {
    browser = await launch()
    of = await shown(known, { access: 'open' })
  })
  afterAll(async () => {
    await browser?.close()
    await of?.[Symbol.asyncDispose]()
  })

  test('axe sees a planted fault, or its silence would say nothing', async () => {
    const page = await opened(of.path)
    await page.evaluate(`document.querySelector('figure img').removeAttribute('alt'); document.querySelector('h1').outerHTML = '<h1></h1>'`)
    expect((await violations(page)).join('\n')).toMatch(/image-alt/)
    await page.context().close()
  })

  test.each<[string, string, BrowserContextOptions]>([
    ['the page', 'release', { viewport: { width: 1280, height: 900 } }],
    ['the page at 320 px', 'release', { viewport: { width: 320, height: 640 } }],
    ['the page in the dark', 'release', { colorScheme: 'dark' }],
    ['the page at 320 px in the dark', 'release', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' }],
    ['the list', 'list', { viewport: { width: 1280, height: 900 } }],
    ['the list at 320 px in the dark', 'list', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' }],
  ])('%s has no violation and nothing that stands out', async (_what, which, options) => {
    const page = await opened(which === 'list' ? '/' : of.path, options)
    await page.evaluate(`document.querySelectorAll('details').forEach((it) => { it.open = true })`)
    expect(await violations(page)).toEqual([])
    expect(await overflow(page)).toBe(0)
    expect(await page.locator('.graph:visible').count()).toBe(which === 'list' ? 0 : 1)
    await page.context().close()
  })

  test('by keyboard alone: to the content first, then every control in order, each seen to be reached', async () => {
    const page = await opened(of.path)
    const reached: string[] = []
    for (let press = 0; press < 30; press++) {
      await page.keyboard.press('Tab')
      const at: { name: string; outline: string } | null = await page.evaluate(`(() => {
        const it = document.activeElement
        return it === document.body ? null : { name: it.tagName + ' ' + it.textContent.trim().slice(0, 20), outline: getComputedStyle(it).outlineStyle }
      })()`)
      if (at === null) break
      expect(at.outline).not.toBe('none')
      reached.push(at.name)
    }
    expect(reached.slice(0, 3)).toEqual(['A To the content', 'BUTTON Pause updates', 'A Pull request 3'])
    expect(reached.filter((name) => name.startsWith('SUMMARY'))).toHaveLength(8)
    await page.context().close()
  })

  test('under its own policy nothing runs that people wrote, and nothing is loaded from elsewhere', async () => {
    const page = await (await browser.newContext()).newPage()
    const [asked, said]: [string[], string[]] = [[], []]
    page.on('request', (request) => asked.push(new URL(request.url()).origin))
    page.on('console', (message) => said.push(message.text()))
    page.on('dialog', () => said.push('a dialog'))
    await page.goto(`${of.url}${of.path}`)
    await page.locator('figure img').first().scrollIntoViewIfNeeded()
    await expect.poll(() => page.evaluate(`document.querySelector('figure img').naturalWidth`), { timeout: 10_000 }).toBeGreaterThan(500)
    expect(await page.locator('.note').first().textContent()).toContain('<script>alert(1)</script>')
    expect(new Set(asked)).toEqual(new Set([of.url]))
    expect(said).toEqual([])
    await page.context().close()
  })

  test('it is live: what changed is shown without a reload, what was opened stays open, and it can be paused', async () => {
    const page = await opened(of.path)
    await page.locator('#liveness', { hasText: 'Live.' }).waitFor()
    await page.locator('#doings summary').click()
    const moved = knownRelease('another reason')
    await of.show({ ...moved, record: { ...moved.record, revision: 70 } })
    await page.locator('.note', { hasText: 'another reason' }).waitFor()
    expect(await page.locator('#doings').getAttribute('open')).not.toBeNull()
    await page.locator('#pause').click()
    expect(await page.locator('#liveness').textContent()).toContain('Paused')
    const later = knownRelease('a third')
    await of.show({ ...later, record: { ...later.record, revision: 71 } })
    await page.waitForTimeout(300)
    expect(await page.locator('.note', { hasText: 'a third' }).count()).toBe(0)
    await page.locator('#pause').click()
    await page.locator('.note', { hasText: 'a third' }).waitFor()
    await of.show(known)
    await page.context().close()
  })

  test('without a script it is whole', async () => {
    const page = await opened(of.path, { javaScriptEnabled: false })
    expect(await page.locator('h2').count()).toBeGreaterThan(5)
    expect(await page.locator('#liveness').textContent()).toContain('Reload for what is newer.')
    await page.context().close()
  })

  describe('of a visitor', () => {
    let people: Members
    let theirs: Shown

    beforeAll(async () => {
      people = await members(emptyFolder(), ['approver'])
      theirs = await shown(readyRelease(), { host: 'localhost', members: (url, store) => people.pages(url, store) })
    })
    afterAll(async () => {
      await theirs?.[Symbol.asyncDispose]()
      await people?.[Symbol.asyncDispose]()
    })

    /** A page of somebody who is logged in, with a key that answers at once. */
    async function entered(path: string, options: BrowserContextOptions = {}): Promise<Page> {
      const context = await browser.newContext({ bypassCSP: true, ...options })
      const page = await context.newPage()
      const session = await context.newCDPSession(page)
      await session.send('WebAuthn.enable')
      const key = { protocol: 'ctap2', transport: 'usb', hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } as const
      await session.send('WebAuthn.addVirtualAuthenticator', { options: key })
      await page.goto(`${theirs.url}/account`)
      await page.getByRole('link', { name: 'Log in with GitHub' }).click()
      await page.getByLabel('You are').fill('approver')
      await page.getByRole('button', { name: 'Authorize' }).click()
      await page.getByText('You are logged in as').waitFor()
      await page.goto(`${theirs.url}${path}`)
      return page
    }

    const SMALL: BrowserContextOptions = { viewport: { width: 320, height: 640 }, colorScheme: 'dark' }
    test.each<[string, BrowserContextOptions]>([
      ['in the light', { viewport: { width: 1280, height: 900 } }],
      ['at 320 px in the dark', SMALL],
    ])('no page has a violation, and nothing stands out, %s', async (_what, options) => {
      const page = await entered(`${theirs.path}/act`, options)
      const found = async (): Promise<readonly unknown[]> => [await violations(page), await overflow(page)]
      expect(await found()).toEqual([[], 0])
      await page.locator('#other-line').fill('/launch')
      await page.getByRole('button', { name: 'Give the command' }).click()
      await page.getByText('There is no command /launch').waitFor()
      expect(await found()).toEqual([[], 0])
      await page.goto(`${theirs.url}/account`)
      await register(page)
      expect(await found()).toEqual([[], 0])
      await page.getByRole('button', { name: 'Use your security key' }).click()
      await page.getByText('does not count yet').first().waitFor()
      expect(await found()).toEqual([[], 0])
      await page.context().close()
    })

    test('the page of nobody has no violation', async () => {
      const page = await browser.newPage({ bypassCSP: true })
      for (const path of ['/account', `${theirs.path}/act`, theirs.path, `${theirs.path}/ledger/1`, '/login/callback?state=x']) {
        await page.goto(`${theirs.url}${path}`)
        expect(await violations(page)).toEqual([])
      }
      await page.close()
    })

    test('a command is given by keyboard alone', async () => {
      const page = await entered(`${theirs.path}/act`)
      await page.locator('#hold-reason').focus()
      await page.keyboard.type('the vendor is away')
      await page.keyboard.press('Tab')
      expect(await page.evaluate(`[document.activeElement.textContent, getComputedStyle(document.activeElement).outlineStyle]`)).toEqual([
        'Hold',
        'solid',
      ])
      await page.keyboard.press('Enter')
      await page.getByText('waits to be carried out').waitFor()
      expect(theirs.orders.at(-1)?.text).toBe('/hold the vendor is away')
      await page.context().close()
    })

    test('under its own policy a key is asked, and no other site can send a form or frame the page', async () => {
      const page = await entered('/account', { bypassCSP: false })
      await register(page)
      await page.getByRole('button', { name: 'Use your security key' }).click()
      await page.getByText('does not count yet').first().waitFor()
      const before = theirs.orders.length
      const answers: number[] = []
      page.on('response', (response) => {
        if (response.request().method() === 'POST') answers.push(response.status())
      })
      const action = `${theirs.url}${theirs.path}/act`
      const body = `<form id="f" method="post" action="${action}"><input name="command" value="resume"></form><iframe src="${action}"></iframe>`
      await page.route('http://evil.test/**', (route) => route.fulfill({ contentType: 'text/html', body }))
      await page.goto('http://evil.test/')
      await expect.poll(() => page.frames().at(-1)?.url(), { timeout: 10_000 }).toContain('chrome-error:')
      await page.evaluate(`document.getElementById('f').submit()`)
      await page.waitForURL(action)
      expect(answers).toEqual([403])
      expect(theirs.orders.length).toBe(before)
      await page.context().close()
    })
  })
})
