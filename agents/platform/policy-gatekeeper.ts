import { z } from 'zod'
import { agent } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'
import { capped, count } from '../tally.ts'
import { approvalOf, bundleFindings } from './policy-gatekeeper.bundle.ts'
import { planted } from './policy-gatekeeper.faults.ts'
import { answerFindings, documentFindings, setFindings } from './policy-gatekeeper.findings.ts'

type Given = Inputs['policies']

export const policyGatekeeper = agent({
  id: 'A9',
  name: 'policy-gatekeeper',
  phase: ['P0'],
  gate: ['policy_ci'],
  topic: 'policies',
  question: 'Do the policies of this organisation, compiled and tested, let through everything that is declared here?',
  why: 'A rule that nobody evaluates forbids nothing; and one that a change may rewrite for itself judges nobody.',
  version: 1,
  needs: ['policies', 'policy'],
  writes: ['policy/results.json', 'policy/bundle.json'],
  policy: z.object({}),
  assess({ policies }) {
    const { sets, documents, bundle, base, head, opa, packages } = policies
    const findings = capped([
      ...sets.flatMap((set) => setFindings(set, policies)),
      ...bundleFindings(policies),
      ...documentFindings(documents),
      ...sets.flatMap((set) => answerFindings(set, documents)),
    ])
    const metrics = numbersOf(policies)
    const counted = { ...metrics, errors: count(findings, 'error'), warnings: count(findings, 'warning') }
    const n = metrics.policy_evaluations
    return {
      findings,
      measurements: [
        {
          gate: 'policy_ci',
          metrics: counted,
          // No threshold on errors: exceptions are granted by the gate's policy, so an error here is not yet a no.
          thresholds: { policy_evaluations: '>0', policies_unevaluated: '=0' },
          measured: {
            n,
            window: head,
            source: opa === null ? (bundle === null ? 'git' : `bundle ${bundle.approved.slice(0, 12)}`) : `opa ${opa}`,
            query: `deny, violation and warn of ${packages.join(', ')}, from ${policies.folder} at ${base}`.slice(0, 2000),
          },
        },
      ],
      files: [
        {
          path: 'policy/results.json',
          type: 'report',
          content: {
            version: 1,
            commit: head,
            opa,
            metrics: counted,
            documents,
            sets: sets.map(({ sources: _sources, tree: _tree, ...said }) => said),
            findings,
          },
        },
        {
          path: 'policy/bundle.json',
          type: 'evidence',
          content: {
            version: 1,
            commit: head,
            opa,
            packages,
            bundle,
            sources: sets.map(({ at, commit, tree, sources }) => ({ at, commit, tree, sources })),
          },
        },
      ],
      notes: notesOf(policies, counted),
      next: nextOf(policies, n, counted.errors),
    }
  },
  plan({ policies, policy }) {
    return approvalOf(policies, policy)
  },
  planted,
})

/** Only what the base branch asks counts as asked: a release that brings its own rules is not held to anything by them. */
function numbersOf({ sets, documents }: Given) {
  const judging = sets.filter(({ at }) => at === 'base')
  const answers = judging.flatMap((set) =>
    set.answers.filter(({ problem }) => problem === null).map((one) => set.rules.filter((rule) => rule.package === one.package).length),
  )
  const tests = sets.flatMap((set) => set.tests)
  return {
    policy_sources: sets.reduce((sum, { sources }) => sum + sources.length, 0),
    policy_documents: documents.length,
    policy_evaluations: answers.reduce((sum, rules) => sum + rules, 0),
    policies_unevaluated:
      sets.flatMap((set) => set.answers).filter(({ problem }) => problem !== null).length +
      documents.filter(({ problem }) => problem !== null).length,
    policy_tests: tests.filter(({ outcome }) => outcome !== 'skip').length,
    policy_denials: sets
      .flatMap((set) => set.answers)
      .flatMap(({ results }) => results)
      .filter(({ rule }) => !rule.startsWith('warn')).length,
  }
}

function notesOf(
  { sets, documents }: Given,
  { policy_evaluations: evaluations, policy_tests: tests, errors }: Readonly<Record<string, number>>,
): string {
  if (sets.length === 0) return 'The repository has no policy of its own: nothing was evaluated.'
  return `${documents.length} documents, ${evaluations ?? 0} evaluations, ${tests ?? 0} tests: ${errors ?? 0} errors.`
}

function nextOf({ elsewhere, folder, sets }: Given, n: number, errors: number): string {
  if (errors > 0) return 'Do what each finding in policy/results.json says; an exception stands under `gates.policy_ci.exceptions`.'
  if (n > 0) return 'Nothing to do.'
  const declare = 'declare `not_applicable.policy_ci.policies` in .github/release-conductor.yml on the base branch with a reason'
  if (elsewhere.length > 0)
    return `${folder} holds no Rego, but ${elsewhere.slice(0, 3).join(', ')} does: name its folder under \`gates.policy_ci.policies.folder\`, or ${declare}.`.slice(
      0,
      1000,
    )
  if (sets.some(({ at }) => at === 'head'))
    return 'The base branch has no policy yet, and a release cannot bring what it is held to: merge the policy first.'
  return `Write policies in Rego below ${folder}/, or ${declare}.`
}
