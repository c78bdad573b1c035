import { afterEach, expect, test } from 'vitest'
import { cli, fakeApi, PULL } from './harness.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})
async function api(answers: Parameters<typeof fakeApi>[0]) {
  const running = await fakeApi(answers)
  open.push(running)
  return { ...running, env: { GITHUB_TOKEN: 'user-token', GITHUB_API_URL: running.url, GITHUB_REPOSITORY: 'acme/shop' } }
}
const PLAN = '0123456789abcdef0123456789abcdef'
const COMMENTED = { status: 201, body: { id: 7, html_url: 'https://github.example/acme/shop/pull/12#7' } }

test('promote posts the comment as the user, with the plan', async () => {
  const { env, asked } = await api({
    'GET /repos/acme/shop/pulls': { body: [PULL, { ...PULL, number: 13, head: { ...PULL.head, ref: 'feature' } }] },
    'POST /repos/acme/shop/issues/12/comments': COMMENTED,
  })
  const { exit, out } = await cli(['promote', '--step=50', `--plan=${PLAN}`, '--json'], { env })
  expect(exit).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ pull: 12, comment: 7, body: `/promote 50 plan:${PLAN}` })
  expect(asked.at(-1)).toMatchObject({ method: 'POST', authorization: 'Bearer user-token', body: { body: `/promote 50 plan:${PLAN}` } })
})

test('rollback posts its reason in one line', async () => {
  const { env, asked } = await api({ 'GET /repos/acme/shop/pulls/12': { body: PULL }, 'POST /repos/acme/shop/issues/12/comments': COMMENTED })
  expect((await cli(['rollback', '--reason=slo_breach\n/promote', '--pull=12'], { env })).exit).toBe(0)
  expect(asked.at(-1)?.body).toEqual({ body: '/rollback slo_breach /promote' })
})

test.each([
  [['promote'], 2],
  [['promote', '--plan=latest'], 2],
  [['promote', `--plan=${PLAN}`, '--step=0'], 2],
  [['rollback'], 2],
  [['status', '--pull=x'], 2],
  [['status', '--repo=not a repo'], 2],
] as const)('%j is refused before anything is asked', async (args, code) => {
  const { env, asked } = await api({})
  expect((await cli(args, { env })).exit).toBe(code)
  expect(asked).toEqual([])
})

test.each([
  [401, 4],
  [403, 4],
  [404, 2],
  [422, 2],
  [429, 5],
  [500, 5],
])('an answer of %i ends with %i and says why', async (status, code) => {
  const { env } = await api({ 'GET /repos/acme/shop/pulls/12': { status, body: { message: 'because of this' } } })
  const { exit, err } = await cli(['status', '--pull=12'], { env })
  expect(exit).toBe(code)
  expect(err).toContain('because of this')
})

test('no token, no repository, nobody there', async () => {
  expect((await cli(['status'])).exit).toBe(4)
  expect((await cli(['status'], { env: { GITHUB_TOKEN: 'x' } })).exit).toBe(2)
  const gone = await fakeApi({})
  await gone.close()
  expect((await cli(['status'], { env: { GITHUB_TOKEN: 'x', GITHUB_API_URL: gone.url, GITHUB_REPOSITORY: 'acme/shop' } })).exit).toBe(5)
})

test('an answer of another shape is not guessed at', async () => {
  const { env } = await api({ 'GET /repos/acme/shop/pulls/12': { body: { nummer: 12 } } })
  expect((await cli(['status', '--pull=12'], { env })).exit).toBe(5)
})

test('none or several open releases: it asks which', async () => {
  const none = await api({ 'GET /repos/acme/shop/pulls': { body: [] } })
  expect((await cli(['status'], { env: none.env })).err).toContain('no open release pull request')
  const two = await api({ 'GET /repos/acme/shop/pulls': { body: [PULL, { ...PULL, number: 14 }] } })
  expect((await cli(['status'], { env: two.env })).err).toContain('#14')
})
