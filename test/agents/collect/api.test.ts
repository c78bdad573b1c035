import { expect, test } from 'vitest'
import { z } from 'zod'
import { get } from '../../../agents/collect/api.ts'
import { api, contextOf, json } from './workspace.ts'

const Shape = z.object({ a: z.number() })

test('the token and the version go with the request, and a lost answer is asked for again', async () => {
  await using server = await api((_path, time) => (time === 1 ? json({}, 502) : json({ a: 1 })))
  expect(await get(contextOf({ apiUrl: server.url, token: 'abc' }), '/x', Shape)).toEqual({ a: 1 })
  expect(server.asked.map((one) => one.path)).toEqual(['/x', '/x'])
  expect(server.asked[0]?.headers).toMatchObject({ authorization: 'Bearer abc', 'x-github-api-version': '2022-11-28' })
})

test.each([
  ['a refusal', 403, '{}', 'api-refused', 1],
  ['a server that keeps failing', 500, '{}', 'api-unreachable', 3],
  ['something that is not JSON', 200, '<html>', 'answer-invalid', 1],
  ['another shape', 200, '{"a":"1"}', 'answer-invalid', 1],
  ['too much', 200, JSON.stringify({ a: 'x'.repeat(3 << 20) }), 'too-large', 1],
])('%s is an error with a code', async (_name, status, body, code, times) => {
  await using server = await api(() => ({ status, body }))
  await expect(get(contextOf({ apiUrl: server.url }), '/x', Shape)).rejects.toMatchObject({ code })
  expect(server.asked).toHaveLength(times)
})

test('404 is an answer, no token and no server are not', async () => {
  await using server = await api(() => json({}, 404))
  expect(await get(contextOf({ apiUrl: server.url }), '/x', Shape)).toBeNull()
  await expect(get(contextOf({ apiUrl: server.url, token: null }), '/x', Shape)).rejects.toMatchObject({ code: 'api-refused' })
  await expect(get(contextOf({ apiUrl: 'http://127.0.0.1:1' }), '/x', Shape)).rejects.toMatchObject({ code: 'api-unreachable' })
})
