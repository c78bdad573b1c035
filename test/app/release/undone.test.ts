import { expect, test } from 'vitest'
import { REPLACED } from '../../../app/release/outbox.ts'
import type { Effect, OutboxRow } from '../../../app/release/ports.ts'
import { undoneOf } from '../../../app/release/undone.ts'
import { fullOf, HEAD, NOW, recordOf, rowOf, Story } from '../../support/release.ts'

const MINUTE_MS = 60_000
const run = (head: string): Effect => ({
  kind: 'workflow.dispatch',
  key: `7#3/evidence/P0/${head.slice(0, 12)}/abc/0`,
  workflow: 'release-conductor.yml',
  ref: 'main',
  inputs: { phase: 'P0' },
})
const check = (sha: string): Effect => ({
  kind: 'check.create',
  key: `check ${sha}`,
  sha,
  name: 'n',
  externalId: 'e',
  output: { title: '', summary: '' },
})
const tag: Effect = { kind: 'tag.create', key: 'tag', tag: 'v2.0.0', sha: HEAD }
const failed = (effect: Effect, over: Partial<OutboxRow> = {}): OutboxRow =>
  rowOf(effect, null, { state: 'failed', error: 'GitHub answered 403: no', attempts: 5, ...over })
const said = (row: OutboxRow, now = NOW): string => undoneOf([row], HEAD, now).map(({ what, why, next }) => `${what}: ${why}. ${next}`)[0] ?? ''

test('what was given up is named with what it was, why, and what to do', () => {
  expect(said(failed(run(HEAD)))).toBe(
    'release-conductor.yml could not be started: GitHub answered 403: no. It is not tried again. Mend that, then /rerun all.',
  )
  expect(said(failed(check(HEAD)))).toContain('push a commit')
  expect(said(failed(tag))).toContain('A tag could not be made')
})

test('what was replaced, done, or wanted of another commit is not', () => {
  for (const row of [
    failed(tag, { error: REPLACED }),
    rowOf(tag, { id: 1 }),
    failed(check('0'.repeat(40))),
    failed(run('0'.repeat(40))),
    rowOf(tag, null, { state: 'started', error: '502' }),
  ])
    expect(said(row)).toBe('')
})

test('what is refused is named after a minute, while it is still tried', () => {
  const row = rowOf(tag, null, { state: 'started', error: 'GitHub answered 403: no', attempts: 3, refusedSince: NOW })
  expect(said(row, NOW + MINUTE_MS - 1)).toBe('')
  expect(said(row, NOW + MINUTE_MS)).toBe('A tag could not be made: GitHub answered 403: no. It is tried again; mend it within an hour.')
})

test('the status comment says it, and nothing in it is a command', () => {
  const story = new Story(recordOf({ state: 'proving' }))
  story.rows.set('tag', failed(tag))
  story.look(fullOf())
  const body = story.effects('comment.write').at(-1)?.body ?? ''
  expect(body).toMatch(/> - \*\*A tag could not be made\*\*: GitHub answered 403: no/)
  expect(body.split('\n').filter((line) => line.startsWith('/'))).toEqual([])
})
