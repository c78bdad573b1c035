import { expect, test } from 'vitest'
import { cookie } from '../../../app/web/cookie.ts'

const read = (url: string, header: string | undefined): string | null =>
  cookie('session', url).read({ headers: header === undefined ? {} : { cookie: header } })

test('behind TLS it is one that only this host can set; on loopback without TLS a plain one; no script reads either', () => {
  expect(cookie('session', 'https://conductor.example').written('abc', 60)).toBe(
    '__Host-rc_session=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure',
  )
  expect(cookie('session', 'http://localhost:3000').written('abc', 0)).toBe('rc_session=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=0')
})

test.each<[string | undefined, string | null]>([
  ['__Host-rc_session=abc', 'abc'],
  ['a=b; __Host-rc_session=abc; c=d', 'abc'],
  ['__Host-rc_session=abc; __Host-rc_session=def', null],
  ['rc_session=abc', null],
  ['x__Host-rc_session=abc', null],
  ['__Host-rc_session2=abc', null],
  ['', null],
  [undefined, null],
])('of %j it reads %j', (header, value) => {
  expect(read('https://conductor.example', header)).toBe(value)
})
