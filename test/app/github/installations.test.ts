import { expect, test } from 'vitest'
import { installed } from '../../../app/github/installations.ts'
import { codeOf, scripted } from './scripted.ts'

const next = (url: string, path: string): Record<string, string> => ({ link: `<${url}${path}?page=2>; rel="next"` })
const repository = (id: number, over: object = {}): object => ({ id, name: `r${id}`, owner: { login: 'acme' }, ...over })

test('every page of every installation, with the App’s own token for the first and an unscoped one for the second', async () => {
  await using github = await scripted((asked) => {
    const page = asked.query.get('page')
    if (asked.path === '/app/installations')
      return page === null
        ? {
            body: [
              { id: 1, suspended_at: null },
              { id: 2, suspended_at: '2026-01-01T00:00:00Z' },
            ],
            headers: next(github.url, '/app/installations'),
          }
        : { body: [{ id: 3 }] }
    if (page !== null) return { body: { total_count: 3, repositories: [repository(13)] } }
    return {
      body: { total_count: 3, repositories: [repository(11), repository(12, { archived: true })] },
      headers: next(github.url, '/installation/repositories'),
    }
  })
  const { repositories, failed } = await installed(github.client)
  expect(failed).toEqual([])
  expect(repositories).toEqual([
    { id: 11, owner: 'acme', name: 'r11', installationId: 1 },
    { id: 13, owner: 'acme', name: 'r13', installationId: 1 },
    { id: 11, owner: 'acme', name: 'r11', installationId: 3 },
    { id: 13, owner: 'acme', name: 'r13', installationId: 3 },
  ])
  expect(
    github.asked.filter(({ path }) => path === '/app/installations').every(({ headers }) => headers.authorization?.startsWith('bearer ey')),
  ).toBe(true)
  expect(github.minted.map(({ path, json }) => [path, json])).toEqual([
    ['/app/installations/1/access_tokens', { permissions: { metadata: 'read' } }],
    ['/app/installations/3/access_tokens', { permissions: { metadata: 'read' } }],
  ])
})

test('an installation that does not answer is named; the others are whole', async () => {
  await using github = await scripted((asked) => {
    if (asked.path === '/app/installations') return { body: [{ id: 1 }, { id: 3 }] }
    const first = github.asked.filter(({ path }) => path === '/installation/repositories').length === 1
    return first ? { status: 403, body: { message: 'no' } } : { body: { total_count: 1, repositories: [repository(11)] } }
  })
  const { repositories, failed } = await installed(github.client)
  expect(repositories.map(({ installationId }) => installationId)).toEqual([3])
  expect(failed).toMatchObject([{ installationId: 1 }])
})

test('a list of installations that is cut short or never ends is refused', async () => {
  await using github = await scripted(() => ({
    body: [{ id: 1, suspended_at: 'x' }],
    headers: { link: `<${github.url}/app/installations?page=1>; rel="next"` },
  }))
  expect(await codeOf(installed(github.client))).toBe('malformed')
  await using broken = await scripted(() => ({ status: 500, body: {} }))
  expect(await codeOf(installed(broken.client))).toBe('unavailable')
})
