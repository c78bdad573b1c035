import { expect, test } from 'vitest'
import { compare, differencesOf, judged } from './compare.ts'
import { elsewhere, ourAlarm, theirAlarm, theyMiss, weMiss } from './explained.ts'

const where = (file: string | RegExp) => ({ class: 'root', file })
const seen = (file: string, name: string) => ({ file, class: name })

test('each class apart, a file once, whoever says it how often', () => {
  const [root, pin] = compare(
    ['root', 'pin'],
    [seen('a', 'root'), seen('a', 'root'), seen('b', 'root'), seen('a', 'pin')],
    [seen('b', 'root'), seen('c', 'root')],
  )
  expect(root).toEqual({ class: 'root', both: 1, onlyOurs: ['a'], onlyTheirs: ['c'] })
  expect(pin).toEqual({ class: 'pin', both: 0, onlyOurs: ['a'], onlyTheirs: [] })
})

test('of all faults the share that each sees, and what each calls a fault that is none', () => {
  const ours = ['both', 'missed by them', 'ours is none'].map((file) => seen(file, 'root'))
  const theirs = ['both', 'missed by us', 'theirs is none', 'said elsewhere', 'nobody said'].map((file) => seen(file, 'root'))
  const [root] = compare(['root'], ours, theirs)
  if (root === undefined) throw new Error('one class was asked for')
  const differences = differencesOf(
    [root],
    [
      ...theyMiss('a', where('missed by them')),
      ...weMiss('b', where('missed by us')),
      ...ourAlarm('c', where(/^ours/)),
      ...theirAlarm('d', where('theirs is none')),
      ...elsewhere('theirs', 'e', where('said elsewhere')),
    ],
  )
  expect(judged(root, differences)).toEqual({
    class: 'root',
    both: 1,
    ours: { only: 2, falseAlarms: 1, recall: (100 * 2) / 3 },
    theirs: { only: 4, falseAlarms: 1, recall: (100 * 2) / 3 },
    unexplained: 1,
  })
})

test('the first reason that fits is taken; one of another side or class does not fit', () => {
  const compared = compare(['root'], [seen('a', 'root')], [])
  const reasons = [
    ...weMiss('other side', { class: 'root', file: 'a' }),
    ...theyMiss('other class', { class: 'pin', file: 'a' }),
    ...ourAlarm('this', { class: null, file: null }),
    ...theyMiss('too late', { class: 'root', file: 'a' }),
  ]
  expect(differencesOf(compared, reasons).map(({ reason }) => reason?.why)).toEqual(['this'])
})

test('where nobody sees anything, nobody misses anything', () => {
  const [nothing] = compare(['root'], [], [])
  if (nothing === undefined) throw new Error('one class was asked for')
  expect(judged(nothing, [])).toMatchObject({ ours: { recall: 100 }, theirs: { recall: 100 } })
})
