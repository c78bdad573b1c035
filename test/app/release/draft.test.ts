import { expect, test } from 'vitest'
import { Draft } from '../../../app/release/draft.ts'
import type { Effect } from '../../../app/release/ports.ts'
import { NOW, recordOf, rowOf } from '../../support/release.ts'

const TAG: Effect = { kind: 'tag.create', key: '7#3/tag', tag: 'v2.0.0', sha: '1'.repeat(40) }

function draftOf(rows: ReturnType<typeof rowOf>[] = []): Draft {
  return new Draft(recordOf(), new Map(rows.map((row) => [row.key, row])))
}

test('an effect is wanted once, and answers its outcome when it has one', () => {
  const draft = draftOf()
  expect(draft.ensure(TAG)).toBeNull()
  expect(draft.ensure(TAG)).toBeNull()
  expect(draft.intents).toEqual([TAG])
  const done = draftOf([rowOf(TAG, { id: 9 })])
  expect(done.ensure(TAG)).toEqual({ id: 9 })
  expect(done.intents).toEqual([])
  expect([done.outcome(TAG.key), done.outcome('other')]).toEqual([{ id: 9 }, null])
})

test('it changes a copy: the record it was made from stays', () => {
  const record = recordOf()
  const draft = new Draft(record, new Map())
  draft.data.reruns = { P0: { times: 5, at: 0 } }
  draft.data.completed.push('prod')
  expect(record.data).toMatchObject({ reruns: {}, completed: [] })
  expect(draft.changed).toBe(true)
})

test('nothing touched is nothing changed; each touch is', () => {
  expect(draftOf().changed).toBe(false)
  const touches: ((draft: Draft) => void)[] = [
    (draft) => draft.move('ready', 'x'),
    (draft) => draft.note('x', {}),
    (draft) => draft.lookAgainAt(NOW),
    (draft) => void draft.ensure(TAG),
    (draft) => {
      draft.head = '2'.repeat(40)
    },
    (draft) => {
      draft.base = 'develop'
    },
  ]
  for (const touch of touches) {
    const draft = draftOf()
    touch(draft)
    expect(draft.changed).toBe(true)
  }
})

test('to stay is no event; what the table forbids is an error', () => {
  const draft = draftOf()
  draft.move('proving', 'x')
  expect(draft.events).toEqual([])
  expect(() => draft.move('ga', 'x')).toThrow(expect.objectContaining({ code: 'no-such-transition' }))
  expect(draft.state).toBe('proving')
})

test('of all wishes for another look the earliest counts', () => {
  const draft = draftOf()
  for (const at of [NOW + 5, NOW + 3, NOW + 9]) draft.lookAgainAt(at)
  expect(draft.record().dueAt).toBe(NOW + 3)
})
