/** docs/github.md tells every trap of GitHub once, with the tests that name it; and every trap is named by a test, or stands below with the reason. */
import { expect, test } from 'vitest'
import { TESTS, text, withoutComments } from './tree.ts'

const DOCUMENT = 'docs/github.md'
const ALL = Array.from({ length: 69 }, (_, at) => `T${at + 1}`)

/** Nothing here can step into them. */
const NOT_OURS: Readonly<Record<string, string>> = {
  T44: 'A framework that takes over REDIS_URL: there is none, and no Redis; the queue is in the store.',
  T47: 'A test double of Octokit that waits or retries by itself: tests speak HTTP to a server on the loopback, and our client has its own retries.',
}

/** They can happen, and only a part of the defence is there: the document says what is missing, and app/README.md names each. */
const OPEN: Readonly<Record<string, string>> = {}

const TITLE = /(?:\b(?:test|describe)(?:\.concurrent)?\(|\)\()\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1\s*,/g
const NAMED = /\((T\d+(?:, T\d+)*)\)$/

/** Trap -> the files whose titles name it at their end. */
function namedByTests(): Record<string, string[]> {
  const named: Record<string, string[]> = {}
  for (const path of TESTS)
    for (const [, , title = ''] of withoutComments(text(path)).matchAll(TITLE))
      for (const trap of NAMED.exec(title)?.[1]?.split(', ') ?? []) {
        const files = (named[trap] ??= [])
        if (!files.includes(path)) files.push(path)
      }
  return named
}

interface Row {
  readonly trap: string
  readonly defence: string
  readonly shownBy: string
  readonly tests: readonly string[]
}

function rows(): readonly Row[] {
  return [...text(DOCUMENT).matchAll(/^\| (T\d+) \| (.+) \| (.+) \| (.+) \|$/gm)].map(([, trap = '', , defence = '', shownBy = '']) => ({
    trap,
    defence,
    shownBy,
    tests: [...shownBy.matchAll(/\]\(\.\.\/(\S+?)\)/g)].map(([, path = '']) => path),
  }))
}

test('the document tells every trap once, in order', () => {
  expect(rows().map(({ trap }) => trap)).toEqual(ALL)
})

test('every trap that can happen here is named by a test, and no other number is', () => {
  const excused = new Set([...Object.keys(NOT_OURS), ...Object.keys(OPEN)])
  expect(Object.keys(namedByTests()).toSorted()).toEqual(ALL.filter((trap) => !excused.has(trap)).toSorted())
})

test('each row names exactly the files whose tests name its trap', () => {
  const named = namedByTests()
  for (const { trap, tests } of rows()) expect([trap, tests.toSorted()]).toEqual([trap, (named[trap] ?? []).toSorted()])
})

test('what no test shows is said in the document with the same words, and what is open in the README of the App', () => {
  const readme = text('app/README.md')
  for (const [excuses, shownBy] of [
    [NOT_OURS, 'not ours'],
    [OPEN, 'open'],
  ] as const)
    for (const [trap, why] of Object.entries(excuses)) expect(rows().find((row) => row.trap === trap)).toMatchObject({ defence: why, shownBy })
  for (const trap of Object.keys(OPEN)) expect(readme.slice(readme.indexOf('## Not built yet'))).toMatch(new RegExp(`\\b${trap}\\b`))
})
