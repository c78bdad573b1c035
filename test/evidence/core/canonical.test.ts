import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalize } from '../../../evidence/core/canonical.ts'
import { CoreError } from '../../../evidence/core/error.ts'
import { digestOf } from '../../../evidence/core/digest.ts'

const vectors = join(process.env['CORPORA'] ?? resolve('../shared/corpora'), 'jcs/testdata')

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

  test('gives the published vectors of RFC 8785 byte for byte, where the corpora are', () => {
    const names = existsSync(vectors) ? readdirSync(join(vectors, 'input')) : []
    const made = names.map((name) => Buffer.from(canonicalize(JSON.parse(readFileSync(join(vectors, 'input', name), 'utf8')))).toString('hex'))
    const expected = names.map((name) =>
      readFileSync(join(vectors, 'outhex', name.replace('.json', '.txt')), 'utf8')
        .trim()
        .split(/\s+/)
        .join(''),
    )
    expect(made).toEqual(expected)
    expect(names.length >= 6 || process.env['CORPORA'] === undefined).toBe(true)
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
