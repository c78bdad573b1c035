import { expect, test } from 'vitest'
import { githubEffects, type GitHubEffect } from '../../../../app/github/apply/index.ts'
import { APP_ID, REPOSITORY, scripted } from '../scripted.ts'

const MARKER = '<!-- release-conductor:status -->'
const LIST = '/repos/acme/shop/issues/3/comments'

function edit(comment: number, body: string): GitHubEffect {
  return { kind: 'comment.write', key: `edit ${body}`, pull: 3, comment, marker: MARKER, body }
}

/** One pull request of which only comment 8 is left, until another is written: that gets the number 9. */
async function withoutTheFirst(bodyOfOurs: string) {
  const at = { created_at: '2026-03-01T12:00:00Z', updated_at: '2026-03-01T12:00:00Z' }
  const ours = { id: 8, node_id: 'IC_8', body: bodyOfOurs, user: null, performed_via_github_app: { id: APP_ID }, ...at }
  const fresh: { body: string | null } = { body: null }
  const shown = (): object[] => [ours, ...(fresh.body === null ? [] : [{ ...ours, id: 9, body: fresh.body }])]
  const github = await scripted(({ method, path, json }) => {
    if (path === LIST && method === 'POST') {
      fresh.body = String((json as { body?: unknown }).body)
      return { status: 201, body: { ...ours, id: 9, body: fresh.body } }
    }
    if (path === LIST) return { body: shown() }
    if (path.endsWith('/comments/9') && fresh.body !== null) {
      if (method === 'PATCH') fresh.body = String((json as { body?: unknown }).body)
      return { body: { ...ours, id: 9, body: fresh.body } }
    }
    return { status: 404, body: { message: 'Not Found' } }
  })
  return { github, effects: githubEffects(github.client) }
}

test('what somebody deleted is written anew, once, and edited from then on', async () => {
  const { github, effects } = await withoutTheFirst('Of another matter.')
  await using _ = github
  expect(await effects.find(REPOSITORY, edit(7, 'Second.'))).toBeNull()
  expect(await effects.perform(REPOSITORY, edit(7, 'Second.'))).toEqual({ id: 9 })
  expect(await effects.find(REPOSITORY, edit(7, 'Second.'))).toEqual({ id: 9 })
  expect(await effects.find(REPOSITORY, edit(7, 'Third.'))).toBeNull()
  expect(await effects.perform(REPOSITORY, edit(9, 'Third.'))).toEqual({ id: 9 })
  expect(github.asked.filter(({ method }) => method === 'POST')).toHaveLength(1)
})
