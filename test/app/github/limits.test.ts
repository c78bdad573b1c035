import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEPLOYMENT_DESCRIPTION, ISSUE_TITLE, LONG_TEXT, fit, fitLine, fitOutput } from '../../../app/github/limits.ts'

describe('the long limit', () => {
  test.each([
    ['one less', 'x'.repeat(LONG_TEXT - 1), false],
    ['exactly', 'x'.repeat(LONG_TEXT), false],
    ['one more', 'x'.repeat(LONG_TEXT + 1), true],
    ['exactly by bytes', 'é'.repeat(32_767) + 'x', false],
    ['one more by bytes', 'é'.repeat(32_768), true],
  ])('%s', (_, text, isCut) => {
    const result = fit(text, LONG_TEXT)
    expect(result === text).toBe(!isCut)
    expect(result.endsWith('evidence pack.')).toBe(isCut)
    expect(Buffer.byteLength(result)).toBeLessThanOrEqual(LONG_TEXT)
  })
})

test('whole lines are left, so that what was code in its line stays code', () => {
  const result = fit(`Whole.\n\`${'@acme/all '.repeat(10_000)}\``, LONG_TEXT)
  expect(result.split('\n')[0]).toBe('Whole.')
  expect(result).not.toContain('@acme')
})

test('140 characters of a deployment, on one line', () => {
  expect(fitLine('x'.repeat(140), DEPLOYMENT_DESCRIPTION)).toBe('x'.repeat(140))
  const cut = fitLine('x'.repeat(141), DEPLOYMENT_DESCRIPTION)
  expect(cut).toBe(`${'x'.repeat(137)}…`)
  expect(fitLine('a\r\nb\u200B  c\n', 10)).toBe('a b c')
})

test('never longer, never half a character, never a lone surrogate', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 1, max: 120 }), (text, limit) => {
      const result = fit(text, limit)
      expect(result.length).toBeLessThanOrEqual(limit)
      expect(Buffer.byteLength(result)).toBeLessThanOrEqual(limit)
      expect(result.isWellFormed()).toBe(true)
    }),
  )
})

test.each([
  ['emoji', '👩‍👩‍👧‍👦'.repeat(6000)],
  ['right-to-left letters', 'שלום مرحبا '.repeat(6000)],
  ['a title of 65,536 characters', 'x'.repeat(65_536)],
])('%s: cut to what a title takes, on one line, in whole characters, without a turn of direction', (_, text) => {
  const title = fitLine(`\u202E${text}\n${text}`, ISSUE_TITLE)
  expect(Buffer.byteLength(title)).toBeLessThanOrEqual(ISSUE_TITLE)
  expect(title.length).toBeGreaterThan(50)
  expect(title.isWellFormed()).toBe(true)
  expect(title).toMatch(/^[^\n\u202E]+…$/)
})

test('an output keeps its parts, each within its limit (T14)', () => {
  const output = fitOutput({ title: 't'.repeat(300), summary: 's'.repeat(70_000), text: 'x' })
  expect(Buffer.byteLength(output.title)).toBeLessThanOrEqual(255)
  expect(Buffer.byteLength(output.summary)).toBeLessThanOrEqual(LONG_TEXT)
  expect(output.text).toBe('x')
  expect('text' in fitOutput({ title: 't', summary: 's' })).toBe(false)
})
