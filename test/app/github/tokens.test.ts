import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { keyOf, lookOf, tokens } from '../../../app/github/tokens.ts'
import { REPOSITORY, codeOf } from './scripted.ts'

const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const HOUR = 3_600_000

function held(answer: (count: number) => unknown) {
  let count = 0
  const clock = { now: Date.parse('2026-11-22T12:00:00.000Z') }
  const of = tokens({
    appId: 1,
    privateKey,
    now: () => clock.now,
    mint: async () => answer(++count),
  })
  return { of, clock, count: () => count }
}

const good = (now: number) => (count: number) => ({ token: `ghs_${'t'.repeat(20)}${count}`, expires_at: new Date(now + HOUR).toISOString() })

test('one token per installation, repository and permission set, shared by those who ask at once', async () => {
  const { of, count } = held(good(Date.parse('2026-11-22T12:00:00.000Z')))
  const [one, two] = await Promise.all([
    of.token(REPOSITORY, { checks: 'write', contents: 'read' }),
    of.token(REPOSITORY, { contents: 'read', checks: 'write' }),
  ])
  expect(one).toBe(two)
  expect(count()).toBe(1)
  await of.token(REPOSITORY, { checks: 'read' })
  await of.token({ ...REPOSITORY, id: 78 }, { checks: 'read' })
  await of.token({ ...REPOSITORY, installationId: 6 }, { checks: 'read' })
  expect(count()).toBe(4)
})

test('a token is renewed five minutes before it expires, not earlier', async () => {
  const start = Date.parse('2026-11-22T12:00:00.000Z')
  const { of, clock, count } = held(good(start))
  await of.token(REPOSITORY, { checks: 'read' })
  clock.now = start + HOUR - 5 * 60_000 - 1
  await of.token(REPOSITORY, { checks: 'read' })
  expect(count()).toBe(1)
  clock.now += 1
  await of.token(REPOSITORY, { checks: 'read' })
  expect(count()).toBe(2)
})

test('a failure is not kept, and a forgotten token is minted again', async () => {
  const { of, count } = held((n) => (n === 1 ? { nonsense: true } : { token: `ghs_${'t'.repeat(20)}${n}`, expires_at: '2099-01-01T00:00:00Z' }))
  expect(await codeOf(of.token(REPOSITORY, {}))).toBe('malformed')
  const token = await of.token(REPOSITORY, {})
  expect(await of.token(REPOSITORY, {})).toBe(token)
  of.forget(REPOSITORY, {})
  expect(await of.token(REPOSITORY, {})).not.toBe(token)
  expect(count()).toBe(3)
})

test('a key that cannot sign is the operator’s fault', async () => {
  const of = tokens({ appId: 1, privateKey: 'no key', now: () => 0, mint: async () => null })
  expect(await codeOf(of.token(REPOSITORY, {}))).toBe('forbidden')
})

test('the name of a token does not depend on the order of its permissions', () => {
  expect(keyOf(REPOSITORY, { checks: 'write', issues: 'read' })).toBe(keyOf(REPOSITORY, { issues: 'read', checks: 'write' }))
  expect(keyOf(REPOSITORY, { checks: 'write' })).not.toBe(keyOf(REPOSITORY, { checks: 'read' }))
})

test.each([
  [{ pull_requests: 'read' }, true],
  [{ contents: 'read', actions: 'read' }, true],
  [{ metadata: 'read' }, true],
  [{ contents: 'write' }, false],
  [{ contents: 'read', checks: 'write' }, false],
  [{ members: 'read' }, false],
  [{}, false],
] as const)('%o is read with the token of a look: %s', (permissions, shared) => {
  expect(lookOf(permissions)).toEqual(
    shared ? { actions: 'read', checks: 'read', contents: 'read', deployments: 'read', issues: 'read', pull_requests: 'read' } : permissions,
  )
})
