import { expect, test } from 'vitest'
import { TESTS, withoutComments, text } from './tree.ts'

const TEST_FILES = TESTS.filter((path) => path.endsWith('.test.ts') && path !== 'test/structure/tests.test.ts')

test('no test is skipped, alone or still to do; only what is not installed may skip', () => {
  const wrong = TEST_FILES.flatMap((path) =>
    [...withoutComments(text(path)).matchAll(/\b(?:describe|test|it)\.(?:skip|only|todo|fails|runIf|skipIf)\b\(([^)]*)\)?/g)]
      .filter((match) => !(match[0].includes('skipIf') && /=== null|postgres/i.test(match[1] ?? '')))
      .map((match) => `${path}: ${match[0]}`),
  )
  expect(wrong).toEqual([])
})

test('every test file expects something', () => {
  expect(TEST_FILES.filter((path) => !/\bexpect\b|\bassert\b/.test(text(path)))).toEqual([])
})

test('tests wait for events, not for time', () => {
  const sleeps = TEST_FILES.filter((path) => /await (?:new Promise\(\s*\(?\w+\)? => setTimeout\(\w+, \d{4,}|sleep\(\d{4,})/.test(text(path)))
  expect(sleeps).toEqual([])
})
