import { expect, test } from 'vitest'
import { answer, bundle, CONFIG, given, set } from '../../../agents/platform/policy-gatekeeper.faults.ts'
import { policyGatekeeper } from '../../../agents/platform/policy-gatekeeper.ts'

const assess = (policies = given()) => policyGatekeeper.assess({ policies, policy: CONFIG }, {})
const rules = (policies = given()) => assess(policies).findings.map(({ rule }) => rule)

test('name file, rule and words, and whose policy says so', () => {
  const results = [
    { rule: 'deny_root', message: 'shop runs as root' },
    { rule: 'warn', message: 'one replica' },
  ]
  expect(assess(given([set({ answers: [answer({ results })] })])).findings).toMatchObject([
    { rule: 'policy.deny', severity: 'error', path: 'deploy/shop.yaml', subject: 'main.deny_root', message: 'deploy/shop.yaml: shop runs as root' },
    { rule: 'policy.warn', severity: 'warning', message: 'deploy/shop.yaml: one replica' },
  ])
  expect(assess(given([set({ at: 'head', answers: [answer({ results })] })])).findings[0]?.message).toMatch(/, by the policy of this release$/)
})

test('more results than are kept are an error, and an exception in Rego is told', () => {
  expect(assess(given([set({ answers: [answer({ more: 3, excepted: ['deny_latest'] })] })])).findings).toMatchObject([
    { rule: 'policy.deny', message: 'deploy/shop.yaml: 3 results more are not listed' },
    { rule: 'policy.excepted', severity: 'info', subject: 'main.deny_latest' },
  ])
})

test('a policy that does not compile is told once, at its line, and not for each document', () => {
  const faults = [{ path: 'policy/main.rego', line: 3, message: 'var x is unsafe' }]
  const broken = set({ faults, tests: [], rules: [], answers: [answer({ problem: 'the policy cannot be asked at all' })] })
  expect(assess(given([broken])).findings).toMatchObject([{ rule: 'policy.not-compiled', path: 'policy/main.rego', line: 3 }])
  expect(assess(given([broken])).measurements[0]?.metrics['policies_unevaluated']).toBe(1)
})

test('files that cannot be read are errors, of policy and of documents', () => {
  const sources = [{ path: 'policy/a.rego', sha256: null, problem: 'it is a symbolic link' }]
  expect(rules(given([set({ sources })]))).toEqual(['policy.not-compiled'])
  const documents = [{ path: 'a.yaml', index: 1, kind: 'files' as const, sha256: null, problem: 'line 3: this is no YAML' }]
  expect(assess(given([set()], { documents })).findings).toMatchObject([
    { rule: 'policy.unevaluated', message: 'a.yaml (document 2) cannot be read: line 3: this is no YAML' },
  ])
})

test('a package without a rule that is asked is an error', () => {
  expect(assess(given([set()], { packages: ['main', 'docker'] })).findings).toMatchObject([{ rule: 'policy.unevaluated', subject: 'docker' }])
})

test('a package that is asked about nothing is an error, and not let through', () => {
  const unasked = assess(given([set({ answers: [] })], { documents: [] }))
  expect(unasked.findings).toMatchObject([
    { rule: 'policy.unevaluated', subject: 'main', message: expect.stringContaining('is asked about no document') },
  ])
  expect(unasked.measurements[0]?.measured.n).toBe(0)
})

test('a bundle that cannot be opened, or holds other Rego', () => {
  expect(rules(given([set({ by: null, answers: [] })], { bundle: bundle({ problem: 'no WebAssembly', revision: null }) }))).toEqual([
    'policy.not-compiled',
  ])
  expect(rules(given([set()], { bundle: bundle({ revision: 'v7' }) }))).toEqual(['policy.bundle-stale'])
  // What the release brings is what the bundle must hold.
  const newer = given([set({ tree: 'd'.repeat(40) }), set({ at: 'head', by: null })], { bundle: bundle() })
  expect(rules(newer)).toEqual([])
})
