import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { openRelease, REPO, SECRET, stage, type Stage } from './stage.ts'

const talk = async (on: Stage, times: number): Promise<void> => {
  const { number } = await openRelease(on)
  for (let count = 0; count < times; count++) await on.github.as('dev').comment(REPO, number, `comment ${count}`)
  await on.github.settled()
}

test('signed over the raw bytes, with the headers of GitHub, and logged', async () => {
  await using on = await stage()
  await talk(on, 1)
  expect(new Set(on.heard.map((one) => one.event))).toEqual(new Set(['installation', 'push', 'check_suite', 'pull_request', 'issue_comment']))
  for (const one of on.heard) expect(one.signature).toBe(`sha256=${createHmac('sha256', SECRET).update(one.body).digest('hex')}`)
  const { data } = await on.call(on.jwt(), 'GET', '/app/hook/deliveries')
  expect(data).toHaveLength(on.heard.length)
  expect(data).toMatchObject(on.heard.map(() => ({ status: 'OK', status_code: 202, redelivery: false })))
  on.github.assertClean()
})

test('a lost delivery is in the log, is not found by status=failure, and comes again with the same GUID', async () => {
  await using on = await stage({ faults: { webhooks: { lose: 1 } } })
  await talk(on, 1)
  expect(on.heard).toHaveLength(0)
  const deliveries = '/app/hook/deliveries'
  expect((await on.call(on.jwt(), 'GET', `${deliveries}?status=failure`)).data).toEqual([])
  const [latest] = (await on.call(on.jwt(), 'GET', `${deliveries}?per_page=1`)).data as { id: number; guid: string; status: string }[]
  expect(latest?.status).toBe('failed to connect to host')
  expect((await on.call(on.jwt(), 'POST', `${deliveries}/${latest?.id}/attempts`)).status).toBe(202)
  await on.github.settled()
  expect(on.heard.map((one) => one.guid)).toEqual([latest?.guid])
  on.github.assertClean()
})

const choices = async (seed: number): Promise<unknown> => {
  await using on = await stage({ seed, faults: { webhooks: { lose: 0.3, repeat: 0.3, reorder: 0.3, delayMs: 5 } } })
  await talk(on, 8)
  const repeated = on.heard.length - new Set(on.heard.map((one) => one.guid)).size
  expect(repeated).toBe(on.github.decisions.filter((one) => one.repeated && !one.lost).length)
  on.github.assertClean()
  return on.github.decisions
}

test('the seed chooses the faults: same seed, same choices; another seed, others', async () => {
  const first = await choices(7)
  expect(await choices(7)).toEqual(first)
  expect(await choices(8)).not.toEqual(first)
})

test('held deliveries arrive after later ones', async () => {
  await using on = await stage()
  const { number } = await openRelease(on)
  await on.github.settled()
  on.heard.length = 0
  on.github.setFaults({ webhooks: { reorder: 1 } })
  await on.github.as('dev').comment(REPO, number, 'first')
  on.github.setFaults({})
  await on.github.as('dev').comment(REPO, number, 'second')
  await on.github.settled()
  expect(on.heard.map((one) => (one.payload['comment'] as { body: string }).body)).toEqual(['second', 'first'])
})

test('effects that fail before or after: 502 both times, one with the effect', async () => {
  await using on = await stage()
  const { number } = await openRelease(on)
  const path = `/repos/${REPO}/issues/${number}/comments`
  const dev = on.github.as('dev')
  on.github.faultNext('POST', /comments$/, 'before')
  expect((await dev.request('POST', path, { body: 'lost' })).status).toBe(502)
  expect((await dev.request('GET', path)).data).toHaveLength(0)
  on.github.faultNext('POST', /comments$/, 'after')
  expect((await dev.request('POST', path, { body: 'kept' })).status).toBe(502)
  expect((await dev.request('GET', path)).data).toMatchObject([{ body: 'kept' }])
  on.github.setFaults({ api: { failBefore: 1, only: /^DELETE / } })
  expect((await dev.request('GET', path)).status).toBe(200)
  on.github.assertClean()
})

test('comments: edits carry what was, deletions too; the body has a limit', async () => {
  await using on = await stage()
  const { number } = await openRelease(on)
  const dev = on.github.as('dev')
  const { id } = await dev.comment(REPO, number, '/status')
  const edited = await on.github.as('boss').editComment(REPO, id, '/promote')
  expect(edited['updated_at']).not.toBe(edited['created_at'])
  await dev.deleteComment(REPO, id)
  expect((await dev.request('POST', `/repos/${REPO}/issues/${number}/comments`, { body: 'x'.repeat(65_537) })).status).toBe(422)
  await on.github.settled()
  const comments = on.heard
    .filter((one) => one.event === 'issue_comment')
    .map((one) => [one.payload['action'], one.payload['changes'] ?? null, (one.payload['sender'] as { login: string }).login])
  expect(comments).toEqual([
    ['created', null, 'dev'],
    ['edited', { body: { from: '/status' } }, 'boss'],
    ['deleted', null, 'dev'],
  ])
  on.github.assertClean()
})
