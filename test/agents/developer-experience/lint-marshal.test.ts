import { expect, test } from 'vitest'
import { lintMarshal } from '../../../agents/developer-experience/lint-marshal.ts'
import { catchesUnplanted, faultsMissed } from '../faults.ts'

const healthy = lintMarshal.planted.find((planted) => planted.catches === 'owner that is no member' && planted.expected === 'green')
if (healthy === undefined) throw new Error('no healthy plant')
const { inputs } = healthy

test('everything the roster says it catches is planted, with a twin, and found', () => {
  const roster = ['bad commit type', 'missing rollback section', 'unknown label', 'path without owner', 'owner that is no member']
  expect(catchesUnplanted(lintMarshal, roster)).toEqual([])
  expect(faultsMissed(lintMarshal)).toEqual([])
})

test('the same inputs give the same report, and its numbers are those of its list', () => {
  const report = lintMarshal.assess(inputs, { labels: [] })
  expect(lintMarshal.assess(inputs, { labels: [] })).toEqual(report)
  expect(report).toMatchObject({
    findings: [],
    measurements: [{ gate: 'policy_ci', metrics: { commits: 1, paths: 2, unowned_paths: 0, errors: 0, warnings: 0 }, measured: { n: 1 } }],
    files: [{ path: 'ci/commit_lint.json' }],
  })
})

test('a release without a commit measured nothing', () => {
  const report = lintMarshal.assess({ ...inputs, commits: { ...inputs.commits, commits: [], paths: [] } }, { labels: [] })
  expect(report.measurements[0]?.measured.n).toBe(0)
  expect(report.notes).toContain('nothing was looked at')
})

test('labels the config allows are known', () => {
  const labelled = { ...inputs, pullRequest: { ...inputs.pullRequest, labels: ['dependencies', 'risk:low', 'type:feat'] } }
  expect(lintMarshal.assess(labelled, { labels: [] }).findings.map((finding) => finding.rule)).toEqual(['label.unknown'])
  expect(lintMarshal.assess(labelled, { labels: ['dependencies'] }).findings).toEqual([])
})

test('more findings than a response can carry are counted as they are listed', () => {
  const [commit] = inputs.commits.commits
  if (commit === undefined) throw new Error('no commit')
  const commits = Array.from({ length: 3000 }, () => ({ ...commit, subject: 'oops: x' }))
  const report = lintMarshal.assess({ ...inputs, commits: { ...inputs.commits, commits } }, { labels: [] })
  expect(report.findings).toHaveLength(2000)
  expect(report.measurements[0]?.metrics['errors']).toBe(2000)
  expect(report.findings.at(-1)).toMatchObject({ rule: 'findings.too-many', severity: 'error' })
})
