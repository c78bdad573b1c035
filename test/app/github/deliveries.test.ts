import { expect, test } from 'vitest'
import { deliveryLog } from '../../../app/github/deliveries.ts'
import { codeOf, scripted } from './scripted.ts'

const PATH = '/app/hook/deliveries'
const item = (id: string, at: string, over: object = {}): string => {
  const rest = { guid: `guid-${id}`, event: 'push', delivered_at: at, status: 'OK', redelivery: false, installation_id: 5, ...over }
  return `{"id":${id},${JSON.stringify(rest).slice(1)}`
}
/** Larger than a JavaScript number holds. */
const LARGE = '90071992547409931'

test('attempts with their whole ids, newest first, page by page, as far back as was asked (T37)', async () => {
  await using github = await scripted((asked, response) => {
    const second = asked.query.get('cursor') !== null
    const link = second ? {} : { link: `<${github.url}${PATH}?cursor=v1_1>; rel="next"` }
    const body = second
      ? [item('2', '2026-01-01T10:00:00Z'), item('1', '2026-01-01T09:00:00Z')]
      : [item(LARGE, '2026-01-01T12:00:00Z', { status: 'timed out' }), item('3', '2026-01-01T11:00:00Z', { redelivery: true })]
    response.writeHead(200, { 'content-type': 'application/json', ...link }).end(`[${body.join(',')}]`)
    return null
  })
  const log = deliveryLog(github.client)
  const all = await log.since(Date.parse('2026-01-01T09:30:00Z'), 10)
  expect(all.map(({ id, ok, redelivery }) => [id, ok, redelivery])).toEqual([
    [LARGE, false, false],
    ['3', true, true],
    ['2', true, false],
  ])
  expect(all[0]?.at).toBe(Date.parse('2026-01-01T12:00:00Z'))
  expect(github.asked.map(({ query, headers }) => [query.get('per_page'), query.get('status'), headers.authorization?.slice(0, 9)])).toEqual([
    ['100', null, 'bearer ey'],
    [null, null, 'bearer ey'],
  ])
  expect((await log.since(0, 1)).map(({ id }) => id)).toEqual([LARGE, '3'])
  expect(await log.since(Date.parse('2026-01-01T13:00:00Z'), 10)).toEqual([])
})

test('a further attempt is asked for by the whole id, and once, whatever the answer', async () => {
  await using github = await scripted(() => ({ status: github.asked.length === 1 ? 202 : 502, body: {} }))
  const log = deliveryLog(github.client)
  await log.again(LARGE)
  expect(await codeOf(log.again(LARGE))).toBe('unknown')
  expect(github.asked.map(({ method, path }) => [method, path])).toEqual([
    ['POST', `${PATH}/${LARGE}/attempts`],
    ['POST', `${PATH}/${LARGE}/attempts`],
  ])
})

test.each([
  ['no JSON', '<html>'],
  ['no list', '{}'],
  ['an id that is none', `[${item('-1', '2026-01-01T10:00:00Z')}]`],
  ['no time', `[${item('1', 'yesterday')}]`],
])('%s is malformed', async (_, body) => {
  await using github = await scripted((_asked, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
    return null
  })
  expect(await codeOf(deliveryLog(github.client).since(0, 10))).toBe('malformed')
})
