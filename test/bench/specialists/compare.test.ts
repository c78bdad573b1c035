import { expect, test } from 'vitest'
import { compare, recallOf } from './compare.ts'

const seen = (file: string, name: string) => ({ file, class: name })

test('each class apart, a file once, whoever says it how often', () => {
  const [root, pin] = compare(
    ['root', 'pin'],
    [seen('a', 'root'), seen('a', 'root'), seen('b', 'root'), seen('a', 'pin')],
    [seen('b', 'root'), seen('c', 'root')],
  )
  expect(root).toEqual({ class: 'root', both: 1, onlyOurs: ['a'], onlyTheirs: ['c'] })
  expect(root === undefined ? null : recallOf(root)).toBe(50)
  expect(pin === undefined ? null : recallOf(pin)).toBe(100)
})
