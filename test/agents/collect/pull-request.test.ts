import { expect, test } from 'vitest'
import { collectPullRequest } from '../../../agents/collect/pull-request.ts'
import { api, contextOf, json } from './workspace.ts'

const SHA = 'b'.repeat(40)
const PULL = {
  number: 7,
  title: 'Release v2.0.0',
  body: null,
  labels: [{ name: 'type:feat', color: 'fff' }, { name: 'risk:low' }],
  head: { ref: 'release/v2.0.0', sha: SHA, label: 'acme:release/v2.0.0' },
  base: { ref: 'main', sha: 'a'.repeat(40) },
}

test('the pull request as GitHub has it, labels sorted, an absent body empty', async () => {
  await using server = await api(() => json(PULL))
  expect(await collectPullRequest(contextOf({ apiUrl: server.url }))).toEqual({
    value: {
      number: 7,
      title: 'Release v2.0.0',
      body: '',
      labels: ['risk:low', 'type:feat'],
      head: { ref: 'release/v2.0.0', sha: SHA },
      base: { ref: 'main', sha: 'a'.repeat(40) },
    },
  })
  expect(server.asked.map((one) => one.path)).toEqual(['/repos/acme/shop/pulls/7'])
})

test('blocked without a number, without such a pull request, and when its head moved on', async () => {
  expect(await collectPullRequest(contextOf({ pull: null }))).toMatchObject({ blocked: { next: expect.stringContaining('`pull`') } })
  await using none = await api(() => json({}, 404))
  expect(await collectPullRequest(contextOf({ apiUrl: none.url }))).toMatchObject({ blocked: { why: expect.stringContaining('no pull request 7') } })
  await using moved = await api(() => json({ ...PULL, head: { ref: 'release/v2.0.0', sha: 'c'.repeat(40) } }))
  expect(await collectPullRequest(contextOf({ apiUrl: moved.url }))).toMatchObject({ blocked: { why: expect.stringContaining('c'.repeat(40)) } })
})
