import { expect, test } from 'vitest'
import { filesUnder, FLOORS, SOURCES, TESTS, text } from './tree.ts'

const FORBIDDEN = new Set(['src', 'utils', 'util', 'helpers', 'helper', 'common', 'misc', 'types', 'constants', 'lib-common', 'shared'])
const MOST_LINES = 300
/** The one list of everything the release may know and do: read as a whole. */
const WHOLE = new Set(['app/release/ports.ts'])
const MOST_TEST_LINES = 450

test('no folder and no file has a name that says nothing', () => {
  const wrong = [...SOURCES, ...TESTS].filter((path) => path.split('/').some((part) => FORBIDDEN.has(part.replace(/(?:\.test)?\.ts$/, ''))))
  expect(wrong).toEqual([])
})

/** A webhook file has the name that GitHub gives the event. */
const EVENT = /^(?:test\/)?app\/webhooks\/[a-z_]+(?:\.test)?\.ts$/

test('names are kebab case', () => {
  expect([...SOURCES, ...TESTS].filter((path) => !/^[a-z0-9./-]+$/.test(path) && !EVENT.test(path))).toEqual([])
})

function lines(path: string): number {
  return text(path).trimEnd().split('\n').length
}

test('a file answers one question: it is small', () => {
  expect(SOURCES.filter((path) => !WHOLE.has(path) && lines(path) > MOST_LINES).map((path) => `${path}: ${lines(path)}`)).toEqual([])
  expect(TESTS.filter((path) => lines(path) > MOST_TEST_LINES).map((path) => `${path}: ${lines(path)}`)).toEqual([])
})

test('one error class a folder, with a closed list of codes', () => {
  const classes = SOURCES.flatMap((path) =>
    [...text(path).matchAll(/^export class (\w+Error) extends Error/gm)].map((match) => ({ path, name: match[1] })),
  )
  const folders = classes.map(({ path }) => path.split('/').slice(0, -1).join('/'))
  expect(folders.filter((folder, at) => folders.indexOf(folder) !== at)).toEqual([])
  expect(classes.filter(({ path }) => !text(path).includes('readonly code:'))).toEqual([])
})

test('only the five floors hold product code', () => {
  expect(filesUnder('docs').filter((path) => path.endsWith('.ts'))).toEqual([])
  expect(FLOORS).toHaveLength(5)
})
