import { generateKeyPairSync, createSign } from 'node:crypto'
import { expect, test } from 'vitest'
import { openRelease, REPO, stage } from './stage.ts'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

test("the App's JSON web token: signature, issuer, age", async () => {
  await using on = await stage()
  const now = Math.floor(Date.now() / 1000)
  expect((await on.call(on.jwt(), 'GET', '/app')).data).toMatchObject({ id: on.github.app.id, slug: 'release-conductor' })
  for (const claims of [{ exp: now - 1 }, { exp: now + 700 }, { iat: now + 300 }, { iss: 1 }, { exp: undefined }])
    expect((await on.call(on.jwt(claims), 'GET', '/app')).status).toBe(401)
  const head = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: now, exp: now + 60, iss: on.github.app.id })}`
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const forged = `${head}.${createSign('RSA-SHA256').update(head).sign(privateKey, 'base64url')}`
  expect((await on.call(forged, 'GET', '/app')).status).toBe(401)
  expect((await on.call(await on.token(), 'GET', '/app')).status).toBe(401)
  expect((await on.call(on.jwt(), 'GET', `/repos/${REPO}`)).status).toBe(401)
  on.github.assertClean()
})

test('installation tokens: new form, one hour, scoped down and never up', async () => {
  let time = Date.now()
  await using on = await stage({ now: () => new Date(time) })
  const path = `/app/installations/${on.github.app.installationId}/access_tokens`
  const { data } = await on.call(on.jwt(), 'POST', path, { permissions: { checks: 'write' }, repository_ids: [on.github.repository(REPO).id] })
  const { token, repositories } = data as { token: string; repositories: unknown[] }
  expect(token).toMatch(/^ghs_\d+_[\w-]+\.[\w-]+\.[\w-]+$/)
  expect(repositories).toHaveLength(1)
  expect((await on.call(token, 'GET', `/repos/${REPO}`)).status).toBe(200)
  expect((await on.call(token, 'GET', `/repos/${REPO}/contents/README.md`)).status).toBe(403)
  expect((await on.call(on.jwt(), 'POST', path, { permissions: { administration: 'write' } })).status).toBe(422)
  expect((await on.call(on.jwt(), 'POST', path, { repository_ids: [1] })).status).toBe(422)
  time += 3_600_001
  expect((await on.call(token, 'GET', `/repos/${REPO}`)).status).toBe(401)
})

test('people: role decides; a private repository does not exist for a stranger', async () => {
  await using on = await stage()
  const { number } = await openRelease(on)
  await on.github.addRepository({ owner: 'acme', name: 'secret', from: on.work, private: true, collaborators: { dev: 'read' } })
  const stranger = on.github.as('stranger')
  expect((await stranger.request('GET', '/repos/acme/secret')).status).toBe(404)
  expect((await on.call(null, 'GET', '/repos/acme/secret')).status).toBe(404)
  expect((await on.github.as('dev').request('GET', '/repos/acme/secret')).status).toBe(200)
  expect((await stranger.request('PUT', `/repos/${REPO}/pulls/${number}/merge`, {})).status).toBe(403)
  expect((await stranger.comment(REPO, number, '/promote')).id).toBeGreaterThan(0)
  await expect(on.github.push(REPO, { dir: on.work, ref: 'release/v2.0.0', as: 'stranger' })).rejects.toMatchObject({ code: 'refused' })
  expect((await on.github.as('dev').request('POST', `/repos/${REPO}/check-runs`, { name: 'a', head_sha: 'b' })).status).toBe(403)
})

test('roles: permission is flat, role_name is real; teams need Members: read', async () => {
  await using on = await stage()
  const all = await on.token()
  const bare = await on.token({ contents: 'read' })
  expect((await on.call(all, 'GET', `/repos/${REPO}/collaborators/boss/permission`)).data).toMatchObject({
    permission: 'write',
    role_name: 'maintain',
  })
  expect((await on.call(all, 'GET', `/repos/${REPO}/collaborators/stranger/permission`)).data).toMatchObject({
    permission: 'read',
    role_name: 'read',
  })
  expect((await on.call(all, 'GET', `/repos/${REPO}/collaborators/nobody/permission`)).status).toBe(404)
  const team = '/orgs/acme/teams/approvers/memberships'
  expect((await on.call(all, 'GET', `${team}/boss`)).data).toMatchObject({ state: 'active' })
  expect((await on.call(all, 'GET', `${team}/dev`)).status).toBe(404)
  expect((await on.call(bare, 'GET', `${team}/boss`)).status).toBe(404)
})

test('limits: headers on every answer, 304 is free, primary and secondary limits refuse', async () => {
  await using on = await stage({ limits: { primary: 6 } })
  const token = await on.token()
  const first = await on.call(token, 'GET', `/repos/${REPO}`)
  expect(first.headers.get('x-ratelimit-remaining')).toBe('5')
  const again = await on.call(token, 'GET', `/repos/${REPO}`, undefined, { 'if-none-match': first.headers.get('etag') ?? '' })
  expect([again.status, again.headers.get('x-ratelimit-remaining')]).toEqual([304, '5'])
  for (let left = 5; left > 0; left--) expect((await on.call(token, 'GET', `/repos/${REPO}`)).status).toBe(200)
  expect((await on.call(token, 'GET', `/repos/${REPO}`)).status).toBe(403)
  expect((await on.call(token, 'GET', '/rate_limit')).data).toMatchObject({ rate: { remaining: 0 } })
  await using other = await stage({ limits: { secondary: { content: 2 } }, now: () => new Date('2026-01-01T00:00:30Z') })
  const dev = other.github.as('dev')
  const create = async (): Promise<number> => (await dev.request('POST', `/repos/${REPO}/issues`, { title: 'a' })).status
  expect([await create(), await create()]).toEqual([201, 201])
  const refused = await dev.request('POST', `/repos/${REPO}/issues`, { title: 'a' })
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([403, '30'])
})

test('lists are paged with Link headers', async () => {
  await using on = await stage()
  const dev = on.github.as('dev')
  for (let count = 0; count < 3; count++) await dev.must('POST', `/repos/${REPO}/issues`, { title: `issue ${count}` })
  const page = await dev.request('GET', `/repos/${REPO}/issues?per_page=2`)
  expect(page.data).toHaveLength(2)
  expect(page.headers.get('link')).toMatch(/page=2>; rel="next".*page=2>; rel="last"/)
  expect((await dev.request('GET', `/repos/${REPO}/issues?per_page=2&page=2`)).data).toHaveLength(1)
  expect((await on.call(dev.token, 'GET', `/repos/${REPO}`, undefined, { 'x-github-api-version': '2019-01-01' })).status).toBe(400)
})
