import { describe, expect, test } from 'vitest'
import { GitHubError } from '../../../app/github/error.ts'
import { repositoryPath, sameHost, uploadHost } from '../../../app/github/octokit.ts'
import type { Call } from '../../../app/github/octokit.ts'
import { lookOf } from '../../../app/github/tokens.ts'
import { REPOSITORY, codeOf, scripted } from './scripted.ts'

const GET: Call = { method: 'GET', path: '/repos/acme/shop/pulls/1', permissions: { pull_requests: 'read' } }
const POST: Call = { method: 'POST', path: '/repos/acme/shop/check-runs', permissions: { checks: 'write' }, body: { name: 'x' } }
const PATCH: Call = { ...POST, method: 'PATCH', path: '/repos/acme/shop/check-runs/1' }

async function thrown(promise: Promise<unknown>): Promise<GitHubError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof GitHubError)) throw new Error('no GitHubError was thrown')
  return error
}

describe('headers and tokens', () => {
  test('every call names the API version and the token of this one job', async () => {
    await using github = await scripted(() => ({ body: {} }))
    await github.client.call(REPOSITORY, GET)
    expect(github.asked[0]?.headers['x-github-api-version']).toBe('2022-11-28')
    expect(github.asked[0]?.headers.authorization).toMatch(/^token ghs_/)
    expect(github.minted[0]?.path).toBe('/app/installations/5/access_tokens')
    expect(github.minted[0]?.json).toEqual({ repository_ids: [77], permissions: lookOf({ pull_requests: 'read' }) })
    expect(github.minted[0]?.headers.authorization).toMatch(/^bearer eyJ/)
  })

  test('a look reads with one token; what writes has its own', async () => {
    await using github = await scripted(() => ({ body: {} }))
    await github.client.call(REPOSITORY, GET)
    await github.client.call(REPOSITORY, { ...GET, path: '/y', permissions: { contents: 'read' } })
    expect(github.minted).toHaveLength(1)
    await github.client.call(REPOSITORY, POST)
    expect(github.minted.map(({ json }) => json['permissions'])).toEqual([lookOf(GET.permissions), POST.permissions])
  })

  test('an installation that has not granted all a look reads is asked for each thing alone, from then on', async () => {
    await using github = await scripted(
      () => ({ body: {} }),
      ({ json, number }) =>
        Object.keys(json['permissions'] as object).length > 1
          ? { status: 422, body: { message: 'The permissions requested are not granted to this installation.' } }
          : { status: 201, body: { token: `ghs_${'x'.repeat(30)}${number}`, expires_at: '2099-01-01T00:00:00Z' } },
    )
    await github.client.call(REPOSITORY, GET)
    await github.client.call(REPOSITORY, { ...GET, path: '/y', permissions: { contents: 'read' } })
    expect(github.minted.map(({ json }) => json['permissions'])).toEqual([lookOf(GET.permissions), GET.permissions, { contents: 'read' }])
  })

  test('a 401 is answered with a new token, once', async () => {
    await using github = await scripted(({ headers }) =>
      headers.authorization?.endsWith('x1') === true ? { status: 401, body: { message: 'Bad credentials' } } : { body: { ok: 1 } },
    )
    expect((await github.client.call(REPOSITORY, POST)).data).toEqual({ ok: 1 })
    expect(github.asked).toHaveLength(2)
    await using always = await scripted(() => ({ status: 401, body: { message: 'Bad credentials' } }))
    expect(await codeOf(always.client.call(REPOSITORY, POST))).toBe('forbidden')
    expect(always.asked).toHaveLength(2)
  })

  test('a token never leaves for another host', async () => {
    await using github = await scripted(() => ({ body: {} }))
    const error = await thrown(github.client.call(REPOSITORY, { ...GET, path: 'http://example.invalid/x' }))
    expect(error.code).toBe('refused')
    expect(github.asked).toHaveLength(0)
  })
})

describe('what is repeated', () => {
  test('a GET and a PATCH after 5xx, until it works', async () => {
    for (const call of [GET, PATCH]) {
      let count = 0
      await using github = await scripted(() => (++count < 3 ? { status: 502, body: { message: 'Bad Gateway' } } : { body: { ok: 1 } }))
      expect((await github.client.call(REPOSITORY, call)).data).toEqual({ ok: 1 })
      expect(count).toBe(3)
    }
  })

  test('a creating POST never: after 5xx its effect is unknown (T31)', async () => {
    await using github = await scripted(() => ({ status: 502, body: { message: 'Bad Gateway' } }))
    const error = await thrown(github.client.call(REPOSITORY, POST))
    expect(error).toMatchObject({ code: 'unknown', status: 502 })
    expect(github.asked).toHaveLength(1)
  })

  test('a POST whose connection broke is unknown, one that never left is not', async () => {
    await using github = await scripted((_, response) => {
      response.destroy()
      return null
    })
    expect(await codeOf(github.client.call(REPOSITORY, POST))).toBe('unknown')
    expect(github.asked).toHaveLength(1)
    const gone = github.url
    await github[Symbol.asyncDispose]()
    await using other = await scripted(() => ({ body: {} }))
    const refusing = other.clientWith({
      fetch: (input, init) => fetch(input instanceof Request || !String(input).includes('access_tokens') ? `${gone}/x` : input, init),
    })
    expect(await codeOf(refusing.call(REPOSITORY, POST))).toBe('unavailable')
  })

  test('a 409 or 422 never, and it is refused (T31)', async () => {
    for (const status of [409, 422]) {
      await using github = await scripted(() => ({ status, body: { message: 'Conflict' } }))
      expect(await codeOf(github.client.call(REPOSITORY, PATCH))).toBe('refused')
      expect(github.asked).toHaveLength(1)
    }
  })

  test('minting is, and its failure is never an unknown effect', async () => {
    await using github = await scripted(
      () => ({ body: {} }),
      () => ({ status: 503, body: { message: 'Unavailable' } }),
    )
    expect(await codeOf(github.client.call(REPOSITORY, POST))).toBe('unavailable')
    expect(github.minted).toHaveLength(3)
    expect(github.asked).toHaveLength(0)
  })
})

describe('limits', () => {
  test('retry-after is kept for the whole installation (T40)', async () => {
    let now = 1_000_000
    await using github = await scripted(() => ({
      status: 403,
      headers: { 'retry-after': '30' },
      body: { message: 'You have exceeded a secondary rate limit' },
    }))
    const client = github.clientWith({ now: () => now })
    expect(await thrown(client.call(REPOSITORY, GET))).toMatchObject({ code: 'limited', retryAt: 1_030_000 })
    expect(await thrown(client.call(REPOSITORY, POST))).toMatchObject({ code: 'limited', retryAt: 1_030_000 })
    expect(github.asked).toHaveLength(1)
    expect(await codeOf(client.call({ ...REPOSITORY, installationId: 6 }, GET))).toBe('limited')
    expect(github.asked).toHaveLength(2)
    now = 1_030_001
    await codeOf(client.call(REPOSITORY, GET))
    expect(github.asked).toHaveLength(3)
  })

  test('an exhausted hour waits for its reset', async () => {
    await using github = await scripted(() => ({
      status: 403,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1600' },
      body: { message: 'API rate limit exceeded' },
    }))
    expect(await thrown(github.clientWith({ now: () => 1_000_000 }).call(REPOSITORY, GET))).toMatchObject({ code: 'limited', retryAt: 1_600_000 })
  })

  test('a plain 403 is a missing permission, a 404 is absence (T49)', async () => {
    await using github = await scripted(({ method }) => ({
      status: method === 'GET' ? 404 : 403,
      body: { message: 'Resource not accessible by integration' },
    }))
    expect(await thrown(github.client.call(REPOSITORY, POST))).toMatchObject({ code: 'forbidden', status: 403 })
    expect(await thrown(github.client.call(REPOSITORY, GET))).toMatchObject({ code: 'not-found', status: 404 })
  })
})

describe('bounds', () => {
  test('an answer past the cap is not read, declared or not', async () => {
    await using declared = await scripted(() => ({ body: { text: 'x'.repeat(5000) } }))
    expect(await codeOf(declared.client.call(REPOSITORY, { ...GET, maxBytes: 1000 }))).toBe('too-large')
    let sent = 0
    await using endless = await scripted((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536))) sent += 65_536
        if (!response.destroyed) response.once('drain', more)
      }
      more()
      return null
    })
    expect(await codeOf(endless.client.call(REPOSITORY, { ...GET, maxBytes: 100_000 }))).toBe('too-large')
    expect(sent).toBeLessThan(64 * 1024 * 1024)
  })

  test('silence ends at the deadline', async () => {
    await using github = await scripted(() => null)
    expect(await codeOf(github.clientWith({ timeoutMs: 50, backoffMs: [] }).call(REPOSITORY, GET))).toBe('unavailable')
    expect(await codeOf(github.clientWith({ timeoutMs: 50 }).call(REPOSITORY, POST))).toBe('unknown')
  })
})

test('what has not changed is not sent again (T41)', async () => {
  await using github = await scripted(({ headers }) =>
    headers['if-none-match'] === '"1"' ? { status: 304 } : { headers: { etag: '"1"', link: '<x>; rel="next"' }, body: { n: 1 } },
  )
  const first = await github.client.call(REPOSITORY, GET)
  const second = await github.client.call(REPOSITORY, GET)
  expect(second.data).toEqual(first.data)
  expect(second.status).toBe(200)
  expect(second.headers['link']).toBe('<x>; rel="next"')
  await github.client.call({ ...REPOSITORY, installationId: 6 }, GET)
  expect(github.asked.map((one) => one.headers['if-none-match'])).toEqual([undefined, '"1"', undefined])
})

test('writes of one installation go one after the other; other installations do not wait (T38)', async () => {
  let inside = 0
  let most = 0
  const both = Promise.withResolvers<null>()
  await using github = await scripted(async ({ path }) => {
    most = Math.max(most, ++inside)
    if (path === '/meet' && inside === 2) both.resolve(null)
    if (path === '/meet') await both.promise
    inside--
    return { status: 201, body: {} }
  })
  await Promise.all([1, 2, 3, 4].map(() => github.client.call(REPOSITORY, POST)))
  expect(most).toBe(1)
  await Promise.all([5, 6].map((installationId) => github.client.call({ ...REPOSITORY, installationId }, { ...POST, path: '/meet' })))
  expect(most).toBe(2)
})

test.each([301, 307, 308])(
  'a repository that was renamed or transferred is followed by its id, writes as they were, on the same host alone (%i)',
  async (status) => {
    await using github = await scripted(({ path }) =>
      path.startsWith('/repositories/77/')
        ? { status: 201, body: { ok: 1 } }
        : { status, headers: { location: `${github.url}${path.replace('/repos/acme/shop', '/repositories/77')}?page=2` }, body: {} },
    )
    for (const call of [GET, POST, PATCH]) expect((await github.client.call(REPOSITORY, call)).data).toEqual({ ok: 1 })
    const arrived = github.asked.filter(({ path }) => path.startsWith('/repositories/'))
    expect(arrived.map(({ method, json, query }) => [method, json, query.get('page')])).toEqual([
      ['GET', {}, '2'],
      ['POST', POST.body, '2'],
      ['PATCH', PATCH.body, '2'],
    ])
    expect(github.asked).toHaveLength(6)
    await using away = await scripted(() => ({ status, headers: { location: 'http://elsewhere.example/repositories/77' }, body: {} }))
    for (const call of [GET, POST]) expect(await codeOf(away.client.call(REPOSITORY, call))).toBe('refused')
    expect(away.asked).toHaveLength(2)
  },
)

test('an archived repository is read; each write is sent once, forbidden, and says why', async () => {
  await using github = await scripted(({ method }) =>
    method === 'GET' ? { body: { ok: 1 } } : { status: 403, body: { message: 'Repository was archived so is read-only.' } },
  )
  expect((await github.client.call(REPOSITORY, GET)).data).toEqual({ ok: 1 })
  for (const call of [POST, PATCH])
    expect(await thrown(github.client.call(REPOSITORY, call))).toMatchObject({
      code: 'forbidden',
      retryAt: null,
      message: expect.stringContaining('unarchives') as string,
    })
  expect(github.asked).toHaveLength(3)
})

test('a suspended installation gets no token: one question, and nothing is sent to the repository', async () => {
  await using github = await scripted(
    () => ({ body: {} }),
    () => ({ status: 403, body: { message: 'This installation has been suspended' } }),
  )
  for (const call of [GET, POST])
    expect(await thrown(github.client.call(REPOSITORY, call))).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('lift the suspension') as string,
    })
  expect([github.minted.length, github.asked.length]).toEqual([2, 0])
})

test('an error never shows a token', async () => {
  await using github = await scripted(({ headers }) => ({
    status: 422,
    body: { message: `no ${headers.authorization} ghs_1_eyJabc.def-ghi.jkl_mnopqrstuvwxyz` },
  }))
  const error = await thrown(github.client.call(REPOSITORY, POST))
  expect(error.message).not.toMatch(/ghs_/)
  expect(JSON.stringify(error)).not.toMatch(/ghs_/)
})

test('addresses', () => {
  expect(repositoryPath({ ...REPOSITORY, name: 'a/b?c' })).toBe('/repos/acme/a%2Fb%3Fc')
  expect(sameHost('https://api.github.com/x', 'https://api.github.com')).toBe(true)
  for (const url of ['https://api.github.com.evil.example/x', 'http://api.github.com/x', 'https://api.github.com:444/', 'no url'])
    expect(sameHost(url, 'https://api.github.com')).toBe(false)
  expect(uploadHost('https://uploads.github.com/x', 'https://api.github.com')).toBe(true)
  expect(uploadHost('https://uploads.github.io/x', 'https://api.github.com')).toBe(false)
})
