import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compare } from './compare.ts'
import { theirAlarm, theyMiss } from './explained.ts'
import { BEGIN, END, headingOf, PAGE, sectionOf, withSections } from './page.ts'
import type { Part } from './part.ts'
import { PARTS } from './parts.ts'

const PART: Part = {
  topic: 'Workflows',
  specialist: 'zizmor',
  explained: [...theyMiss('it looks away', { class: 'pin', file: /^a/ }), ...theirAlarm('it is none', { class: null, file: 'c' })],
  run: () => Promise.reject(new Error('not run')),
}
const seen = (file: string, name: string) => ({ file, class: name })

test('a section tells both, each alone, recall, false alarms and why', () => {
  const compared = compare(['pin'], [seen('a', 'pin'), seen('b', 'pin')], [seen('b', 'pin'), seen('c', 'pin')])
  expect(sectionOf(PART, { what: '3 files', compared })).toBe(`${headingOf(PART)}

3 files.

| class | both | only ours | only zizmor | recall, ours | recall, zizmor | false alarms, ours | false alarms, zizmor |
|---|---|---|---|---|---|---|---|
| pin | 1 | 1 | 1 | 100 % | 50 % | 0 | 1 |

| class | how many | only | it is | why |
|---|---|---|---|---|
| pin | 1 | zizmor | none | it is none |
| pin | 1 | ours | a fault | it looks away |`)
})

test('a difference without a reason stands there in capitals', () => {
  const compared = compare(['pin'], [seen('x', 'pin')], [])
  expect(sectionOf(PART, { what: '1 file', compared })).toContain('| pin | 1 | ours | NOBODY HAS SAID |')
})

test('the sections take the place of those before; a page without the marks is refused', () => {
  expect(withSections(`a\n${BEGIN}\nold\n${END}\nb\n`, ['one', 'two'])).toBe(`a\n${BEGIN}\n\none\n\ntwo\n\n${END}\nb\n`)
  expect(() => withSections('a', ['one'])).toThrow(/lacks the lines/)
})

test('the page has a section for each comparison, in their order, and every difference has its reason', () => {
  const page = readFileSync(PAGE, 'utf8')
  const block = page.slice(page.indexOf(BEGIN), page.indexOf(END))
  expect(block.match(/^## .*$/gm)).toEqual(PARTS.map(headingOf))
  expect(block).not.toContain('NOBODY HAS SAID')
})
