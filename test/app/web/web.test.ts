import { expect, test } from 'vitest'
import { ICON, SCRIPT, STYLE } from '../../../app/web/assets.ts'
import type { LedgerEntry } from '../../../evidence/ledger/chain.ts'
import { hostOfPeople } from '../../../app/web/host.ts'
import { knownRelease, shown } from '../../support/shown.ts'

const draw = async (svg: string): Promise<Uint8Array> => Buffer.from(svg)

test('a page is for whoever has its address, tells nobody else of it, and runs nothing of anybody else', async () => {
  await using of = await shown(knownRelease(), { draw })
  const answer = await fetch(`${of.url}${of.path}`)
  expect(answer.status).toBe(200)
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
    'x-robots-tag': 'noindex',
  })
  expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none';/)
  const page = await answer.text()
  expect(page).not.toMatch(/<script(?! src="\/assets\/)|\son\w+=|style="/)
  const picture = /src="(\/pictures\/[^"]+)"/.exec(page)?.[1] ?? ''
  expect((await fetch(`${of.url}${picture.replaceAll('&amp;', '&')}`)).headers.get('content-type')).toBe('image/png')
  for (const { path, type } of [STYLE, SCRIPT, ICON]) expect((await fetch(`${of.url}${path}`)).headers.get('content-type')).toBe(type)
  for (const nowhere of ['/', of.path.replace(/.$/, (last) => (last === '0' ? '1' : '0')), '/releases/7-3', '/assets/page.css', '/pictures/x.png'])
    expect((await fetch(`${of.url}${nowhere}`)).status).toBe(404)
})

test('the list is there only where the operator opened it, and nothing where pages are off', async () => {
  await using open = await shown(knownRelease(), { access: 'open' })
  const list = await (await fetch(`${open.url}/`)).text()
  expect(list).toContain(`<a href="${open.path}">v2.0.0</a>`)
  await using off = await shown(knownRelease(), { access: 'off' })
  expect((await fetch(`${off.url}${off.path}`)).status).toBe(404)
  expect((await fetch(`${off.url}/`)).status).toBe(404)
})

test('a page is written anew when the release moved, or its ledger grew', async () => {
  const known = knownRelease()
  await using of = await shown(known)
  const page = async (): Promise<string> => (await fetch(`${of.url}${of.path}`)).text()
  expect(await page()).toContain('waiting for the desk')
  await of.show({ ...known, ledger: known.ledger.slice(0, 2) })
  expect(await page()).toContain('the last 2 of 2 entries')
  await of.show({ ...knownRelease('another reason'), record: { ...knownRelease('another reason').record, revision: 99 } })
  expect(await page()).toContain('another reason')
})

test('whoever watches is told at once, and again when something changed; the page of no release tells nothing', async () => {
  const known = knownRelease()
  await using of = await shown(known)
  const answer = await fetch(`${of.url}${of.path}/live`)
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  const reader = (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
  let heard = ''
  const until = async (part: string): Promise<void> => {
    while (!heard.includes(part)) {
      const { value, done } = await reader.read()
      if (done) throw new Error(`it ended with ${heard}`)
      heard += value
    }
  }
  await until(`data: ${known.record.revision}.6\n\n`)
  await until(': still here')
  await of.show({ ...known, record: { ...known.record, revision: 41 } })
  await until('event: change\ndata: 41.6\n\n')
  await reader.cancel()
})

test('so many may watch, and one more is told to come back', async () => {
  await using of = await shown(knownRelease())
  const watchers = await Promise.all(Array.from({ length: 48 }, () => fetch(`${of.url}${of.path}/live`)))
  expect(watchers.every(({ status }) => status === 200)).toBe(true)
  const late = await fetch(`${of.url}${of.path}/live`)
  expect([late.status, late.headers.get('retry-after')]).toEqual([503, '30'])
  await watchers[0]?.body?.cancel()
  await expect.poll(async () => (await fetch(`${of.url}${of.path}/live`)).status).toBe(200)
})

test.each([
  ['https://api.github.com', 'https://github.com'],
  ['https://api.acme.ghe.com', 'https://acme.ghe.com'],
  ['https://github.acme.example/api/v3', 'https://github.acme.example'],
  ['http://127.0.0.1:4010', 'http://127.0.0.1:4010'],
])('people see what %s serves at %s', (api, web) => {
  expect(hostOfPeople(api)).toBe(web)
})

test('the ledger is there to its beginning, page by page, at addresses that stay', async () => {
  const known = knownRelease()
  const ledger = Array.from({ length: 450 }, (_, index) => ({
    ...(known.ledger[0] as LedgerEntry),
    index,
    type: 'policy',
    data: { commit: `entry ${index}` },
  }))
  await using of = await shown({ ...known, ledger })
  const read = async (path: string): Promise<readonly [readonly number[], readonly string[]]> => {
    const text = await (await fetch(`${of.url}${path}`)).text()
    const entries = new Set([...text.matchAll(/entry (\d+)</g)].map(([, index]) => Number(index)))
    const links = [...text.matchAll(/href="([^"]*\/ledger\/\d+)">([A-Z]\w+)/g)].map(([, to, word]) => `${word} ${to?.slice(of.path.length)}`)
    return [[entries.size, Math.min(...entries), Math.max(...entries)], links]
  }
  expect(await read(of.path)).toEqual([[200, 250, 449], ['Older /ledger/2']])
  expect(await read(`${of.path}/ledger/2`)).toEqual([
    [200, 200, 399],
    ['Older /ledger/1', 'Newer /ledger/3'],
  ])
  expect(await read(`${of.path}/ledger/1`)).toEqual([[200, 0, 199], ['Newer /ledger/2']])
  expect(await read(`${of.path}/ledger/3`)).toEqual([[50, 400, 449], ['Older /ledger/2']])
  for (const nowhere of ['/ledger/4', '/ledger/0', '/ledger']) expect((await fetch(`${of.url}${of.path}${nowhere}`)).status).toBe(404)
  expect((await fetch(`${of.url}${of.path.replace(/.$/, (last) => (last === '0' ? '1' : '0'))}/ledger/1`)).status).toBe(404)
})

test('a ledger that fits has no other pages to lead to', async () => {
  const known = knownRelease()
  const ledger = Array.from({ length: 200 }, (_, index) => ({ ...(known.ledger[0] as LedgerEntry), index }))
  await using of = await shown({ ...known, ledger })
  expect(await (await fetch(`${of.url}${of.path}`)).text()).not.toContain('/ledger/')
})
