import { expect, test } from 'vitest'
import { withVersion } from '../../../app/planning/changelog.ts'

const V2 = { version: 'v2.0.0', day: '2026-11-26', body: '### Features\n\n- a (#1)' }
const SECTION = '## v2.0.0 - 2026-11-26\n\n### Features\n\n- a (#1)\n'

test('a new file, or an empty one', () => {
  expect(withVersion(null, V2)).toBe(`# Changelog\n\n${SECTION}`)
  expect(withVersion(' \n', V2)).toBe(`# Changelog\n\n${SECTION}`)
})

test.each([
  ['# Changelog\n\nWords.\n\n## v1.0.0 - 2026-01-01\n\n- old\n', `# Changelog\n\nWords.\n\n${SECTION}\n## v1.0.0 - 2026-01-01\n\n- old\n`],
  [
    '# Changelog\n\n## [Unreleased]\n\n- soon\n\n## [1.0.0] - 2026-01-01\n',
    `# Changelog\n\n## [Unreleased]\n\n- soon\n\n${SECTION}\n## [1.0.0] - 2026-01-01\n`,
  ],
  ['# Changelog\n\n## Unreleased\n\n- soon\n', `# Changelog\n\n## Unreleased\n\n- soon\n\n${SECTION}`],
  ['# 1.0.0\n\n- old\n', `${SECTION}\n# 1.0.0\n\n- old\n`],
])('above the newest version, below what is unreleased: %j', (before, after) => {
  expect(withVersion(before, V2)).toBe(after)
})

test('planned again, its section is told anew and nothing else moves', () => {
  const before = '# Changelog\r\n\r\n## v1.0.0 - 2026-01-01\r\n\r\n- old\r\n'
  const once = withVersion(before, V2)
  expect(once.replaceAll('\r\n', '')).not.toContain('\n')
  expect(withVersion(once, V2)).toBe(once)
  const later = { ...V2, day: '2026-11-27', body: '- b' }
  expect(withVersion(once, later)).toBe(withVersion(before, later))
  expect(withVersion(withVersion(null, V2), later)).toBe(withVersion(null, later))
})

test('a section that people moved stays where they put it', () => {
  const before = '# Changelog\n\n## v3.0.0 - 2026-12-01\n\n- new\n\n## v2.0.0 - 2026-11-26\n\n- planned before\n\n## v1.0.0 - 2026-01-01\n\n- old\n'
  expect(withVersion(before, V2)).toBe(`# Changelog\n\n## v3.0.0 - 2026-12-01\n\n- new\n\n${SECTION}\n## v1.0.0 - 2026-01-01\n\n- old\n`)
})
