/** The pages in a real browser: no violation that axe-core knows, at 320 px, in the dark, by keyboard alone, and live. */
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHROMIUM, launch } from '../support/chromium.ts'
import { HOSTILE, knownRelease, shown, type Shown } from '../support/shown.ts'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const known = knownRelease(HOSTILE)

let browser: Browser
let of: Shown

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
    expect(reached.filter((name) => name.startsWith('SUMMARY'))).toHaveLength(6)
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
})
