import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readDocument } from '../../../evidence/config/document.ts'

test('places are those of the file', () => {
  const document = readDocument('a: 1\nb:\n  c: [x, y]\n')
  if (!document.ok) throw new Error('refused')
  expect(document.value).toEqual({ a: 1, b: { c: ['x', 'y'] } })
  expect(document.places.key(['b', 'c'])).toEqual({ line: 3, column: 3 })
  expect(document.places.value(['b', 'c', 1])).toEqual({ line: 3, column: 10 })
  expect(document.places.value(['b', 'nowhere', 'else'])).toEqual({ line: 2, column: 1 })
})

test('whatever the text, the answer is data or problems, never a throw, and never a poisoned object', () => {
  const piece = fc.constantFrom(
    'a',
    ':',
    ' ',
    '\n',
    '-',
    '[',
    ']',
    '{',
    '}',
    '&x',
    '*x',
    '<<',
    '!!js',
    '"',
    "'",
    '#',
    '__proto__',
    '\t',
    '?',
    '|',
    '>',
    '1',
    '%',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const document = readDocument(pieces.join(''))
      return document.ok ? !/[{,]"__proto__":/.test(JSON.stringify(document.value)) : document.problems.length > 0
    }),
    { numRuns: 500 },
  )
  expect(Object.keys(Object.prototype)).toEqual([])
})
