import { expect, test } from 'vitest'
import { baseFor } from '../../../app/planning/line.ts'

const PATTERNS = ['main', 'release-lines/*']
const TAGS = ['v2.3.0', 'v2.4.0', 'v3.0.0', 'v3.1.0-rc.1']

function ask(version: string, branches: readonly string[] = ['main'], patterns: readonly string[] = PATTERNS, preferred: string | null = null) {
  return baseFor(version, { patterns, tags: TAGS, branches, preferred })
}

test('a newer version goes to the base that releases go to', () => {
  expect(ask('v3.0.1')).toEqual({ branch: 'main', line: null, exists: true })
  expect(ask('v3.1.0', ['main', 'trunk'], ['main', 'trunk'], 'trunk')).toEqual({ branch: 'trunk', line: null, exists: true })
  expect(ask('v3.1.0', ['main', 'other'], PATTERNS, 'other')).toMatchObject({ branch: 'main' })
  expect(ask('v3.1.0', ['trunk'])).toMatchObject({ code: 'no-base' })
})

test.each([
  [['main', 'release-lines/2.4'], 'release-lines/2.4', true],
  [['main', 'release-lines/v2.4.x', 'release-lines/2.3'], 'release-lines/v2.4.x', true],
  [['main', 'release-lines/2.x'], 'release-lines/2.x', true],
  [['main', 'release-lines/2.3'], 'release-lines/2.4', false],
  [['main', 'support/2.4'], 'release-lines/2.4', false],
])('a hotfix of v2.4.0 with %j goes to %s, there already: %s', (branches, branch, exists) => {
  expect(ask('v2.4.1', branches)).toEqual({ branch, line: 'v2.4.0', exists })
})

test('no line without a pattern for it, and none that was never out', () => {
  expect(ask('v2.4.1', ['main'], ['main'])).toMatchObject({ code: 'no-line', next: expect.stringContaining('release-lines/*') })
  expect(ask('v2.5.0')).toMatchObject({ code: 'no-line', next: expect.stringContaining('release-lines/2.5') })
  expect(ask('v2.5.0', ['main', 'release-lines/2.x'])).toEqual({ branch: 'release-lines/2.x', line: 'v2.4.0', exists: true })
  expect(ask('v1.0.0')).toMatchObject({ code: 'no-line', next: expect.stringContaining('v3.0.0') })
})
