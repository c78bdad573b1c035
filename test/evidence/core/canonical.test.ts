import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { CoreError } from '../../../evidence/core/error.ts'
import { digestOf } from '../../../evidence/core/digest.ts'

/** Text of JSON -> its one canonical text; by hand, from the rules of RFC 8785 section 3.2. */
const WHOLE: readonly (readonly [string, string, string])[] = [
  ['white space goes, order of items stays', '[ 56,\n\t{ "d" : true, "10" : null, "1" : [ ] } ]', '[56,{"1":[],"10":null,"d":true}]'],
  ['capitals before small letters, accents after both', '{"é":1,"e":2,"E":3,"f":4,"":5}', '{"":5,"E":3,"e":2,"f":4,"é":1}'],
  ['members inside members', '{"b":{"z":{"y":[{"x":2,"w":1}]},"a":0},"a":{}}', '{"a":{},"b":{"a":0,"z":{"y":[{"w":1,"x":2}]}}}'],
  ['no normal form is made of letters', String.raw`{"A\u030a":"\u00c5"}`, '{"A\u030a":"\u00c5"}'],
  [
    'only what must be escaped is',
    String.raw`["\u007f\u2028\/\u003c", "\u0008\u0009\u000b\u000c\u000d\u001f"]`,
    '["\u007f\u2028/<","\\b\\t\\u000b\\f\\r\\u001f"]',
  ],
  [
    'a key that looks like markup, a key that looks like a number',
    '{"</script>":"\u20ac","-0":-0,"1e1":1e1}',
    '{"-0":0,"1e1":10,"</script>":"\u20ac"}',
  ],
  ['one number, many spellings', '[1.0, 1e0, 10E-1, 0.1e1, -0.0, 0e9]', '[1,1,1,1,0,0]'],
  ['a bare value', ' "a" ', '"a"'],
]

describe('canonicalize', () => {
  test('numbers as RFC 8785 appendix B says', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['0000000000000000', '0'],
      ['8000000000000000', '0'],
      ['0000000000000001', '5e-324'],
      ['8000000000000001', '-5e-324'],
      ['7fefffffffffffff', '1.7976931348623157e+308'],
      ['4340000000000000', '9007199254740992'],
      ['c340000000000000', '-9007199254740992'],
      ['4430000000000000', '295147905179352830000'],
      ['44b52d02c7e14af5', '9.999999999999997e+22'],
      ['44b52d02c7e14af6', '1e+23'],
      ['444b1ae4d6e2ef4f', '999999999999999900000'],
      ['444b1ae4d6e2ef50', '1e+21'],
      ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
      ['3eb0c6f7a0b5ed8d', '0.000001'],
      ['41b3de4355555553', '333333333.3333332'],
      ['41b3de4355555555', '333333333.3333333'],
      ['becbf647612f3696', '-0.0000033333333333333333'],
      ['43143ff3c1cb0959', '1424953923781206.2'],
    ]
    for (const [bits, text] of cases) expect([bits, canonicalize(Buffer.from(bits, 'hex').readDoubleBE())]).toEqual([bits, text])
  })

  test('members as RFC 8785 section 3.2.3 sorts them: by UTF-16 code units', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji',
      '\u0080': 'Control',
      '\u00f6': 'o',
    }
    expect(Object.keys(JSON.parse(canonicalize(value)) as object).length).toBe(7)
    const order = ['"\\r"', '"1"', '"\u0080"', '"\u00f6"', '"\u20ac"', '"\ud83d\ude00"', '"\ufb33"'].map((key) => canonicalize(value).indexOf(key))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(order.every((at) => at >= 0)).toBe(true)
  })

  test('strings are escaped as the RFC says', () => {
    expect(canonicalize('\u20ac$\u000f\nA\'B"\\\\"/')).toBe(String.raw`"€$\u000f\nA'B\"\\\\\"/"`)
  })

  test.each([
    ['undefined', undefined],
    ['NaN', Number.NaN],
    ['Infinity', [Number.POSITIVE_INFINITY]],
    ['a bigint', 1n],
    ['a function', { a: () => 1 }],
    ['a symbol', Symbol('a')],
    ['a lone surrogate', '\ud800'],
    ['a lone surrogate in a key', { '\udc00': 1 }],
    ['undefined in an array', [undefined]],
    ['a hole in an array', Array.from({ length: 2 }).concat([1])],
    ['a Date', new Date(0)],
    ['a Map', new Map()],
    ['bytes', new Uint8Array(2)],
  ])('refuses %s', (_name, value) => {
    expect(() => canonicalize(value)).toThrow(CoreError)
  })

  test('refuses a value that holds itself', () => {
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    expect(() => canonicalize(circle)).toThrow(expect.objectContaining({ code: 'too-deep' }))
  })

  test('an undefined member is absent, as it is after a trip through JSON', () => {
    expect(canonicalize({ a: undefined, b: 1 })).toBe('{"b":1}')
  })

  test('is JSON, is stable, and forgets the order of members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalize(value)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalize(JSON.parse(text))).toBe(text)
        expect(digestOf(reversed(value))).toBe(digestOf(value))
      }),
    )
  })

  test.each(WHOLE)('whole texts: %s', (_name, text, canonical) => {
    expect(canonicalize(JSON.parse(text))).toBe(canonical)
    expect(canonicalize(JSON.parse(canonical))).toBe(canonical)
  })

  test('the sample of RFC 8785 section 3.2.4, byte for byte', () => {
    const text = String.raw`{ "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false] }`
    const expected = [
      '7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333333333332c31652b3330',
      '2c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d',
    ]
    expect(Buffer.from(canonicalize(JSON.parse(text))).toString('hex')).toBe(expected.join(''))
  })
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member)]),
  )
}
