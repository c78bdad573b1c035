import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { codeOf, importsOf, SOURCES, TESTS, text } from './tree.ts'

/** Files whose tests stand elsewhere, each with the reason. Short, and getting shorter. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'app/cli/verb.ts': 'a contract and the exit codes: test/structure/readme.test.ts',
  'app/cli/commands/run.ts': 'one call of app/cli/phase.ts: test/app/cli/phase.test.ts',
  'app/cli/commands/validate.ts': 'the same',
  'app/cli/local-inputs.ts': 'the same',
  'agents/collect/collector.ts': 'a contract',
  'evidence/config/problem.ts': 'a contract, and one line: test/evidence/config/parse.test.ts',
  'app/index.ts': 'the wiring: the flow tests run it as a process',
  'app/server.ts': 'the process: the flow tests run it',
}
/** A closed list of codes, planted data, a process entry of an Action: run by their neighbours' tests. */
const WITHOUT_LOGIC = /(?:^|\/)(?:[a-z-]*error|[a-z-]+\.faults|agents\/agent|gates\/gate)\.ts$|^actions\/[a-z]+\/(?:index|act)\.ts$/

function hasLogic(path: string): boolean {
  return !WITHOUT_LOGIC.test(path) && /\bfunction\b|=>|\bclass\b/.test(codeOf(path))
}

/** Above this many lines a file has a test of its own; a smaller one may be tested through its neighbours. */
const SMALL = 150

/** `a/b/c.ts` is tested by `test/a/b/c.test.ts`, or, when it is small, by a test of that place which reaches it through the files of its own folder. */
function isMirrored(path: string): boolean {
  if (TESTS.includes(`test/${path.replace(/\.ts$/, '.test.ts')}`)) return true
  const folder = posix.dirname(path)
  const place = `test/${folder}`
  const beside = TESTS.filter(
    (test) =>
      test.endsWith('.test.ts') &&
      (posix.dirname(test) === place || posix.dirname(test) === posix.dirname(place) || test === `${place}.test.ts` || test.startsWith(`${place}/`)),
  )
  const asked = beside.flatMap(importsOf).filter((each) => each.relative && !each.typeOnly)
  if (asked.some((each) => each.to === path)) return true
  return (
    text(path).split('\n').length <= SMALL &&
    reach(
      asked.flatMap((each) =>
        each.to.startsWith(`${folder}/`) || !SOURCES.includes(each.to) ? [each.to] : importsOf(each.to).map((next) => next.to),
      ),
      folder,
    ).has(path)
  )
}

/** Files of a folder that can be reached from these without leaving it. */
function reach(from: readonly string[], folder: string): ReadonlySet<string> {
  const seen = new Set<string>()
  const walk = (path: string): void => {
    if (seen.has(path) || !path.startsWith(`${folder}/`) || !SOURCES.includes(path)) return
    seen.add(path)
    for (const each of importsOf(path)) if (each.relative && !each.typeOnly) walk(each.to)
  }
  from.forEach(walk)
  return seen
}

test('every file with logic has its test in the mirrored place', () => {
  expect(SOURCES.filter((path) => hasLogic(path) && ELSEWHERE[path] === undefined && !isMirrored(path))).toEqual([])
})

test('a test stands where what it tests stands', () => {
  const floors = /^test\/((?:evidence|gates|agents|app|actions)\/.+)\.test\.ts$/
  const stray = TESTS.flatMap((path) => {
    const mirrored = floors.exec(path)?.[1]
    if (mirrored === undefined || SOURCES.includes(`${mirrored}.ts`)) return []
    const folder = posix.dirname(mirrored)
    return importsOf(path).some((each) => each.to.startsWith(`${folder}/`) || each.to.startsWith(`${mirrored}/`)) ? [] : [path]
  })
  expect(stray).toEqual([])
})

test('nothing is excused that is not there', () => {
  expect(Object.keys(ELSEWHERE).filter((path) => !SOURCES.includes(path) && path !== 'app/index.ts' && path !== 'app/server.ts')).toEqual([])
})
