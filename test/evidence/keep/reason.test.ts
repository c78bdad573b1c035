import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inline } from '../../../app/github/markdown.ts'
import { printable } from '../../../app/cli/output.ts'
import { KeepError } from '../../../evidence/keep/error.ts'
import { csvCell, readName, readReason } from '../../../evidence/keep/reason.ts'

describe('a reason', () => {
  test.each([
    'ten digits',
    'the auditor asked for it',
    '=HYPERLINK("http://evil.example","x")',
    '@org/all please look at this',
    '<script>alert(1)</script> why',
    '監査のために読みます、四半期の分',
  ])('%j is kept as it is', (text) => {
    expect(readReason(text)).toBe(text)
  })

  test.each([
    ['none', undefined],
    ['too short', 'because'],
    ['nine characters', '123456789'],
    ['only spaces', '             '],
    ['only marks', '!!!!!!!!!!!!'],
    ['501 characters', 'a'.repeat(501)],
    ['a colour', 'why \u001b[31mred\u001b[0m not'],
    ['a second line', 'the first line\nthe second line'],
    ['reversed text', 'the auditor \u202easked\u202c for it'],
    ['a zero-width space', 'the auditor\u200b asked'],
    ['a lone surrogate', 'the auditor \ud800 asked'],
    ['a blank letter', 'the auditor \u3164 asked'],
  ])('%s: refused', (_what, text) => {
    expect(readReason(text)).toMatchObject({ name: 'KeepError', code: 'reason' })
  })

  test('its length is counted in characters, not in units', () => {
    expect(readReason('😀'.repeat(9) + 'a')).toBe('😀'.repeat(9) + 'a')
    expect(readReason('a' + '😀'.repeat(500))).toBeInstanceOf(KeepError)
  })

  test('whatever is accepted can be seen: no control, format or surrogate character', () => {
    const odd: string[] = []
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const reason = readReason(text)
        if (!(reason instanceof KeepError) && (/[\p{C}\p{Zl}\p{Zp}]/u.test(reason) || Array.from(reason).length < 10)) odd.push(reason)
      }),
      { numRuns: 1000 },
    )
    expect(odd).toEqual([])
  })
})

test('a name is one visible line', () => {
  expect(readName(' alice@example.com ')).toBe('alice@example.com')
  for (const name of ['', '  ', 'a\nb', 'a'.repeat(101), 'a\u202eb']) expect(readName(name)).toMatchObject({ code: 'actor' })
})

describe('where it is shown it does nothing', () => {
  const PAYLOADS = [
    '=HYPERLINK("http://evil.example")',
    '+1+1 is a formula',
    '-1+1 is a formula',
    '@SUM(A1:A9) is one',
    '|cmd is one too',
    '%0A is another',
  ]

  test.each(PAYLOADS)('%j is no formula in a spreadsheet', (text) => {
    expect(csvCell(text)).toMatch(/^"'/)
    expect(csvCell('say "so"')).toBe('"say ""so"""')
    expect(csvCell(' =1+1')).toMatch(/^"'/)
  })

  test('Markdown, mentions and HTML stay text in a comment', () => {
    const shown = inline('@acme/all <img src=x> [a](http://evil.example) **b** #1')
    expect(shown).not.toMatch(/@acme|<img|\]\(http|(?<!\\)\*\*/)
  })

  test('a terminal is never steered', () => {
    expect(printable('a \u001b[2J b \u202e c')).toBe('a \ufffd[2J b \ufffd c')
  })
})
