import { request } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { CliError } from '../../../../app/cli/error.ts'
import { openSetupPage, type SetupPage } from '../../../../app/cli/setup/page.ts'

let page: SetupPage<string> | null = null
afterEach(async () => {
  await page?.close()
  page = null
})

const action = (state: string): string => `https://github.example/settings/apps/new?state=${state}`
const manifest = (redirectUrl: string): string => JSON.stringify({ name: 'a "quoted" <name>', redirect_url: redirectUrl })

async function open(convert: (code: string) => Promise<string>, lastsMs = 60_000): Promise<{ url: URL; state: string; text: string }> {
  page = await openSetupPage({ action, manifest, convert, lastsMs })
  const text = await (await fetch(page.url)).text()
  return { url: new URL(page.url), state: /state=([0-9a-f]{64})/.exec(text)?.[1] ?? '', text }
}

const back = (url: URL, code: string, state: string): Promise<Response> => fetch(`${url.origin}/created?code=${code}&state=${state}`)
const echo = async (code: string): Promise<string> => code

/** With a Host header of one's own. */
function asked(url: URL, host: string, path = url.pathname): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ host: url.hostname, port: url.port, path, headers: { host } }, (response) => resolve(response.resume().statusCode ?? 0))
      .on('error', reject)
      .end()
  })
}

test('the form holds the manifest as text, and the code of who comes back with its state is converted', async () => {
  const { url, state, text } = await open(echo)
  expect(url.hostname).toBe('127.0.0.1')
  expect(text).toContain('value="{&quot;name&quot;:&quot;a \\&quot;quoted\\&quot; &lt;name&gt;&quot;')
  expect((await back(url, 'a-code', state)).status).toBe(200)
  expect(await page?.done).toBe('a-code')
})

test('nobody else gets in: no state, another state, another path, another name, another method, another code', async () => {
  const codes: string[] = []
  const { url, state } = await open(async (code) => String(codes.push(code)))
  const statuses = [
    (await fetch(`${url.origin}/created?code=a`)).status,
    (await back(url, 'a', 'f'.repeat(64))).status,
    (await back(url, 'a/../../app', state)).status,
    (await fetch(`${url.origin}/`)).status,
    (await fetch(`${url.origin}/${'0'.repeat(64)}`)).status,
    (await fetch(url, { method: 'POST' })).status,
    await asked(url, 'evil.example'),
    await asked(url, url.host, '//'),
    await asked(url, url.host),
  ]
  expect([statuses, codes]).toEqual([[403, 403, 403, 404, 404, 403, 403, 403, 200], []])
})

test('a code is used once, also by two who come at the same time', async () => {
  const { promise, resolve } = Promise.withResolvers<string>()
  const { promise: begun, resolve: begins } = Promise.withResolvers<void>()
  const { url, state } = await open(() => {
    begins()
    return promise
  })
  const first = back(url, 'a', state)
  await begun
  expect((await back(url, 'a', state)).status).toBe(409)
  resolve('once')
  expect([(await first).status, await page?.done]).toEqual([200, 'once'])
})

test('what failed on the way may be tried again, what GitHub refused may not', async () => {
  const answers = [new CliError('unavailable', 'away', 'Again.'), new CliError('config', 'used', 'No.')]
  const { url, state } = await open(() => Promise.reject(answers.shift() ?? new Error('asked a third time')))
  expect(await (await back(url, 'a', state)).text()).toContain('Reload this page')
  expect((await back(url, 'a', state)).status).toBe(502)
  await expect(page?.done).rejects.toThrow('used')
  expect((await back(url, 'a', state)).status).toBe(409)
})

test('nobody is waited for longer than a code lasts; nothing may frame the page, and it may send its form to GitHub alone', async () => {
  const { url } = await open(echo, 50)
  const { headers } = await fetch(url)
  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action https://github.example",
  )
  await expect(page?.done).rejects.toMatchObject({ code: 'unavailable' })
})
