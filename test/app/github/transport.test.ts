import { expect, test } from 'vitest'
import { boundedFetch, neverSent } from '../../../app/github/transport.ts'
import { codeOf } from './scripted.ts'

const answering = (body: string | null, init: ResponseInit = {}) =>
  boundedFetch({ timeoutMs: 1000, maxBytes: 4, fetch: async () => new Response(body, init) })

test('the cap is inclusive', async () => {
  expect(await (await answering('four')('http://x')).text()).toBe('four')
  expect(await codeOf(answering('fives')('http://x'))).toBe('too-large')
  expect(await codeOf(answering('x', { headers: { 'content-length': '5' } })('http://x'))).toBe('too-large')
})

test('no body is an empty one', async () => {
  expect((await answering(null, { status: 204 })('http://x')).status).toBe(204)
  expect(await (await answering(null)('http://x')).text()).toBe('')
})

test('redirects are left to the caller', async () => {
  let seen: string | undefined
  const fetching = boundedFetch({
    timeoutMs: 1000,
    maxBytes: 4,
    fetch: async (_, init) => {
      seen = init?.redirect
      return new Response(null, { status: 302, headers: { location: 'http://y' } })
    },
  })
  expect((await fetching('http://x')).headers.get('location')).toBe('http://y')
  expect(seen).toBe('manual')
})

test('a failure before the request left is known by its cause', () => {
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  expect(neverSent(new Error('outer', { cause: new TypeError('fetch failed', { cause: refused }) }))).toBe(true)
  expect(neverSent(new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }) }))).toBe(false)
  expect(neverSent('text')).toBe(false)
})
