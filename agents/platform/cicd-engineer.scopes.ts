/** What a workflow or an action itself defines, and so which names its expressions can find. Where that cannot be known, everything is. Pure. */
import { isRecord } from '../yaml.ts'
import type { Located } from './cicd-engineer.places.ts'

type Whole = Readonly<Record<string, unknown>>

/** Name in lower case -> what is below it; `ANYTHING`: nobody knows, or all is well. */
export type Known = ReadonlyMap<string, Known> | null
export const ANYTHING = null

const leaves = (names: string): Known => new Map(names.split(' ').map((name): [string, Known] => [name.toLowerCase(), ANYTHING]))
const NOTHING: Known = new Map()

/** https://docs.github.com/en/actions/reference/workflows-and-actions/contexts, and what the context holds although no page says so. */
const GITHUB = leaves(
  'action action_path action_ref action_repository action_status actor actor_id api_url artifact_cache_size_limit base_ref ' +
    'enterprise-managed-business-id env event event_name event_path graphql_url head_ref job output path ref ref_name ref_protected ' +
    'ref_type repo-self-hosted-runners-disabled repository repository_id repository_owner repository_owner_id repository_visibility ' +
    'repositoryUrl retention_days run_attempt run_id run_number secret_source server_url sha state step_summary token ' +
    'triggering_actor workflow workflow_ref workflow_sha workspace',
)
const RUNNER = leaves('arch debug environment name os temp tool_cache workspace')
const JOB = leaves('check_run_id container services status workflow_file_path workflow_ref workflow_repository workflow_sha')
const STRATEGY = leaves('fail-fast job-index job-total max-parallel')
const STEP = leaves('outputs outcome conclusion')

/** GitHub may give more names than these lists know; and a condition may ask for what only some entries of a matrix have, or had. */
export const MAY_LACK: ReadonlySet<string> = new Set(['github', 'runner', 'job', 'strategy', 'matrix'])
/** Those of `workflow_dispatch` by their older name. */
export const EVENT_INPUTS = 'github.event.inputs'

const FIXED: Readonly<Record<string, Known>> = {
  github: GITHUB,
  runner: RUNNER,
  job: JOB,
  strategy: STRATEGY,
  env: ANYTHING,
  vars: ANYTHING,
  // A caller that says `secrets: inherit` hands on more than is declared.
  secrets: ANYTHING,
}
export const CONTEXTS: readonly string[] = [...Object.keys(FIXED), 'inputs', 'jobs', 'matrix', 'needs', 'steps']

/** @returns what is below a context, seen from a place */
export function workflowScope(workflow: Whole): (context: string, located: Located) => Known {
  const jobs = isRecord(workflow['jobs']) ? workflow['jobs'] : {}
  const on = isRecord(workflow['on']) ? workflow['on'] : {}
  const inputs = merged(inputsOf(on['workflow_dispatch']), inputsOf(on['workflow_call']))
  return (context, { job: id, step }) => {
    if (Object.hasOwn(FIXED, context)) return FIXED[context] ?? ANYTHING
    if (context === 'inputs') return inputs
    // A workflow that is called sees the event of its caller.
    if (context === EVENT_INPUTS) return Object.hasOwn(on, 'workflow_call') ? ANYTHING : inputsOf(on['workflow_dispatch'])
    if (context === 'jobs') return new Map(Object.entries(jobs).map(([name, job]) => [name.toLowerCase(), resultOf(job)]))
    const job = id === null ? undefined : jobs[id]
    if (!isRecord(job)) return ANYTHING
    if (context === 'matrix') return matrixOf(job['strategy'])
    if (context === 'needs') return needsOf(job['needs'], jobs)
    return context === 'steps' ? stepsOf(job['steps'], step) : ANYTHING
  }
}

export function actionScope(action: Whole): (context: string, located: Located) => Known {
  const runs = isRecord(action['runs']) ? action['runs'] : {}
  const inputs = inputsOf(action)
  return (context, { step }) => {
    if (context === 'inputs') return inputs
    if (context === 'steps') return stepsOf(runs['steps'], step)
    return Object.hasOwn(FIXED, context) ? (FIXED[context] ?? ANYTHING) : ANYTHING
  }
}

function merged(a: Known, b: Known): Known {
  return a === ANYTHING || b === ANYTHING ? ANYTHING : new Map([...a, ...b])
}

function namesOf(map: Whole): Known {
  return new Map(Object.keys(map).map((name): [string, Known] => [name.toLowerCase(), ANYTHING]))
}

/** Of an event or an action that may say none. */
function inputsOf(of: unknown): Known {
  const inputs = isRecord(of) ? of['inputs'] : undefined
  if (inputs === undefined || inputs === null) return NOTHING
  return isRecord(inputs) ? namesOf(inputs) : ANYTHING
}

/** A workflow that the job calls says its outputs elsewhere. */
function resultOf(job: unknown): Known {
  if (!isRecord(job)) return ANYTHING
  const outputs = job['outputs'] ?? {}
  const known = job['uses'] !== undefined || !isRecord(outputs) ? ANYTHING : namesOf(outputs)
  return new Map<string, Known>([
    ['result', ANYTHING],
    ['outputs', known],
  ])
}

function needsOf(needs: unknown, jobs: Whole): Known {
  const ids = [needs].flat().filter((id) => id !== undefined && id !== null)
  if (!ids.every((id): id is string => typeof id === 'string' && !id.includes('${{'))) return ANYTHING
  return new Map(ids.map((id) => [id.toLowerCase(), resultOf(jobs[id])]))
}

/** @param before index of the step that asks; null: all have run */
function stepsOf(steps: unknown, before: number | null): Known {
  if (!Array.isArray(steps)) return ANYTHING
  const earlier = (steps as unknown[]).slice(0, before ?? steps.length)
  const ids = earlier.flatMap((step) => (isRecord(step) && typeof step['id'] === 'string' ? [step['id'].toLowerCase()] : []))
  return new Map(ids.map((id) => [id, STEP]))
}

function matrixOf(strategy: unknown): Known {
  if (strategy === undefined) return NOTHING
  const matrix = isRecord(strategy) ? strategy['matrix'] : ANYTHING
  if (!isRecord(matrix)) return matrix === undefined ? NOTHING : ANYTHING
  const { include, exclude: _, ...rest } = matrix
  if (include === undefined || include === null) return namesOf(rest)
  if (!Array.isArray(include) || !include.every(isRecord)) return ANYTHING
  return include.reduce<Known>((known, one) => merged(known, namesOf(one)), namesOf(rest))
}
