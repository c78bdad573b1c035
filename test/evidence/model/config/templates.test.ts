import { expect, test } from 'vitest'
import { TemplatedFiles } from '../../../../evidence/model/config/templates.ts'

const ONE = { file: 'Dockerfile', template: 'templates/dockerfile/v*.txt' }

test('what is not said has its default; a value is text or a number', () => {
  expect(TemplatedFiles.parse(undefined)).toEqual([])
  expect(TemplatedFiles.parse([{ ...ONE, values: { port: 8080, service: 'shop' } }])).toEqual([{ ...ONE, values: { port: 8080, service: 'shop' } }])
  expect(TemplatedFiles.parse([ONE])).toEqual([{ ...ONE, values: {} }])
})

test.each([
  ['a file twice', [ONE, ONE], 'each file once'],
  ['no star', [{ ...ONE, template: 'templates/v1.txt' }], 'one * for their number'],
  ['two stars', [{ ...ONE, template: 'templates/*/v*.txt' }], 'one * for their number'],
  ['a file outside', [{ ...ONE, file: '../Dockerfile' }], 'a path inside the repository'],
  ['a template outside', [{ ...ONE, template: '/templates/v*.txt' }], 'one * for their number'],
  ['a template that climbs', [{ ...ONE, template: 'a/../v*.txt' }], 'one * for their number'],
  ['a value of two lines', [{ ...ONE, values: { port: '1\nUSER root' } }], 'text of one line'],
  ['a value that is a list', [{ ...ONE, values: { port: [1] } }], 'text of one line'],
  ['a name that is none', [{ ...ONE, values: { 'a-b': 'c' } }], 'placeholder'],
  ['a version in the config', [{ ...ONE, version: 3 }], 'version'],
])('%s is refused', (_, given, words) => {
  expect(JSON.stringify(TemplatedFiles.safeParse(given).error?.issues)).toContain(words)
})
