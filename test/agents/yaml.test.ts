import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { isRecord, readYaml, type YamlProblem } from '../../agents/yaml.ts'

const LIMITS = { text: 200_000, documents: 5 }

function problem(text: string): YamlProblem {
  const file = readYaml(text, LIMITS)
  if ('documents' in file) throw new Error('it was read')
  return file.problem
}

function values(text: string): unknown[] {
  const file = readYaml(text, LIMITS)
  if ('problem' in file) throw new Error(file.problem.message)
  return file.documents.map(({ value }) => value)
}

test('documents, anchors, aliases and merge keys are read; empty documents are none', () => {
  expect(values('a: 1\n---\n---\nb: [x, 2, true, null]\n')).toEqual([{ a: 1 }, { b: ['x', 2, true, null] }])
  expect(values('x: &x { a: 1, b: 2 }\ny: { <<: *x, b: 3 }\nz: { <<: [*x], c: *x }\n')).toEqual([
    { x: { a: 1, b: 2 }, y: { a: 1, b: 3 }, z: { a: 1, b: 2, c: { a: 1, b: 2 } } },
  ])
  expect(values('')).toEqual([])
})

test('the line of a place is that of its key, through lists, aliases and later documents', () => {
  const file = readYaml('a: 1\n---\nb:\n  - c: 1\n  - &x\n    d: 2\ne: *x\n', LIMITS)
  const second = 'documents' in file ? file.documents[1] : undefined
  expect([['b'], ['b', 1, 'd'], ['e', 'd'], ['b', 0, 'nothing'], ['nothing']].map((path) => second?.line(path))).toEqual([3, 6, 6, 4, 3])
})

const laughs = `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefgh'
  .split('')
  .map((name, at) => `${name}: &${name} [${`*${'abcdefg'[at]},`.repeat(9)}]`)
  .join('\n')}\n`

test.each<[string, string, YamlProblem['kind'], number]>([
  ['a doubled key', 'a: 1\nb:\n  c: 1\n  c: 2\n', 'doubled-key', 4],
  ['a bomb of aliases', laughs, 'bomb', 1],
  ['an alias that holds itself', 'a: &a\n  b: *a\n', 'bomb', 2],
  ['an alias of nothing', 'a: *b\n', 'broken', 1],
  ['ten thousand brackets', `a: ${'['.repeat(10_000)}`, 'bomb', 1],
  ['ten thousand dashes', '- '.repeat(10_000), 'bomb', 1],
  ['seventy levels', Array.from({ length: 70 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'), 'bomb', 62],
  ['too many documents', '---\na: 1\n'.repeat(6), 'bomb', 1],
  ['too long a text', `a: ${'x'.repeat(LIMITS.text)}`, 'bomb', 1],
  ['a map as a key', 'a: 1\n{{ b }}: 2\n', 'broken', 2],
  ['a list as a key', '? [a]\n: 1\n', 'broken', 1],
  ['no YAML', 'a: [1,\nb: "', 'broken', 2],
  ['a key that changes what objects are', '__proto__: { a: 1 }\n', 'broken', 1],
])('%s is a problem with its line, and no crash', (_what, text, kind, line) => {
  expect(problem(text)).toMatchObject({ kind, line })
})

test('whatever stands in it, a text is read or has a problem; what was written is what is read', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => Object.keys(readYaml(text, LIMITS)).length === 1))
  const plain = fc
    .jsonValue({ maxDepth: 4 })
    .filter((value) => !JSON.stringify(value).includes('__proto__') && !/"(?:constructor|prototype|<<)"/.test(JSON.stringify(value)))
  fc.assert(
    fc.property(plain, (value) => {
      expect(JSON.stringify(values(stringify({ value }, { version: '1.2' })))).toBe(JSON.stringify([{ value }]))
    }),
    { numRuns: 200 },
  )
})

test('a list is no map', () => {
  expect([{}, [], null, 'a', 1].map(isRecord)).toEqual([true, false, false, false, false])
})
