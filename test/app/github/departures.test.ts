/** When a call leaves: in its turn, if it still may, and never behind an upload. */
import { expect, test } from 'vitest'
import type { Call } from '../../../app/github/octokit.ts'
import { githubEffects } from '../../../app/github/apply/index.ts'
import { ReleaseError } from '../../../app/release/error.ts'
import { REPOSITORY, SHA, codeOf, scripted } from './scripted.ts'

const POST: Call = { method: 'POST', path: '/repos/acme/shop/deployments', permissions: { deployments: 'write' }, body: { ref: 'main' } }
const PATCH: Call = { ...POST, method: 'PATCH', path: '/repos/acme/shop/check-runs/1', permissions: { checks: 'write' } }
const UPLOAD: Call = { ...POST, path: '/upload', permissions: { contents: 'write' }, body: new Uint8Array(9), contentType: 'application/zip' }

const late = async (): Promise<void> => {
  throw new ReleaseError('late', 'the lease is somebody else’s')
}

test('what waited too long for its turn does not leave', async () => {
  const answer = Promise.withResolvers<void>()
  await using github = await scripted(async ({ number }) => {
    if (number === 1) await answer.promise
    return { body: {} }
  })
  const first = github.client.call(REPOSITORY, POST)
  let may = true
  const second = github.client.call(REPOSITORY, { ...POST, leave: async () => (may ? undefined : late()) })
  may = false
  answer.resolve()
  await first
  expect(await codeOf(second)).toBe('late')
  expect(github.asked).toHaveLength(1)
})

test('a second try is asked about as the first was: no late success lands on another answer', async () => {
  await using github = await scripted(() => ({ status: 502, body: { message: 'bad gateway' } }))
  let times = 0
  const leave = async (): Promise<void> => (++times === 1 ? undefined : late())
  expect(await codeOf(github.client.call(REPOSITORY, { ...PATCH, leave }))).toBe('late')
  expect(github.asked).toHaveLength(1)
})

test('no write waits behind an upload, and one upload waits for the other', async () => {
  const answer = Promise.withResolvers<void>()
  await using github = await scripted(async ({ path }) => {
    if (path === '/upload') await answer.promise
    return { body: {} }
  })
  const uploads = [github.client.call(REPOSITORY, UPLOAD), github.client.call(REPOSITORY, UPLOAD)]
  await github.client.call(REPOSITORY, POST)
  await expect.poll(() => github.asked.map(({ path }) => path).toSorted()).toEqual([POST.path, '/upload'])
  answer.resolve()
  await Promise.all(uploads)
  expect(github.asked).toHaveLength(3)
})

test('each call of an effect is asked about', async () => {
  await using github = await scripted(() => ({ body: {} }))
  const effects = githubEffects(github.client)
  const tag = { kind: 'tag.create', key: 'tag', tag: 'v1.0.0', sha: SHA } as const
  expect(await codeOf(effects.perform(REPOSITORY, tag, late))).toBe('late')
  expect(github.asked).toEqual([])
})
