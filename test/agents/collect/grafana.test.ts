/** What is asked of the double of Grafana, and how it may refuse. */
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { askGrafana, openGrafana, type GrafanaRequest } from '../../../agents/collect/grafana.ts'
import { startGrafana, type Fault } from '../../support/grafana/index.ts'

const SEARCH: GrafanaRequest = { method: 'GET', path: '/api/search?type=dash-db&limit=200', permission: 'dashboards:read' }
const DASHBOARD: GrafanaRequest = { method: 'GET', path: '/api/dashboards/uid/shop', permission: 'dashboards:read' }
const Anything = z.unknown()

async function started() {
  const grafana = await startGrafana({ dashboards: { shop: { title: 'Shop' } } })
  onTestFinished(async () => grafana[Symbol.asyncDispose]())
  return grafana
}

test('who may look, sees; what is not there is nothing', async () => {
  const grafana = await started()
  const access = { url: `${grafana.url}/`, token: grafana.tokenOf('dashboards:read') }
  expect(await askGrafana(access, DASHBOARD, z.object({ dashboard: z.object({ title: z.string() }) }))).toEqual({ dashboard: { title: 'Shop' } })
  expect(await askGrafana(access, { ...DASHBOARD, path: '/api/dashboards/uid/gone' }, Anything)).toBeNull()
  grafana.assertClean()
})

test.each<[string, Fault, string, RegExp]>([
  ['too many questions', 429, 'api-unreachable', /429: it is asked too often/],
  ['a server that is broken', 503, 'api-unreachable', /answered 503/],
  ['an old API', 410, 'api-refused', /answered 410/],
  ['a redirect', 'elsewhere', 'api-refused', /302: it sends on elsewhere/],
  ['a page to sign in', 'html', 'answer-invalid', /not JSON/],
  ['more than is read', 'huge', 'too-large', /more than 4194304 bytes/],
  ['silence', 'slow', 'api-unreachable', /did not answer whole within 300 ms/],
  ['half an answer', 'cut', 'api-unreachable', /broke off/],
  ['a connection that is closed', 'before', 'api-unreachable', /could not be reached/],
])('%s is told, and the token is not', async (_what, fault, code, words) => {
  const grafana = await started()
  const token = grafana.tokenOf('dashboards:read')
  grafana.next('GET', fault)
  const refused = await askGrafana({ url: grafana.url, token }, SEARCH, Anything, { maxBytes: 4 << 20, timeoutMs: 300 }).catch(
    (error: unknown) => error,
  )
  expect(refused).toMatchObject({ name: 'CollectError', code, message: expect.stringMatching(words) as string })
  expect([grafana.asked.length, String(refused).includes(token)]).toEqual([1, false])
})

test.each([
  ['nobody', null, DASHBOARD, /answered 401: it lets nobody look/],
  ['a token that ran out', 'glsa_old', DASHBOARD, /answered 401: it does not know GRAFANA_TOKEN/],
  ['a token without the permission', [], DASHBOARD, /answered 403: GRAFANA_TOKEN lacks dashboards:read/],
])('%s is refused, with what to give', async (_who, may, asked, words) => {
  const grafana = await started()
  const token = typeof may === 'object' && may !== null ? grafana.tokenOf(...may) : may
  await expect(askGrafana({ url: grafana.url, token }, asked, Anything)).rejects.toMatchObject({
    code: 'api-refused',
    message: expect.stringMatching(words) as string,
    next: 'Set GRAFANA_TOKEN (the secret grafana-token of the workflow) to a service account token of it with dashboards:read.',
  })
})

test('another form of answer is told by where', async () => {
  const grafana = await started()
  grafana.anonymous = ['dashboards:read']
  await expect(
    askGrafana({ url: grafana.url, token: null }, DASHBOARD, z.object({ dashboard: z.object({ uid: z.number() }) })),
  ).rejects.toMatchObject({
    code: 'answer-invalid',
    message: expect.stringContaining('dashboard.uid') as string,
  })
})

test('a token goes nowhere by http but to this machine, and only as one word', async () => {
  const grafana = await started()
  await expect(askGrafana({ url: 'http://grafana.acme.example', token: 'glsa_1' }, SEARCH, Anything)).rejects.toMatchObject({
    code: 'api-refused',
    next: 'Name it by https.',
  })
  await expect(askGrafana({ url: grafana.url, token: 'a\r\nb: c' }, SEARCH, Anything)).rejects.toMatchObject({ message: 'GRAFANA_TOKEN is no token' })
  expect(grafana.asked).toEqual([])
})

test('no address of a cloud’s own is asked, by whomever it is named', async () => {
  const refused = { code: 'api-refused', message: expect.stringContaining('169.254.169.254') as string }
  for (const token of [null, 'glsa_1'])
    await expect(askGrafana({ url: 'https://169.254.169.254', token }, SEARCH, Anything)).rejects.toMatchObject(refused)
  const opened = openGrafana('https://169.254.169.254', 'glsa_1')
  await expect(opened?.read('/api/annotations', 'annotations:read', Anything)).rejects.toMatchObject({ name: 'ApplyError', code: 'refused' })
})

test('what apply writes to is named with its token, or not at all', () => {
  expect(openGrafana('', '')).toBeNull()
  expect(openGrafana('https://grafana.acme.example/', 'glsa_1')?.url).toBe('https://grafana.acme.example')
  expect(() => openGrafana('', 'glsa_1')).toThrow('GRAFANA_URL is not set')
  expect(() => openGrafana('https://grafana.acme.example', '')).toThrow('GRAFANA_TOKEN is not set')
  expect(() => openGrafana('grafana', 'glsa_1')).toThrow('GRAFANA_URL is no address')
})
