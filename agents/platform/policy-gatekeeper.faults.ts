/** Planted faults of policy-gatekeeper: a policy that compiles, passes its tests and lets everything through, and the same with one thing wrong. */
import type { PlantedInput } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'

type Needs = 'policies' | 'policy'
type Given = Inputs['policies']
type Set = Given['sets'][number]
type Bundle = NonNullable<Given['bundle']>

const [BASE, HEAD, TREE] = ['a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40)]
const APPROVED = '1'.repeat(64)

export function set(over: Partial<Set> = {}): Set {
  return {
    at: 'base',
    commit: BASE,
    tree: TREE,
    by: 'opa',
    sources: [{ path: 'policy/main.rego', sha256: '2'.repeat(64), problem: null }],
    faults: [],
    tests: [{ package: 'main', name: 'test_root_is_denied', outcome: 'pass', why: null }],
    rules: [
      { package: 'main', rule: 'deny' },
      { package: 'main', rule: 'warn' },
    ],
    answers: [answer()],
    ...over,
  }
}

export function answer(over: Partial<Set['answers'][number]> = {}): Set['answers'][number] {
  return { document: 0, package: 'main', results: [], more: 0, excepted: [], problem: null, ...over }
}

export function bundle(over: Partial<Bundle> = {}): Bundle {
  return { path: 'policy.tar.gz', approved: APPROVED, base: APPROVED, head: APPROVED, revision: TREE, entrypoints: ['main'], problem: null, ...over }
}

export function given(sets: readonly Set[] = [set()], over: Partial<Given> = {}): Given {
  return {
    base: BASE,
    head: HEAD,
    folder: 'policy',
    packages: ['main'],
    opa: '1.0.0',
    elsewhere: [],
    documents: [{ path: 'deploy/shop.yaml', index: 0, kind: 'kubernetes', sha256: '3'.repeat(64), problem: null }],
    sets: [...sets],
    bundle: null,
    ...over,
  }
}

/** The config of the base branch, which approves the bundle. */
export const CONFIG: Inputs['policy'] = {
  base: BASE,
  path: '.github/release-conductor.yml',
  text: `version: 1\nrelease: { base: [main] }\ngates:\n  policy_ci:\n    policies: { bundle: { path: policy.tar.gz, sha256: '${APPROVED}' } } # approved\n`,
}

function red(catches: string, rule: string, policies: Given): PlantedInput<Needs> {
  return { catches, expected: 'red', inputs: { policies, policy: CONFIG }, rules: [rule] }
}

function green(catches: string, policies: Given): PlantedInput<Needs> {
  return { catches, expected: 'green', inputs: { policies, policy: CONFIG } }
}

const denied = (rule: string) => answer({ results: [{ rule, message: 'shop runs as root' }] })
const byBundle = { opa: null, bundle: bundle() }
const fault = { path: 'policy/main.rego', line: 3, message: 'var x is unsafe' }

export const planted: readonly PlantedInput<Needs>[] = [
  red('a deny', 'policy.deny', given([set({ answers: [denied('deny')] })])),
  red('a deny', 'policy.deny', given([set({ answers: [denied('violation_root')] })])),
  red('a deny', 'policy.deny', given([set(), set({ at: 'head', commit: HEAD, answers: [denied('deny')] })])),
  red('a deny', 'policy.unevaluated', given([set({ answers: [answer({ problem: 'it did not end within 20 seconds' })] })])),
  red('a deny', 'policy.unevaluated', given([set({ rules: [], answers: [] })])),
  red('a deny', 'policy.unevaluated', given([set({ answers: [] })])),
  green('a deny', given([set({ answers: [denied('warn')] })])),
  red('a policy that fails to compile', 'policy.not-compiled', given([set({ faults: [fault], tests: [], rules: [], answers: [] })])),
  red(
    'a policy that fails to compile',
    'policy.not-compiled',
    given([set(), set({ at: 'head', commit: HEAD, faults: [fault], tests: [], answers: [] })]),
  ),
  red(
    'a policy that fails to compile',
    'policy.bundle-stale',
    given([set({ by: 'bundle' }), set({ at: 'head', by: null, tree: 'd'.repeat(40) })], byBundle),
  ),
  green('a policy that fails to compile', given([set(), set({ at: 'head', commit: HEAD })])),
  red(
    'a bundle whose digest is not the approved one',
    'policy.bundle-not-approved',
    given([set({ by: 'bundle' })], { bundle: bundle({ head: '9'.repeat(64) }) }),
  ),
  red(
    'a bundle whose digest is not the approved one',
    'policy.bundle-not-approved',
    given([set({ by: 'bundle' })], { bundle: bundle({ head: null }) }),
  ),
  green('a bundle whose digest is not the approved one', given([set({ by: 'bundle' })], byBundle)),
  red('a policy without tests', 'policy.no-tests', given([set({ tests: [] })])),
  red('a policy without tests', 'policy.no-tests', given([set({ tests: [{ package: 'main', name: 'todo_test_x', outcome: 'skip', why: null }] })])),
  red('a policy without tests', 'policy.test-failed', given([set({ tests: [{ package: 'main', name: 'test_x', outcome: 'fail', why: null }] })])),
  green('a policy without tests', given()),
]
