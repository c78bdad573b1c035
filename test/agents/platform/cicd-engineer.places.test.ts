/** Which contexts each place may ask for: held against GitHub's own language service, place by place. */
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { locatedInAction, locatedInWorkflow, PLACES, type PlaceName } from '../../../agents/platform/cicd-engineer.places.ts'
import { CONTEXTS } from '../../../agents/platform/cicd-engineer.scopes.ts'
import { languageProblems } from '../../support/actions/language-service.ts'

/** One text in each place of a workflow, or of an action.yml; its text is `HERE`. */
const JOB = (lines: string): string =>
  `on: push\njobs:\n  one:\n    runs-on: ubuntu-24.04\n    steps: [{ run: a }]\n${lines.replaceAll(/^/gm, '    ')}\n`
const CALLED = (lines: string): string =>
  `on: push\njobs:\n  one:\n    uses: owner/name/.github/workflows/x.yml@v1\n${lines.replaceAll(/^/gm, '    ')}\n`
const CALL = (lines: string): string =>
  `on:\n  workflow_call:\n${lines.replaceAll(/^/gm, '    ')}\njobs: { one: { runs-on: a, steps: [{ run: a }] } }\n`
const STEP = (lines: string): string => `on: push\njobs:\n  one:\n    runs-on: ubuntu-24.04\n    steps:\n      - ${lines}\n`
const ACTION = (lines: string): string => `name: a\ndescription: b\n${lines}\n`
const INSIDE = (lines: string): string => ACTION(`runs:\n  using: composite\n  steps:\n    - ${lines}`)

const WRITTEN: Readonly<Record<PlaceName, string>> = {
  'run-name': `run-name: HERE\n${JOB('')}`,
  concurrency: `concurrency: HERE\n${JOB('')}`,
  env: `env: { A: HERE }\n${JOB('')}`,
  'on.workflow_call.inputs.default': CALL('inputs: { a: { type: string, default: HERE } }'),
  'on.workflow_call.outputs.value': CALL('outputs: { a: { value: HERE } }'),
  'job.if': JOB('if: HERE'),
  'job.strategy': JOB('strategy: { matrix: HERE }'),
  'job.name': JOB('name: HERE'),
  'job.runs-on': 'on: push\njobs: { one: { runs-on: HERE, steps: [{ run: a }] } }\n',
  'job.concurrency': JOB('concurrency: { group: HERE }'),
  'job.continue-on-error': JOB('continue-on-error: HERE'),
  'job.timeout-minutes': JOB('timeout-minutes: HERE'),
  'job.environment': JOB('environment: { name: HERE }'),
  'job.environment.url': JOB('environment: { name: a, url: HERE }'),
  'job.env': JOB('env: { A: HERE }'),
  'job.defaults': JOB('defaults: { run: { working-directory: HERE } }'),
  'job.snapshot.if': JOB('snapshot: { image-name: a, if: HERE }'),
  'job.container': JOB('container: { image: HERE }'),
  'job.container.env': JOB('container: { image: a, env: { A: HERE } }'),
  'job.container.credentials': JOB('container: { image: a, credentials: { username: HERE, password: HERE } }'),
  'job.with': CALLED('with: { a: HERE }'),
  'job.secrets': CALLED('secrets: { a: HERE }'),
  'job.outputs': JOB('outputs: { a: HERE }'),
  'step.if': STEP('{ run: a, if: HERE }'),
  step: STEP('{ run: HERE }'),
  'action.step.if': INSIDE('{ run: a, shell: sh, if: HERE }'),
  'action.step': INSIDE('{ run: HERE, shell: sh }'),
  'action.outputs.value': ACTION('outputs: { a: { description: b, value: HERE } }\nruns:\n  using: composite\n  steps: [{ run: a, shell: sh }]'),
}
const isAction = (place: string): boolean => place.startsWith('action.')

test.each(Object.entries(PLACES))('%s is found, and offers what the language service does', async (name, { contexts, functions, condition }) => {
  const text = WRITTEN[name as PlaceName]
  const whole = parse(text) as Record<string, unknown>
  const located = isAction(name) ? locatedInAction(whole) : locatedInWorkflow(whole)
  expect(located.filter((one) => one.text === 'HERE').map(({ place }) => place)).toEqual(expect.arrayContaining([name]))
  const path = isAction(name) ? 'action.yml' : '.github/workflows/a.yml'
  const refused = async (expression: string): Promise<boolean> => {
    const problems = await languageProblems(
      path,
      text.replaceAll('HERE', () => `'\${{ ${expression} }}'`),
    )
    return problems.some((problem) => /Unrecognized (?:named-value|function)/.test(problem))
  }
  const offered: string[] = []
  for (const context of CONTEXTS) if (!(await refused(`${context}.a`))) offered.push(context)
  expect(offered.toSorted()).toEqual([...contexts].toSorted())
  const calls: string[] = []
  for (const [called, given] of [
    ['always', ''],
    ['cancelled', ''],
    ['failure', ''],
    ['success', ''],
    ['hashFiles', '1'],
  ] as const)
    if (!(await refused(`${called}(${given})`))) calls.push(called)
  expect(calls.toSorted()).toEqual([...functions].toSorted())
  expect(condition).toBe(name.endsWith('if'))
})
