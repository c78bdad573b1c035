import { expect, test } from 'vitest'
import type { Finding } from '../../evidence/model/finding.ts'
import { hardening } from '../../gates/hardening.ts'
import { specimen, SPECIMEN_BUDGETS } from '../../gates/specimen.ts'

const root: Finding = { rule: 'image.user-root', severity: 'error', path: 'legacy/Dockerfile', line: 3, message: 'runs as root', next: 'Add USER.' }
const granted = { rule: 'image.user-root', path: 'legacy/Dockerfile', owner: '@acme/platform', reason: 'vendor image', until: '2027-01-31' }
const LAST_MOMENT = Date.parse('2027-01-31T23:59:59.999Z')

function decide(findings: readonly Finding[], exceptions: readonly unknown[] = [], now = LAST_MOMENT, metrics: Record<string, number> = {}) {
  const stated = { dockerfiles: 2, unread: 0, errors: findings.length, warnings: 0, ...metrics }
  const testimony = specimen({ gate: 'hardening', topic: 'images', phase: 'P0', metrics: stated, thresholds: {}, n: stated.dockerfiles, findings })
  return hardening.decide({
    evidence: new Map([['images', [testimony]]]),
    verdicts: [],
    policy: hardening.policy.parse({ exceptions }),
    budgets: SPECIMEN_BUDGETS,
    now,
  })
}

test('an exception holds to the end of its last day, and not a millisecond longer', () => {
  expect(decide([root], [granted])).toMatchObject({ verdict: 'pass', metrics: { errors: 1, open_errors: 0, excepted_errors: 1 } })
  expect(decide([root], [granted], LAST_MOMENT + 1)).toMatchObject({
    verdict: 'fail',
    reasons: [{ code: 'hardening.exception-expired', message: expect.stringContaining('2027-01-31') }, { code: 'hardening.findings' }],
  })
})

test('an exception is for one rule in one file', () => {
  for (const other of [
    { ...granted, rule: 'image.add-url' },
    { ...granted, path: 'Dockerfile' },
  ])
    expect(decide([root], [other])).toMatchObject({ verdict: 'fail', reasons: [{ code: 'hardening.findings' }] })
  const { path: _path, ...nowhere } = root
  expect(decide([nowhere], [granted]).verdict).toBe('fail')
})

test('an expired exception that nothing needs is no harm; a renewed one beside it counts', () => {
  const expired = { ...granted, until: '2026-01-01' }
  expect(decide([], [expired]).verdict).toBe('pass')
  expect(decide([root], [expired, granted]).verdict).toBe('pass')
})

test.each([
  ['a hidden error', [root], { errors: 0 }, 'fail', 'hardening.contradiction'],
  ['no image', [], { dockerfiles: 0 }, 'indeterminate', 'hardening.not-measured'],
  ['an unread file', [], { unread: 1 }, 'indeterminate', 'hardening.not-measured'],
] as const)('%s', (_name, findings, metrics, verdict, code) => {
  expect(decide(findings, [], LAST_MOMENT, metrics)).toMatchObject({ verdict, reasons: [{ code }] })
})

test.each([{ owner: 'platform' }, { reason: ' ' }, { until: '31.01.2027' }, { until: '2027-02-30' }, { rule: '*' }, { path: '' }, { extra: 1 }])(
  'an exception with %j is no policy',
  (bad) => {
    expect(hardening.policy.safeParse({ exceptions: [{ ...granted, ...bad }] }).success).toBe(false)
  },
)

test.each(['rule', 'path', 'owner', 'reason', 'until'])('an exception without %s is no policy', (key) => {
  expect(hardening.policy.safeParse({ exceptions: [Object.fromEntries(Object.entries(granted).filter(([name]) => name !== key))] }).success).toBe(
    false,
  )
})

function ofTemplates(findings: readonly Finding[], metrics: Record<string, number> = {}, exceptions: readonly unknown[] = []) {
  const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length
  const stated = { templated_files: 2, templates_unread: 0, errors: count('error'), warnings: count('warning'), ...metrics }
  const n = stated.templated_files - stated.templates_unread
  const testimony = specimen({ gate: 'hardening', topic: 'templates', phase: 'P0', metrics: stated, thresholds: {}, n, findings })
  return hardening.decide({
    evidence: new Map([['templates', [testimony]]]),
    verdicts: [],
    policy: hardening.policy.parse({ exceptions }),
    budgets: SPECIMEN_BUDGETS,
    now: LAST_MOMENT,
  })
}

const removed: Finding = { ...root, rule: 'template.section-removed', path: 'Dockerfile', subject: 'user' }

test('what a template requires is held, one version behind is let through, and somebody may answer for one section', () => {
  expect(ofTemplates([]).verdict).toBe('pass')
  expect(ofTemplates([{ ...root, rule: 'template.behind', severity: 'warning' }]).verdict).toBe('pass')
  expect(ofTemplates([removed])).toMatchObject({ verdict: 'fail', reasons: [{ code: 'hardening.findings' }] })
  const forUser = { ...granted, rule: 'template.section-removed', path: 'Dockerfile', subject: 'user' }
  expect(ofTemplates([removed], {}, [forUser]).verdict).toBe('pass')
  expect(ofTemplates([{ ...removed, subject: 'health' }], {}, [forUser]).verdict).toBe('fail')
})

test.each([
  ['no templated file', [], { templated_files: 0 }, 'indeterminate', 'hardening.not-measured'],
  ['a file that was not compared', [], { templates_unread: 1 }, 'indeterminate', 'hardening.not-measured'],
  ['a hidden error', [removed], { errors: 0 }, 'fail', 'hardening.contradiction'],
] as const)('%s', (_name, findings, metrics, verdict, code) => {
  expect(ofTemplates(findings, metrics)).toMatchObject({ verdict, reasons: [{ code }] })
})
