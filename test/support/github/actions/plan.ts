/**
 * Everything that can be known before a job starts: the called workflows, who may do what, and that every name and expression is one this runner knows.
 * A refusal here is GitHub's "startup failure": no job runs.
 */
import type { JobPermissions } from '../runner.ts'
import { known } from './builtin/index.ts'
import { RunnerError } from './error.ts'
import { check } from './expression.ts'
import { grant } from './permissions.ts'
import type { PlaceName } from './places.ts'
import { readWorkflow } from './read.ts'
import type { CallJob, Step, StepsJob, Workflow } from './schema.ts'
import { SHA, type Sources } from './sources.ts'

/** A workflow file at one commit. */
export interface WorkflowFile {
  readonly repository: string
  readonly path: string
  /** What stands behind the `@` in its reference. */
  readonly ref: string
  readonly sha: string
}

export type PlannedJob =
  | { readonly kind: 'steps'; readonly id: string; readonly job: StepsJob; readonly permissions: JobPermissions }
  | { readonly kind: 'call'; readonly id: string; readonly job: CallJob; readonly callee: PlannedWorkflow }

export interface PlannedWorkflow {
  readonly file: WorkflowFile
  readonly workflow: Workflow
  readonly jobs: ReadonlyMap<string, PlannedJob>
}

const DEPTH = 10

/** @throws RunnerError naming what is unknown, unpinned, missing or not allowed */
export async function plan(sources: Sources, file: WorkflowFile, ceiling?: JobPermissions, depth = 1): Promise<PlannedWorkflow> {
  const where = `${file.repository}/${file.path}`
  if (depth > DEPTH) throw new RunnerError('bad-workflow', `${where} is nested deeper than ${DEPTH} workflows`)
  const workflow = readWorkflow(await sources.read(file.repository, file.sha, file.path), where)
  checkWorkflow(workflow, where)
  const jobs = new Map<string, PlannedJob>()
  for (const [id, job] of workflow.jobs) {
    const at = `${where}: job ${id}`
    const permissions = grant(job.permissions ?? workflow.permissions, ceiling, at)
    if ('uses' in job) {
      const callee = await plan(sources, calledFile(job.uses, file, at), permissions, depth + 1)
      checkCall(job, callee, at)
      jobs.set(id, { kind: 'call', id, job, callee })
    } else {
      checkSteps(job, at)
      jobs.set(id, { kind: 'steps', id, job, permissions })
    }
  }
  return { file, workflow, jobs }
}

function calledFile(uses: string, caller: WorkflowFile, where: string): WorkflowFile {
  if (uses.startsWith('./')) return { ...caller, path: uses.slice(2) }
  const match = /^([A-Za-z0-9-]+\/[A-Za-z0-9._-]+)\/(\.github\/workflows\/[A-Za-z0-9._-]+\.ya?ml)@(.+)$/.exec(uses)
  const [, repository, path, sha] = match ?? []
  if (repository === undefined || path === undefined || sha === undefined)
    throw new RunnerError('unknown-action', `${where} uses ${uses}, which is no reusable workflow`)
  if (!SHA.test(sha)) throw new RunnerError('not-pinned', `${where} uses ${uses}: pin it to a commit of 40 hex digits`)
  return { repository, path, ref: sha, sha }
}

function checkCall(job: CallJob, callee: PlannedWorkflow, where: string): void {
  const call = callee.workflow.on.workflow_call
  if (call === undefined) throw new RunnerError('bad-workflow', `${where}: ${job.uses} has no workflow_call event`)
  const inputs = call?.inputs ?? {}
  for (const name of Object.keys(job.with ?? {}))
    if (!(name in inputs)) throw new RunnerError('unknown-input', `${where}: ${job.uses} has no input ${name}`)
  for (const [name, input] of Object.entries(inputs))
    if (input.required === true && job.with?.[name] === undefined) throw new RunnerError('bad-input', `${where}: ${job.uses} requires input ${name}`)
  const secrets = call?.secrets ?? {}
  if (job.secrets === 'inherit') return
  for (const name of Object.keys(job.secrets ?? {}))
    if (!(name in secrets)) throw new RunnerError('unknown-input', `${where}: ${job.uses} has no secret ${name}`)
  for (const [name, secret] of Object.entries(secrets))
    if (secret?.required === true && job.secrets?.[name] === undefined)
      throw new RunnerError('bad-input', `${where}: ${job.uses} requires secret ${name}`)
}

function checkAll(map: Readonly<Record<string, string | number | boolean>> | undefined, at: PlaceName, where: string): void {
  for (const [name, value] of Object.entries(map ?? {})) check(String(value), at, `${where}.${name}`)
}

function checkWorkflow(workflow: Workflow, where: string): void {
  check(workflow['run-name'], 'run-name', `${where}: run-name`)
  const { concurrency } = workflow
  check(typeof concurrency === 'string' ? concurrency : concurrency?.group, 'concurrency', `${where}: concurrency`)
  checkAll(workflow.env, 'workflow-env', `${where}: env`)
  for (const [name, output] of Object.entries(workflow.on.workflow_call?.outputs ?? {}))
    check(output.value, 'workflow-output', `${where}: outputs.${name}`)
  for (const [id, job] of workflow.jobs) {
    const at = `${where}: job ${id}`
    check(job.if, 'job-if', `${at}: if`)
    check(job.name, 'job-name', `${at}: name`)
    if (!('uses' in job)) continue
    checkAll(job.with, 'job-with', `${at}: with`)
    if (job.secrets !== 'inherit') checkAll(job.secrets, 'job-secret', `${at}: secrets`)
  }
}

function checkSteps(job: StepsJob, where: string): void {
  for (const values of Object.values(job.strategy?.matrix ?? {}))
    if (typeof values === 'string') check(values, 'strategy', `${where}: strategy.matrix`)
  checkAll(job.env, 'job-env', `${where}: env`)
  checkAll(job.outputs, 'job-output', `${where}: outputs`)
  for (const [index, step] of job.steps.entries()) checkStep(step, `${where}: step ${index + 1}`)
}

function checkStep(step: Step, where: string): void {
  check(step.if, 'step-if', `${where}: if`)
  check(step.name, 'step', `${where}: name`)
  check(step.run, 'step', `${where}: run`)
  check(step['working-directory'], 'step', `${where}: working-directory`)
  checkAll(step.env, 'step', `${where}: env`)
  checkAll(step.with, 'step', `${where}: with`)
  if (step.uses !== undefined && !step.uses.startsWith('./')) known(step.uses, step.with ?? {}, where)
}
