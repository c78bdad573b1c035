import { expect, test } from 'vitest'
import { z } from 'zod'
import { hubOf } from '../../../actions/lib/hub.ts'
import { loopback } from '../../support/loopback.ts'

const json = { 'content-type': 'application/json' }

test('what is not there is null to a reader, and a refusal that names the permission to a writer', async () => {
  await using api = await loopback(({ method }) =>
    method === 'GET'
      ? { status: 404, headers: json, body: { message: 'Not Found' } }
      : { status: 403, headers: { ...json, 'x-accepted-github-permissions': 'contents=write' }, body: { message: 'Resource not accessible' } },
  )
  const hub = hubOf('t', 'dev', { apiUrl: api.url, repository: 'acme/shop' })
  expect(await hub.read('/pulls/7', z.unknown())).toBeNull()
  await expect(hub.write('POST', '/git/refs', z.unknown(), { ref: 'x' })).rejects.toMatchObject({
    name: 'ApplyError',
    code: 'refused',
    message: expect.stringContaining('contents: write') as string,
  })
  expect(api.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /repos/acme/shop/pulls/7', 'POST /repos/acme/shop/git/refs'])
})

test('an answer is read by its schema, and a body arrives as it was given', async () => {
  await using api = await loopback(() => ({ status: 201, headers: json, body: { id: 5, more: true } }))
  const hub = hubOf('t', 'dev', { apiUrl: api.url, repository: 'acme/shop' })
  const rules = { name: 'x', rules: [{ type: 'deletion' }] }
  expect(await hub.write('POST', '/rulesets', z.object({ id: z.number() }), rules)).toEqual({ id: 5 })
  expect(JSON.parse(api.asked[0]?.body.toString() ?? '')).toEqual(rules)
  await expect(hub.read('', z.object({ id: z.string() }))).rejects.toMatchObject({ name: 'ApplyError', code: 'unavailable' })
})

test('a server that breaks is another matter than one that refuses', async () => {
  await using api = await loopback(() => ({ status: 503, headers: json, body: { message: 'later' } }))
  const hub = hubOf('t', 'dev', { apiUrl: api.url, repository: 'acme/shop' })
  await expect(hub.read('/pulls/7', z.unknown())).rejects.toMatchObject({ code: 'unavailable' })
})
