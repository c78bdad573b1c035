import type { Socket } from 'node:net'
import { assert, integer, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { clientOf, inCanary, stickyBy } from '../../../../app/rollout/routers/cohort.ts'

const socket = { remoteAddress: '192.0.2.7' } as Socket

test('a client that the canary serves stays with it at every larger weight', () => {
  assert(
    property(string(), integer({ min: 0, max: 100 }), integer({ min: 0, max: 100 }), (client, one, other) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)]
      expect(!inCanary(client, less) || inCanary(client, more)).toBe(true)
      expect([inCanary(client, 0), inCanary(client, 100)]).toEqual([false, true])
    }),
  )
})

test('of many clients the canary serves its share', () => {
  for (const percent of [1, 10, 50, 90]) {
    const inside = Array.from({ length: 20_000 }, (_, at) => `client-${at}`).filter((client) => inCanary(client, percent)).length
    expect(Math.abs(inside / 20_000 - percent / 100)).toBeLessThan(0.015)
  }
})

test.each([
  ['address', {}, '192.0.2.7'],
  ['header:X-User', { 'x-user': 'ann' }, 'ann'],
  ['header:x-user', {}, null],
  ['header:x-user', { 'x-user': '' }, null],
  ['cookie:cart', { cookie: 'a=1; cart=77; cart=78' }, '77'],
  ['cookie:cart', { cookie: 'mycart=1;xcart=2' }, null],
  ['cookie:cart', { cookie: 'cart=' }, null],
  ['cookie:cart', {}, null],
])('by %s with %j it is %j who asks', (by, headers, client) => {
  expect(clientOf(stickyBy(by), { headers, socket })).toBe(client)
})

test.each(['', 'user', 'header:', 'cookie:a b', 'header:x;y', 'address:1'])('%j tells no clients apart', (text) => {
  expect(() => stickyBy(text)).toThrow(expect.objectContaining({ code: 'invalid' }))
})
