import { describe, expect, test } from 'vitest'
import { answer, bundle, CONFIG, given, set } from '../../../agents/platform/policy-gatekeeper.faults.ts'
import { policyGatekeeper } from '../../../agents/platform/policy-gatekeeper.ts'
import { catchesUnplanted, faultsMissed } from '../faults.ts'

const assess = (policies = given()) => policyGatekeeper.assess({ policies, policy: CONFIG }, {})
const numbers = (policies = given()) => assess(policies).measurements[0]
const plan = (of = bundle()) => policyGatekeeper.plan?.({ policies: given([set()], { bundle: of }), policy: CONFIG }, {})

test('everything the roster says it catches is planted, with a twin, and found', () => {
  const catches = ['a deny', 'a policy that fails to compile', 'a bundle whose digest is not the approved one', 'a policy without tests']
  expect(catchesUnplanted(policyGatekeeper, catches)).toEqual([])
  expect(faultsMissed(policyGatekeeper)).toEqual([])
})

describe('what counts as asked', () => {
  test('is each rule of the base branch on each document that was answered about', () => {
    const two = [answer(), answer({ document: 1, problem: 'it broke' })]
    expect(numbers(given([set({ answers: two })]))).toMatchObject({
      metrics: { policy_evaluations: 2, policies_unevaluated: 1, policy_tests: 1, errors: 1 },
      thresholds: { policy_evaluations: '>0', policies_unevaluated: '=0' },
      measured: { n: 2, source: 'opa 1.0.0' },
    })
  })

  test('is nothing of what a release brings for itself', () => {
    const own = given([set({ at: 'head' })])
    expect(numbers(own)?.measured.n).toBe(0)
    expect(assess(own).next).toContain('The base branch has no policy yet')
  })

  test('is nothing where no Rego lies, and the declaration is told', () => {
    const { next, notes, findings } = assess(given([], { documents: [], opa: null }))
    expect([findings, notes]).toEqual([[], 'The repository has no policy of its own: nothing was evaluated.'])
    expect(next).toBe(
      'Write policies in Rego below policy/, or declare `not_applicable.policy_ci.policies` in .github/release-conductor.yml on the base branch with a reason.',
    )
    expect(assess(given([], { elsewhere: ['rego/a.rego'] })).next).toContain('gates.policy_ci.policies.folder')
  })
})

describe('the plan', () => {
  test('approves the bundle of the release in the config, and changes no other letter', () => {
    const next = '9'.repeat(64)
    expect(plan(bundle({ head: next }))).toMatchObject([
      {
        kind: 'file.write',
        path: '.github/release-conductor.yml',
        text: CONFIG.text.replace('1'.repeat(64), next),
        why: expect.stringContaining('to go back'),
      },
    ])
  })

  test('is empty when it is approved, is not there, or is named otherwise', () => {
    expect([plan(), plan(bundle({ head: null })), plan(bundle({ approved: '8'.repeat(64) }))]).toEqual([[], [], []])
    expect(policyGatekeeper.plan?.({ policies: given(), policy: CONFIG }, {})).toEqual([])
  })
})

test('the reports hold every answer, and what it rests on', () => {
  const [results, sources] = assess(given([set({ by: 'bundle' })], { opa: null, bundle: bundle() })).files
  expect(results).toMatchObject({ path: 'policy/results.json', content: { metrics: { policy_evaluations: 2 }, sets: [{ answers: [answer()] }] } })
  expect(sources).toMatchObject({
    path: 'policy/bundle.json',
    content: {
      packages: ['main'],
      bundle: { approved: '1'.repeat(64), entrypoints: ['main'] },
      sources: [{ at: 'base', sources: [{ path: 'policy/main.rego' }] }],
    },
  })
})
