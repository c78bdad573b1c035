/**
 * The small Actions runner: executes one attempt of a workflow run as GitHub documents it, each step a child process with a clean environment.
 * It knows the part of the language that this project and its sample adopter use, and refuses the rest by name.
 * Simplifications on purpose: processes left behind by a step are killed with it; a cancelled run starts no further step, `always()` included.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JobUpdate, RunRequest, RunResult, WorkflowRunner } from '../runner.ts'
import { githubContext, githubFacts } from './context.ts'
import { RunnerError } from './error.ts'
import { executeWorkflow } from './execute.ts'
import { strict, text, toData } from './expression.ts'
import type { JobRecord } from './job.ts'
import { plan } from './plan.ts'
import { Sources, type Trees } from './sources.ts'

export interface ActionsRunnerOptions {
  /** `owner/name@<40 hex>` -> a directory that stands for that commit, e.g. our own repository with its actions built. */
  readonly repositories?: Trees
  /** Told about every finished job. */
  readonly onRecord?: (record: JobRecord) => void
}

export interface ActionsRunner extends WorkflowRunner {
  /** Every job that ran, oldest first. */
  readonly records: readonly JobRecord[]
}

/** @throws RunnerError from `run` for a startup failure, naming what the runner does not know */
export function actionsRunner(options: ActionsRunnerOptions = {}): ActionsRunner {
  const records: JobRecord[] = []
  return {
    records,
    async run(request) {
      const root = await mkdtemp(join(tmpdir(), 'actions-run-'))
      try {
        return await runIn(root, request, options, (record) => {
          records.push(record)
          options.onRecord?.(record)
        })
      } finally {
        await rm(root, { recursive: true, force: true, maxRetries: 3 })
      }
    },
  }
}

async function runIn(root: string, request: RunRequest, options: ActionsRunnerOptions, record: (job: JobRecord) => void): Promise<RunResult> {
  const repository = `${request.repository.owner}/${request.repository.name}`
  const sources = new Sources(request, options.repositories ?? new Map())
  const file = { repository, path: request.workflowPath, ref: request.ref, sha: request.sha }
  const planned = await plan(sources, file)
  if (!(request.event.name in planned.workflow.on)) throw new RunnerError('bad-workflow', `${file.path} is not started by ${request.event.name}`)
  const facts = githubFacts(request, planned.workflow.name ?? file.path)
  const contexts = { github: githubContext(facts, request), inputs: strict('inputs', request.inputs), vars: toData(request.variables) }
  const title = planned.workflow['run-name']
  const jobs = new Map<string, JobUpdate>()
  const onJob = (update: JobUpdate): void => {
    jobs.set(update.name, update)
    request.onJob(update)
  }
  const execution = { request: { ...request, onJob }, sources, facts, root, record }
  const outcome = await executeWorkflow(execution, planned, { inputs: request.inputs, secrets: request.secrets, prefix: '' })
  return {
    conclusion: outcome.result,
    jobs: [...jobs.values()],
    ...(title === undefined ? {} : { title: text(title, 'run-name', { contexts }, `${file.path}: run-name`) }),
  }
}
