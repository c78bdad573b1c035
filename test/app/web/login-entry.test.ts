import { expect, test } from 'vitest'
import { hasName, loginOf, loginProblem } from '../../../app/web/login-entry.ts'

test('the secret is in the environment, and one that is none is told', () => {
  expect(loginOf({ client_id: 'Iv23li', key_cooldown: '24h' }, { GITHUB_CLIENT_SECRET: 'c'.repeat(40) })).toEqual({
    clientId: 'Iv23li',
    clientSecret: 'c'.repeat(40),
    keyCooldown: { ms: 86_400_000, words: '24h' },
  })
  for (const environment of [{}, { GITHUB_CLIENT_SECRET: '' }, { GITHUB_CLIENT_SECRET: 'short' }, { GITHUB_CLIENT_SECRET: `${'c'.repeat(40)}\n` }])
    expect(loginOf({ client_id: 'Iv23li', key_cooldown: '24h' }, environment)).toMatch(/^login: GITHUB_CLIENT_SECRET holds no client secret/)
})

test.each([
  ['https://conductor.example', 'by-address', null],
  ['https://conductor.example', 'open', null],
  ['http://localhost:3000', 'by-address', null],
  ['http://127.0.0.1:3000', 'by-address', null],
  ['http://[::1]:3000', 'by-address', null],
  ['https://conductor.example', 'off', 'pages that are not off'],
  ['', 'by-address', 'a public_url beside it'],
  ['http://conductor.example', 'by-address', 'with https'],
  ['http://localhost.evil.example', 'by-address', 'with https'],
  ['https://conductor.example/rc', 'by-address', 'without a path'],
])('at %s with pages %s: %s', (url, pages, problem) => {
  const found = loginProblem(url, pages)
  expect(problem === null ? found : found?.includes(problem)).toBe(problem === null ? null : true)
})

test.each([
  ['https://conductor.example', true],
  ['http://localhost:3000', true],
  ['http://127.0.0.1:3000', false],
  ['http://[::1]:3000', false],
])('%s has a name that keys can be bound to: %s', (url, named) => {
  expect(hasName(url)).toBe(named)
})
