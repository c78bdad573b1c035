/** One job with steps: its folders, its token, its steps in order, its outputs. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobConclusion, JobPermissions, JobUpdate, RunRequest, StepUpdate } from '../runner.ts'
import { JobLog, type Annotation } from './commands.ts'
import { baseEnvironment, githubContext, jobContext, runnerContext, type JobFolders } from './context.ts'
import { RunnerError } from './error.ts'
import { holds, text, toData, type Scope } from './expression.ts'
import { identityEndpoint } from './oidc.ts'
import type { WorkflowFile } from './plan.ts'
import type { Step, StepsJob } from './schema.ts'
import type { Sources } from './sources.ts'
import { PATH, runStep } from './step.ts'

/** What is kept of a job, for people who look for the reason of a failure. Secrets are hidden in all of it. */
export interface JobRecord {
  readonly runId: number
  readonly attempt: number
  readonly name: string
  readonly conclusion: JobConclusion
  readonly log: readonly string[]
  readonly annotations: readonly Annotation[]
  readonly summary: string
  readonly outputs: Readonly<Record<string, string>>
}

export interface JobTask {
  readonly request: RunRequest
  readonly sources: Sources
  readonly file: WorkflowFile
  readonly id: string
  readonly name: string
  readonly job: StepsJob
  readonly permissions: JobPermissions
  readonly defaults: StepsJob['defaults']
  readonly workflowEnv: Readonly<Record<string, string>> | undefined
  readonly facts: Readonly<Record<string, string>>
  /** inputs, needs, vars and the secrets of this workflow. */
  readonly contexts: Scope['contexts']
  readonly secrets: Readonly<Record<string, string>>
  /** Below it each job gets folders of its own. */
  readonly root: string
}

type Outcome = { outcome: string; conclusion: string; outputs: Record<string, string> }

/** Never throws for a job that fails; a refusal of the runner fails the job with its message in the log. */
export async function runJob(task: JobTask): Promise<JobRecord> {
  const { request, job } = task
  const log = new JobLog()
  const steps: StepUpdate[] = []
  const report = (status: JobUpdate['status'], conclusion?: JobConclusion): void =>
    request.onJob({ name: task.name, status, ...(conclusion === undefined ? {} : { conclusion }), steps: [...steps] })
  report('in_progress')
  const timeout = AbortSignal.timeout((job['timeout-minutes'] ?? 360) * 60_000)
  const signal = AbortSignal.any([request.signal, timeout])
  let result: { failed: boolean; outputs: Record<string, string>; summary: string }
  try {
    result = await runSteps(task, log, signal, (update) => {
      steps[update.number - 1] = update
      report('in_progress')
    })
  } catch (error) {
    if (!(error instanceof RunnerError)) throw error
    log.read(`::error::${error.code}: ${error.message.replaceAll('\n', '%0A')}`)
    result = { failed: true, outputs: {}, summary: '' }
  }
  const conclusion = request.signal.aborted ? 'cancelled' : timeout.aborted ? 'timed_out' : result.failed ? 'failure' : 'success'
  report('completed', conclusion)
  const { runId, attempt } = request
  return {
    runId,
    attempt,
    name: task.name,
    conclusion,
    log: log.lines,
    annotations: log.annotations,
    summary: result.summary,
    outputs: result.outputs,
  }
}

async function folders(task: JobTask): Promise<JobFolders> {
  await mkdir(task.root, { recursive: true })
  const root = await mkdtemp(join(task.root, `${task.id}-`))
  const made = { workspace: join(root, 'work'), temp: join(root, 'temp'), tools: join(root, 'tools'), home: join(root, 'home') }
  await Promise.all(Object.values(made).map((path) => mkdir(path)))
  const eventFile = join(root, 'event.json')
  await writeFile(eventFile, JSON.stringify(task.request.event.payload))
  return { ...made, eventFile }
}

async function runSteps(task: JobTask, log: JobLog, signal: AbortSignal, onStep: (update: StepUpdate) => void) {
  const { request, job, permissions, facts, file } = task
  const where = `${file.path}: job ${task.id}`
  const place = await folders(task)
  const token = request.mintToken(permissions)
  const secrets: Record<string, string> = { ...task.secrets, GITHUB_TOKEN: token }
  for (const secret of Object.values(secrets)) log.mask(secret)
  const claims = {
    job_workflow_ref: `${file.repository}/${file.path}@${file.ref}`,
    job_workflow_sha: file.sha,
    runner_environment: 'github-hosted',
  } as const
  const environment = job.environment === undefined ? {} : { environment: job.environment.name }
  const identity =
    permissions['id-token'] === 'write' ? await identityEndpoint((audience) => request.oidcToken(audience, { ...claims, ...environment })) : null
  const identityEnv: Record<string, string> =
    identity === null ? {} : { ACTIONS_ID_TOKEN_REQUEST_URL: identity.url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: identity.token }
  if (identity !== null) log.mask(identity.token)
  try {
    const github = githubContext(facts, request, { job: task.id, token, workspace: place.workspace, event_path: place.eventFile })
    const fixed = { ...task.contexts, github, secrets: toData(secrets), runner: runnerContext(place) }
    const declared = { ...evaluateAll(task.workflowEnv, 'workflow-env', fixed, where), ...evaluateAll(job.env, 'job-env', fixed, where) }
    const added = new Map<string, string>()
    const path: string[] = [...PATH]
    const outcomes: Record<string, Outcome> = {}
    const summaries: string[] = []
    let failed = false
    for (const [index, step] of job.steps.entries()) {
      const stepWhere = `${where}: step ${index + 1}`
      const status = { success: !failed && !signal.aborted, failure: failed, cancelled: signal.aborted }
      const env = { ...declared, ...Object.fromEntries(added) }
      const scope: Scope & { status: typeof status } = {
        status,
        contexts: { ...fixed, env: toData(env), steps: toData(outcomes), job: jobContext(file, failed ? 'failure' : 'success') },
      }
      const name = step.name === undefined ? (step.uses ?? `Run ${(step.run ?? '').split('\n')[0]}`) : text(step.name, 'step', scope, stepWhere)
      const number = index + 1
      if (signal.aborted || !holds(step.if, 'step-if', scope, stepWhere)) {
        onStep({ name, number, status: 'completed', conclusion: 'skipped' })
        if (step.id !== undefined) outcomes[step.id] = { outcome: 'skipped', conclusion: 'skipped', outputs: {} }
        continue
      }
      onStep({ name, number, status: 'in_progress' })
      log.write(`== ${name}`)
      const stepEnv = { ...env, ...evaluateAll(step.env, 'step', scope.contexts, stepWhere) }
      const limit = step['timeout-minutes'] === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(step['timeout-minutes'] * 60_000)])
      const result = await runStep(step, {
        request,
        sources: task.sources,
        folders: place,
        log,
        scope: { contexts: { ...scope.contexts, env: toData(stepEnv) } },
        env: layered(baseEnvironment(facts, place, task.id, path), { ...identityEnv, ...stepEnv }),
        shell: job.defaults?.run.shell ?? task.defaults?.run.shell,
        directory: job.defaults?.run['working-directory'] ?? task.defaults?.run['working-directory'],
        signal: limit,
        where: stepWhere,
      }).catch(refusal(log))
      for (const [key, value] of result.env) added.set(key, value)
      path.unshift(...result.path)
      if (result.summary !== '') summaries.push(result.summary)
      const outcome = result.ok ? 'success' : 'failure'
      const conclusion = result.ok || step['continue-on-error'] === true ? 'success' : 'failure'
      if (step.id !== undefined) outcomes[step.id] = { outcome, conclusion, outputs: Object.fromEntries(result.outputs) }
      if (conclusion === 'failure') failed = true
      onStep({ name, number, status: 'completed', conclusion })
    }
    const contexts = {
      ...fixed,
      env: toData({ ...declared, ...Object.fromEntries(added) }),
      steps: toData(outcomes),
      job: jobContext(file, 'success'),
    }
    return { failed, outputs: jobOutputs(job, contexts, log, where), summary: summaries.join('\n') }
  } finally {
    await identity?.close()
  }
}

/** A step may change PATH or HOME for itself, never what describes the run. */
function layered(base: Readonly<Record<string, string>>, own: Readonly<Record<string, string>>): Record<string, string> {
  const fixed = Object.fromEntries(Object.entries(base).filter(([name]) => /^(GITHUB|RUNNER)_/.test(name)))
  return { ...base, ...own, ...fixed }
}

/** A refusal inside a step fails that step, so that `if: always()` behind it still runs. */
function refusal(log: JobLog) {
  return (error: unknown): Awaited<ReturnType<typeof runStep>> => {
    if (!(error instanceof RunnerError)) throw error
    log.read(`::error::${error.code}: ${error.message.replaceAll('\n', '%0A')}`)
    return { ok: false, outputs: new Map(), env: new Map(), path: [], summary: '' }
  }
}

function evaluateAll(map: Step['env'], at: 'workflow-env' | 'job-env' | 'step', contexts: Scope['contexts'], where: string): Record<string, string> {
  return Object.fromEntries(Object.entries(map ?? {}).map(([name, value]) => [name, text(value, at, { contexts }, `${where}: env.${name}`)]))
}

/** An output that would show a secret is not sent. */
function jobOutputs(job: StepsJob, contexts: Scope['contexts'], log: JobLog, where: string): Record<string, string> {
  const outputs: Record<string, string> = {}
  for (const [name, template] of Object.entries(job.outputs ?? {})) {
    const value = text(template, 'job-output', { contexts }, `${where}: outputs.${name}`)
    if (log.leaks(value)) log.read(`::warning::output ${name} may hold a secret and was not sent`)
    else outputs[name] = value
  }
  return outputs
}
