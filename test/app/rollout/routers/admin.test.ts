import { expect, test } from 'vitest'
import { testArm, testProxy } from './arms.ts'

const put = (body: string, headers: Record<string, string> = {}) => ({ method: 'PUT', body, headers })

async function admin(token?: string): Promise<string> {
  const arm = await testArm()
  const proxy = await testProxy({ stable: arm.url, canary: arm.url, ...(token === undefined ? {} : { token }) })
  return proxy.adminUrl
}

test('the weight is set and read', async () => {
  const url = await admin()
  expect(await (await fetch(`${url}/weight`)).json()).toEqual({ percent: 0 })
  for (const percent of [10, 10, 100, 0]) {
    const answer = await fetch(`${url}/weight`, put(JSON.stringify({ percent })))
    expect([answer.status, await answer.json()]).toEqual([200, { percent }])
    expect(await (await fetch(`${url}/weight`)).json()).toEqual({ percent })
  }
})

test.each([
  '',
  '{',
  '10',
  '{"percent":"10"}',
  '{"percent":10.5}',
  '{"percent":-1}',
  '{"percent":101}',
  '{"percent":10,"x":1}',
  '{"percent":null}',
  `{"percent":${' '.repeat(2000)}1}`,
])('a body of %j moves nothing', async (body) => {
  const url = await admin()
  await fetch(`${url}/weight`, put('{"percent":10}'))
  expect((await fetch(`${url}/weight`, put(body))).status).toBe(400)
  expect(await (await fetch(`${url}/weight`)).json()).toEqual({ percent: 10 })
})

test('with a token, only its holder reads or moves the weight', async () => {
  const url = await admin('correct horse')
  for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: 'correct horse' }]) {
    expect((await fetch(`${url}/weight`, put('{"percent":10}', headers))).status).toBe(401)
    expect((await fetch(`${url}/weight`, { headers })).status).toBe(401)
  }
  expect((await fetch(`${url}/weight`, put('{"percent":10}', { authorization: 'Bearer correct horse' }))).status).toBe(200)
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
})

test('a page in a browser cannot move traffic', async () => {
  const url = await admin()
  expect((await fetch(`${url}/weight`, put('{"percent":100}', { origin: 'https://elsewhere.example' }))).status).toBe(403)
  expect(await (await fetch(`${url}/weight`)).json()).toEqual({ percent: 0 })
})

test('unknown paths and methods are named as such', async () => {
  const url = await admin()
  expect((await fetch(`${url}/`)).status).toBe(404)
  expect((await fetch(`${url}/weight`, { method: 'DELETE' })).status).toBe(405)
})
