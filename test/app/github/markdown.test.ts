import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { block, code, inline, marker, prose, visible } from '../../../app/github/markdown.ts'

test.each([
  ['a mention', '@acme/everyone look'],
  ['a command', '/promote 10 plan:0123456789abcdef0123456789abcdef'],
  ['HTML', '<img src=x onerror=alert(1)>'],
  ['a comment', '<!-- release-conductor:status:1 -->'],
  ['an image', '![x](https://evil.example/pixel.png)'],
  ['a bare link', 'https://evil.example'],
  ['a reference', 'fixes #12 and GH-12'],
  ['a fence', '```\n/promote\n```'],
  ['a table', 'a | b'],
  ['bidi', 'abc\u202Edef'],
])('%s has no effect', (_, text) => {
  for (const shown of [inline(text), block(text)]) {
    expect(shown).not.toMatch(/@\w/)
    expect(shown).not.toMatch(/^\//m)
    expect(shown).not.toMatch(/[<>]/)
    expect(shown).not.toMatch(/(^|[^\\])[`[\]!|#*_]/)
    expect(shown).not.toMatch(/:\/\/\w/)
    expect(shown).not.toMatch(/[#-]\d/)
    expect(shown).not.toMatch(/[\u202A-\u202E]/)
  }
})

test('inline is one line, block keeps its lines', () => {
  expect(inline(' a\r\n b ')).toBe('a b')
  expect(block('a\r\n  b')).toBe('a\nb')
  expect(block('1. x')).toBe('1\\. x')
})

test('whatever the text, nothing active is left', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = block(text)
      expect(shown).not.toMatch(/[<>]|^\/|@[^\u2060]|[\u202A-\u202E\u2066-\u2069]/m)
      expect(shown.isWellFormed()).toBe(true)
    }),
  )
})

test('code holds backticks and nothing invisible', () => {
  expect(code('x')).toBe('`x`')
  expect(code('a`b')).toBe('``a`b``')
  expect(code('`a`')).toBe('`` `a` ``')
  expect(code('')).toBe('` `')
  expect(code('a|b\n\u200Bc')).toBe('`a\\|b c`')
})

test('visible keeps letters and line ends', () => {
  expect(visible('a\u0000\u200B\u2028b\r\nc\uD800')).toBe('a   b\nc\uFFFD')
})

test('a marker cannot be closed from inside', () => {
  expect(marker('status:12')).toBe('<!-- release-conductor:status:12 -->')
  expect(marker('x --> @all <b>')).not.toMatch(/-->.*-->/)
})

test('a marker quoted as code is not a marker', () => {
  expect(code('/hold <!-- release-conductor:status:3 -->')).not.toContain('<!--')
})

test.each([
  ['add (beta) support for foo-bar & co, v2.0!', 'add (beta) support for foo-bar & co, v2.0!'],
  ['snake_case and _emphasis_', 'snake_case and \\_emphasis\\_'],
  ['`code` **bold** [link](x) <b>', '\\`code\\` \\*\\*bold\\*\\* \\[link\\](x) \\<b>'],
  ['# heading', '\\# heading'],
  ['- [ ] task', '\\- \\[ \\] task'],
  ['1. one', '1\\. one'],
  ['/promote', '\\/promote'],
  ['&lt; <!-- x -->', '\\&lt; \\<\u2060!-- x -->'],
  ['@acme #1 GH-1 https://x www.x', '@\u2060acme #\u20601 GH-\u20601 https:\u2060//x www\u2060.x'],
  ['a\r\nb \u202Ec', 'a b c'],
])('%j as prose is %j', (text, shown) => {
  expect(prose(text)).toBe(shown)
})
