import { expect, test } from 'vitest'
import { changesOf } from '../../../app/planning/changes.ts'
import { before, demandOf, isOlderLine, taken, tooLow } from '../../../app/planning/version.ts'
import { historyOf, straight } from './history.ts'

const changes = (...messages: readonly string[]) => changesOf(historyOf(straight(...messages)))

test.each([
  ['v1.4.2', ['feat!: a', 'fix: b'], 'major', 'v2.0.0'],
  ['v1.4.2', ['fix: a', 'feat: b'], 'minor', 'v1.5.0'],
  ['v1.4.2', ['fix: a', 'docs: b'], 'patch', 'v1.4.3'],
  ['v1.4.2', ['chore: a'], 'patch', 'v1.4.3'],
  ['v0.4.2', ['feat!: a'], 'minor', 'v0.5.0'],
  ['v0.4.2', ['fix: a'], 'patch', 'v0.4.3'],
])('after %s, %j asks for %s: %s', (previous, messages, bump, next) => {
  expect(demandOf(previous, changes(...messages))).toEqual({ bump, next })
})

test.each([
  ['v2.0.0', ['feat!: a'], null],
  ['v2.0.0', ['fix: a'], null],
  ['v3.0.0', ['feat!: a'], null],
  ['v2.0.0-beta.1', ['feat!: a'], null],
  ['v1.5.0', ['feat!: a'], 'v1.5.0 is too low: 1 breaking change since v1.4.2 asks for v2.0.0 at the least.'],
  ['v1.4.3', ['feat: a', 'feat: b'], 'v1.4.3 is too low: 2 features since v1.4.2 asks for v1.5.0 at the least.'],
  ['v1.5.0-beta.1', ['feat!: a'], 'v1.5.0-beta.1 is too low: 1 breaking change since v1.4.2 asks for v2.0.0 at the least.'],
])('%s with %j: %s', (version, messages, said) => {
  expect(tooLow(version, 'v1.4.2', changes(...messages))?.message ?? null).toBe(said)
})

test('the first release may have any version', () => {
  expect(tooLow('v0.0.1', null, changes('feat!: a'))).toBeNull()
})

const TAGS = ['v1.0.0', 'v2.0.0', 'v2.1.0-rc.1', 'v10.0.0', 'web-v11.0.0', 'v3', 'latest']

test.each([
  ['v11.0.0', 'v10.0.0', false],
  ['v2.0.1', 'v2.0.0', true],
  ['v2.1.0', 'v2.0.0', true],
  ['v1.0.0', null, true],
  ['v0.9.0', null, true],
])('%s comes after %s; of an older line: %s', (version, previous, older) => {
  expect([before(version, TAGS), isOlderLine(version, TAGS)]).toEqual([previous, older])
})

test('what is out is refused with the next one, and candidates are not asked for', () => {
  expect(taken('v2.0.0', TAGS)).toMatchObject({ code: 'exists', next: 'Ask for a later one, such as v10.0.1.' })
  expect(taken('v11.0.0-rc.1', TAGS)).toMatchObject({ code: 'candidate', message: expect.stringContaining('v11.0.0') })
  expect(taken('v11.0.0-beta.1', TAGS)).toBeNull()
  expect(taken('v11.0.0', TAGS)).toBeNull()
})
