import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { CoreError, type CoreErrorCode } from '../../../evidence/core/error.ts'
import { parseJson } from '../../../evidence/core/json.ts'

const parse = (text: string): unknown => parseJson(Buffer.from(text))

function codeOf(act: () => unknown): CoreErrorCode | 'no error' {
  try {
    act()
    return 'no error'
  } catch (error) {
    if (error instanceof CoreError) return error.code
    throw error
  }
}

const REFUSED: readonly (readonly [string, CoreErrorCode])[] = [
  ['', 'malformed'],
  [' ', 'malformed'],
  ['{} {}', 'malformed'],
  ['[1,]', 'malformed'],
  ['[1 2]', 'malformed'],
  ['[', 'malformed'],
  ['{"a":1,}', 'malformed'],
  ['{"a"}', 'malformed'],
  ['{a:1}', 'malformed'],
  ['{"a":1', 'malformed'],
  ["'a'", 'malformed'],
  ['"a', 'malformed'],
  ['"a\\', 'malformed'],
  ['"\\x"', 'malformed'],
  ['"\\u12"', 'malformed'],
  ['"a\nb"', 'malformed'],
  ['tru', 'malformed'],
  ['nul', 'malformed'],
  ['NaN', 'malformed'],
  ['Infinity', 'malformed'],
  ['01', 'malformed'],
  ['1.', 'malformed'],
  ['.5', 'malformed'],
  ['+1', 'malformed'],
  ['-', 'malformed'],
  ['0x10', 'malformed'],
  ['\ufeff{}', 'malformed'],
  ['\u00a0{}', 'malformed'],
  ['/* c */ {}', 'malformed'],
  ['{"a":1,"a":1}', 'duplicate-key'],
  ['{"a":1,"\\u0061":2}', 'duplicate-key'],
  ['[{"b":{"x":1,"y":2,"x":3}}]', 'duplicate-key'],
  ['{"__proto__":{}}', 'forbidden-key'],
  ['{"\\u005f_proto__":{}}', 'forbidden-key'],
  ['{"constructor":1}', 'forbidden-key'],
  ['[{"prototype":1}]', 'forbidden-key'],
  ['9007199254740992', 'unsafe-number'],
  ['9007199254740993', 'unsafe-number'],
  ['-9007199254740992', 'unsafe-number'],
  ['1e400', 'unsafe-number'],
  ['1E30', 'unsafe-number'],
  ['1e-400', 'unsafe-number'],
  [`0.${'1'.repeat(500)}`, 'unsafe-number'],
  ['"\\ud800"', 'lone-surrogate'],
  ['{"\\udc00":1}', 'lone-surrogate'],
  ['"\\udc00\\ud800"', 'lone-surrogate'],
]

const nested = (depth: number): Uint8Array => Buffer.from('['.repeat(depth) + ']'.repeat(depth))

describe('parseJson', () => {
  test.each(REFUSED)('refuses %j as %s', (text, code) => {
    expect(codeOf(() => parse(text))).toBe(code)
  })

  test.each([
    ['overlong', [0x22, 0xc0, 0xaf, 0x22]],
    ['a lone continuation', [0x22, 0x80, 0x22]],
    ['a surrogate in UTF-8', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a cut sequence', [0x22, 0xe2, 0x82]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00]],
  ])('refuses bytes that are not UTF-8: %s', (_name, bytes) => {
    expect(codeOf(() => parseJson(Uint8Array.from(bytes)))).toBe('not-utf8')
  })

  test('the largest safe integers pass, with every JSON space around them', () => {
    expect(parse(' \t\r\n[9007199254740991 ,\n-9007199254740991, -0, 0.1, 1e3, 0e999]\n')).toEqual([
      9007199254740991, -9007199254740991, -0, 0.1, 1000, 0,
    ])
  })

  test('depth is counted at its boundary', () => {
    expect(parseJson(nested(5), { maxDepth: 5 })).toEqual([[[[[]]]]])
    expect(codeOf(() => parseJson(nested(6), { maxDepth: 5 }))).toBe('too-deep')
    expect(codeOf(() => parseJson(Buffer.from('['.repeat(1_000_000))))).toBe('too-deep')
    expect(codeOf(() => parseJson(Buffer.from('{"a":'.repeat(1_000_000))))).toBe('too-deep')
  })

  test('bytes are counted at their boundary', () => {
    expect(parseJson(Buffer.from('"é"'), { maxBytes: 4 })).toBe('é')
    expect(codeOf(() => parseJson(Buffer.from('"é"'), { maxBytes: 3 }))).toBe('too-large')
  })

  test('answers what JSON.parse answers on every safe value, and round-trips through the canonical form', () => {
    fc.assert(
      fc.property(safeJson, fc.nat(2), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        const read = parse(text)
        expect(read).toEqual(JSON.parse(text))
        const canonical = canonicalize(read)
        expect(canonicalize(parse(canonical))).toBe(canonical)
      }),
      { numRuns: 500 },
    )
  })

  test('never accepts what JSON.parse refuses, and throws nothing but CoreError', () => {
    const noise = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '1', '-', 'e', '.', '\\', 'u', 'true', ' '), { maxLength: 12 })
        .map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(noise, (text) => {
        if (codeOf(() => parse(text)) !== 'no error') return
        expect(parse(text)).toEqual(JSON.parse(text))
      }),
      { numRuns: 3000 },
    )
  })

  test('a hostile megabyte is refused', () => {
    expect(codeOf(() => parse(`"${'a'.repeat(1_000_000)}`))).toBe('malformed')
    expect(codeOf(() => parse('1'.repeat(1_000_000)))).toBe('unsafe-number')
  })
})

const safeJson = fc
  .jsonValue({ maxDepth: 4 })
  .filter((value) => !/"(?:__proto__|constructor|prototype)"/.test(JSON.stringify(value)))
  .filter((value) => !hasUnsafeNumber(value))

function hasUnsafeNumber(value: unknown): boolean {
  if (typeof value === 'number') return Math.abs(value) > Number.MAX_SAFE_INTEGER
  return typeof value === 'object' && value !== null && Object.values(value).some(hasUnsafeNumber)
}

/** A number that no writer writes so: it forces the strict way for all that stands beside it. */
const strictly = (text: string): unknown => (parse(`[1.0,${text}]`) as readonly unknown[])[1]
const answer = (read: () => unknown): unknown => {
  try {
    return read()
  } catch (error) {
    if (error instanceof CoreError) return error.code
    throw error
  }
}

describe('the short way and the strict one', () => {
  const space = fc.constantFrom('', '', ' ', '\n', '\t', '\r\n  ')
  const leaf = fc.constantFrom(
    '1',
    '-1',
    '0',
    '-0',
    '1.0',
    '1.5',
    '1e2',
    '9007199254740993',
    'true',
    'null',
    '""',
    '"a"',
    '"\\u0061"',
    '"\\\\"',
    '"\\""',
    '"a b"',
    '"\\ud800"',
    '" \\n "',
    '"é"',
  )
  const key = fc.constantFrom('"a"', '"b"', '"\\u0061"', '"1"', '"0"', '"__proto__"', '"\\\\"')
  const { value } = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc
        .tuple(space, fc.array(fc.tuple(space, tie('value'), space), { maxLength: 3 }))
        .map(([gap, all]) => `[${gap}${all.map((each) => each.join('')).join(',')}]`),
      fc
        .tuple(space, fc.array(fc.tuple(space, key, space, space, tie('value'), space), { maxLength: 3 }))
        .map(([gap, all]) => `{${gap}${all.map(([a, name, b, c, of, d]) => `${a}${name}${b}:${c}${of}${d}`).join(',')}}`),
    ),
  }))

  test('say the same of text with space anywhere', () => {
    fc.assert(
      fc.property(value, (text) => {
        expect(answer(() => parse(text))).toEqual(answer(() => strictly(text)))
      }),
      { numRuns: 5000 },
    )
  })

  test.each([
    '{ "a": 1, "a": 1 }',
    '{\n  "a": 1,\n  "a": 2\n}\n',
    '[ 1.0 ]',
    '[ -0 ]',
    '{ "__proto__": 1 }',
    '[ "\\u0061" ]',
    '{ "b": 1, "1": 2 }',
    '[ " 1 " ]',
  ])('%j', (text) => {
    expect(answer(() => parse(text))).toEqual(answer(() => strictly(text)))
  })
})
