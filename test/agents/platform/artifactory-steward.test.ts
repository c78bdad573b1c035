import { expect, test } from 'vitest'
import { artifactorySteward } from '../../../agents/platform/artifactory-steward.ts'
import { catchesUnplanted, faultsMissed } from '../faults.ts'

const CATCHES = ['a moved tag', 'a mirror with another digest', 'a release by tag only', 'retention under a year']
const [first] = artifactorySteward.planted
if (first === undefined) throw new Error('nothing is planted')
const healthy = first.inputs
const { registry } = healthy
const [planted] = registry.repositories
if (planted === undefined) throw new Error('no repository is planted')
const whole = planted

function rules(change: Partial<typeof whole>): unknown[] {
  const report = artifactorySteward.assess({ ...healthy, registry: { ...registry, repositories: [{ ...whole, ...change }] } }, {})
  return report.findings.map(({ rule, severity, subject }) => [rule.replace('registry.', ''), severity, subject])
}

test('everything the roster says it catches is planted, with a twin, and found', () => {
  expect(catchesUnplanted(artifactorySteward, CATCHES)).toEqual([])
  expect(faultsMissed(artifactorySteward)).toEqual([])
})

test('no registry is nothing measured, and says how to declare it; what was read is counted', () => {
  const none = artifactorySteward.assess({ ...healthy, registry: { ...registry, repositories: [] } }, {})
  expect(none).toMatchObject({
    measurements: [{ measured: { n: 0 } }],
    next: expect.stringContaining('not_applicable.supply_chain.registry') as string,
  })
  expect(artifactorySteward.assess(healthy, {}).measurements).toMatchObject([
    {
      metrics: { repositories: 1, repositories_unread: 0, mirrors: 1, tags: 1, referrers: 1, errors: 0 },
      measured: { n: 1, source: 'registry.example' },
    },
  ])
})

test('a mirror by its own name, a registry that could not be asked, and an image that nothing refers to', () => {
  const there = { repository: 'mirror.example/acme/shop', digest: null, why: 'it gave no answer' }
  expect(rules({ mirrors: [there] })).toEqual([['mirror-lacks', 'error', 'mirror.example/acme/shop']])
  expect(rules({ mirrors: [{ ...there, digest: `sha256:${'1'.repeat(64)}` }] })).toEqual([['mirror-differs', 'error', 'mirror.example/acme/shop']])
  expect(rules({ held: { ...there, repository: whole.repository }, mirrors: [], tags: [] })).toEqual([
    ['absent', 'error', 'registry.example/acme/shop'],
  ])
  expect(rules({ referrers: [] })).toEqual([['no-referrers', 'warning', 'registry.example/acme/shop']])
})
