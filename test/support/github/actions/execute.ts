/** Runs the jobs of a planned workflow in the order of `needs`, called workflows within it, and says how each ended. */
import type { JobConclusion, RunRequest } from '../runner.ts'
import { githubContext } from './context.ts'
import { RunnerError } from './error.ts'
import { evaluate, holds, plain, strict, text, toData, type Scope } from './expression.ts'
import { runJob, type JobRecord } from './job.ts'
import type { PlannedJob, PlannedWorkflow } from './plan.ts'
import type { CallJob, StepsJob } from './schema.ts'
import type { Sources } from './sources.ts'

export interface Execution {
  readonly request: RunRequest
  readonly sources: Sources
  readonly facts: Readonly<Record<string, string>>
  readonly root: string
  readonly record: (job: JobRecord) => void
}

interface Ended {
  readonly result: JobConclusion
  readonly outputs: Readonly<Record<string, string>>
}

export interface WorkflowOutcome {
  readonly result: JobConclusion
  readonly outputs: Readonly<Record<string, string>>
}

/** How a workflow was started: its inputs, its secrets, and the display name of the calling job in front of its jobs. */
export interface Entry {
  readonly inputs: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, string>>
  readonly prefix: string
}

export async function executeWorkflow(execution: Execution, planned: PlannedWorkflow, entry: Entry): Promise<WorkflowOutcome> {
  const running = new Map<string, Promise<Ended>>()
  const ended = new Map<string, Ended>()
  const start = (id: string): Promise<Ended> => {
    const already = running.get(id)
    if (already !== undefined) return already
    const job = planned.jobs.get(id)
    if (job === undefined) throw new RunnerError('bad-workflow', `job ${id} does not exist`)
    const begin = async (): Promise<Ended> => {
      await Promise.all((job.job.needs ?? []).map(start))
      const end = await runOne(execution, planned, job, entry, ended)
      ended.set(id, end)
      return end
    }
    const promise = begin()
    running.set(id, promise)
    return promise
  }
  // All of them end before anything is thrown: nothing may still run in folders that are about to go.
  const settled = await Promise.allSettled([...planned.jobs.keys()].map(start))
  for (const job of settled) if (job.status === 'rejected') throw job.reason
  return { result: conclude([...ended.values()]), outputs: workflowOutputs(execution, planned, entry, ended) }
}

function conclude(ends: readonly Ended[]): JobConclusion {
  const results = ends.map((end) => end.result)
  if (results.includes('cancelled')) return 'cancelled'
  if (results.includes('failure') || results.includes('timed_out')) return 'failure'
  return results.every((result) => result === 'skipped') ? 'skipped' : 'success'
}

/** Every job before this one, not only its direct needs: a failure far above still counts for `success()` and `failure()`. */
function ancestors(planned: PlannedWorkflow, id: string): Set<string> {
  const found = new Set<string>()
  const visit = (of: string): void => {
    for (const need of planned.jobs.get(of)?.job.needs ?? []) {
      found.add(need)
      visit(need)
    }
  }
  visit(id)
  return found
}

async function runOne(
  execution: Execution,
  planned: PlannedWorkflow,
  job: PlannedJob,
  entry: Entry,
  ended: ReadonlyMap<string, Ended>,
): Promise<Ended> {
  const { request, facts } = execution
  const where = `${planned.file.path}: job ${job.id}`
  const before = [...ancestors(planned, job.id)].map((id) => ended.get(id)?.result)
  const status = {
    success: before.every((result) => result === 'success') && !request.signal.aborted,
    failure: before.some((result) => result === 'failure' || result === 'timed_out'),
    cancelled: request.signal.aborted,
  }
  const needs = Object.fromEntries(
    (job.job.needs ?? []).map((id) => [id, { result: word(ended.get(id)?.result), outputs: ended.get(id)?.outputs ?? {} }]),
  )
  const contexts = {
    github: githubContext(facts, request, { token: '' }),
    inputs: strict('inputs', entry.inputs),
    needs: strict('needs', needs),
    vars: toData(request.variables),
    secrets: toData(entry.secrets),
  }
  const display = entry.prefix + (job.job.name === undefined ? job.id : text(job.job.name, 'job-name', { contexts }, `${where}: name`))
  if (request.signal.aborted || !holds(job.job.if, 'job-if', { contexts, status }, where)) {
    const result = request.signal.aborted ? 'cancelled' : 'skipped'
    request.onJob({ name: display, status: 'completed', conclusion: result, steps: [] })
    return { result, outputs: {} }
  }
  if (job.kind === 'call') return call(execution, job, entry, contexts, display, where)
  const records = await Promise.all(
    legs(job.job.strategy, contexts, where).map(async ({ label, more }) => {
      const record = await runJob({
        ...execution,
        file: planned.file,
        id: job.id,
        name: `${display}${label}`,
        job: job.job,
        permissions: job.permissions,
        defaults: planned.workflow.defaults,
        workflowEnv: planned.workflow.env,
        contexts: { ...contexts, ...more },
        secrets: entry.secrets,
      })
      execution.record(record)
      return record
    }),
  )
  const ends = records.map(({ conclusion, outputs }) => ({ result: conclusion, outputs }))
  // Outputs of the legs of a matrix fall on one another: the last one stays.
  return { result: conclude(ends), outputs: Object.assign({}, ...ends.map(({ outputs }) => outputs)) as Record<string, string> }
}

interface Leg {
  /** Behind the name of the job. */
  readonly label: string
  readonly more: Scope['contexts']
}

/** A job without a matrix is one leg. https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations */
function legs(strategy: StepsJob['strategy'], contexts: Scope['contexts'], where: string): readonly Leg[] {
  const facts = (index: number, total: number) =>
    strict('strategy', { 'fail-fast': strategy === undefined, 'job-index': index, 'job-total': total, 'max-parallel': total })
  const [dimension] = Object.entries(strategy?.matrix ?? {})
  if (dimension === undefined) return [{ label: '', more: { strategy: facts(0, 1), matrix: strict('matrix', {}) } }]
  const [name, given] = dimension
  const values = typeof given === 'string' ? plain(evaluate(given, 'strategy', { contexts }, `${where}: strategy.matrix.${name}`)) : given
  if (!Array.isArray(values) || values.length === 0 || values.length > 256)
    throw new RunnerError('bad-workflow', `${where}: strategy.matrix.${name} is no list of 1 to 256 values`)
  return values.map((value: unknown, index) => ({
    label: ` (${String(value)})`,
    more: { strategy: facts(index, values.length), matrix: strict('matrix', { [name]: value }) },
  }))
}

const word = (result: JobConclusion | undefined): string => (result === 'timed_out' ? 'failure' : (result ?? 'skipped'))

async function call(
  execution: Execution,
  job: PlannedJob & { kind: 'call' },
  entry: Entry,
  contexts: Scope['contexts'],
  display: string,
  where: string,
): Promise<Ended> {
  const secrets =
    job.job.secrets === 'inherit'
      ? entry.secrets
      : Object.fromEntries(
          Object.entries(job.job.secrets ?? {}).map(([name, value]) => [name, text(value, 'job-secret', { contexts }, `${where}: secrets.${name}`)]),
        )
  const inputs = callInputs(job.job, job.callee, contexts, where)
  return executeWorkflow(execution, job.callee, { inputs, secrets, prefix: `${display} / ` })
}

const EMPTY = { string: '', boolean: false, number: 0 } as const

function callInputs(job: CallJob, callee: PlannedWorkflow, contexts: Scope['contexts'], where: string): Record<string, unknown> {
  const inputs: Record<string, unknown> = {}
  for (const [name, input] of Object.entries(callee.workflow.on.workflow_call?.inputs ?? {})) {
    const given = job.with?.[name]
    const value = typeof given === 'string' ? plain(evaluate(given, 'job-with', { contexts }, `${where}: with.${name}`)) : given
    const filled = value ?? input.default ?? EMPTY[input.type]
    if (input.type !== 'string' && typeof filled !== input.type)
      throw new RunnerError('bad-input', `${where}: with.${name} is ${JSON.stringify(filled)}, not a ${input.type}`)
    inputs[name] = input.type === 'string' ? (typeof filled === 'string' ? filled : JSON.stringify(filled)) : filled
  }
  return inputs
}

function workflowOutputs(execution: Execution, planned: PlannedWorkflow, entry: Entry, ended: ReadonlyMap<string, Ended>): Record<string, string> {
  const jobs = strict('jobs', Object.fromEntries([...ended].map(([id, end]) => [id, { result: word(end.result), outputs: end.outputs }])))
  const contexts = {
    github: githubContext(execution.facts, execution.request),
    inputs: strict('inputs', entry.inputs),
    vars: toData(execution.request.variables),
    jobs,
  }
  const declared = Object.entries(planned.workflow.on.workflow_call?.outputs ?? {})
  return Object.fromEntries(
    declared.map(([name, output]) => [name, text(output.value, 'workflow-output', { contexts }, `${planned.file.path}: outputs.${name}`)]),
  )
}
