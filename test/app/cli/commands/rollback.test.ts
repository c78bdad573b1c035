import { expect, test } from 'vitest'
import { cli, fakeApi, PULL } from '../harness.ts'

test.each([
  ['--reason=slo_breach', '/rollback slo_breach'],
  ['--rehearse', '/rollback --rehearse'],
])('rollback %s posts %s', async (option, body) => {
  const api = await fakeApi({
    'GET /repos/acme/shop/pulls/12': { body: PULL },
    'POST /repos/acme/shop/issues/12/comments': { status: 201, body: { id: 1, html_url: 'https://github.test/c/1' } },
  })
  const env = { GITHUB_TOKEN: 'x', GITHUB_API_URL: api.url, GITHUB_REPOSITORY: 'acme/shop' }
  const said = await cli(['rollback', option, '--pull=12', '--json'], { env })
  expect(said.exit).toBe(0)
  expect(said.out).toContain(JSON.stringify(body).slice(1, -1))
  await api.close()
})

test.each([[['rollback']], [['rollback', '--rehearse', '--reason=manual']]])('%j is refused as usage', async (words) => {
  expect((await cli(words, { env: {} })).exit).toBe(2)
})
