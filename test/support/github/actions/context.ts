/** The facts of a run, once as expression contexts and once as the environment of its processes. */
import { arch } from 'node:os'
import type { RunRequest } from '../runner.ts'
import { strict, toData } from './expression.ts'
import type { WorkflowFile } from './plan.ts'

export const RUNNER_ENVIRONMENT = 'github-hosted'

/** Folders of one job. */
export interface JobFolders {
  readonly workspace: string
  readonly temp: string
  readonly tools: string
  readonly home: string
  readonly eventFile: string
}

const short = (ref: string): string => ref.replace(/^refs\/(heads|tags|pull)\//, '')

/** `github`, without what only a job has. The workflow is always the top-level one, also inside a called workflow. */
export function githubFacts(request: RunRequest, workflowName: string): Record<string, string> {
  const { owner, name, id, ownerId } = request.repository
  const pull = request.event.payload['pull_request'] as { head?: { ref?: string }; base?: { ref?: string } } | undefined
  return {
    actor: request.actor.login,
    actor_id: String(request.actor.id),
    api_url: request.apiUrl,
    base_ref: pull?.base?.ref ?? '',
    event_name: request.event.name,
    head_ref: pull?.head?.ref ?? '',
    ref: request.ref,
    ref_name: short(request.ref),
    ref_type: request.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    repository: `${owner}/${name}`,
    repository_id: String(id),
    repository_owner: owner,
    repository_owner_id: String(ownerId),
    run_attempt: String(request.attempt),
    run_id: String(request.runId),
    run_number: String(request.runId),
    server_url: request.serverUrl,
    sha: request.sha,
    triggering_actor: request.actor.login,
    workflow: workflowName,
    workflow_ref: `${owner}/${name}/${request.workflowPath}@${request.ref}`,
    workflow_sha: request.sha,
  }
}

export function githubContext(facts: Readonly<Record<string, string>>, request: RunRequest, more: Readonly<Record<string, string>> = {}) {
  return strict('github', { ...facts, ...more, event: toData(request.event.payload) })
}

/** `job`: its workflow_* members name the file that holds the job, which in a called workflow is not the caller's. */
export function jobContext(file: WorkflowFile, status: string) {
  return strict('job', {
    status,
    workflow_ref: `${file.repository}/${file.path}@${file.ref}`,
    workflow_sha: file.sha,
    workflow_repository: file.repository,
    workflow_file_path: file.path,
  })
}

const ARCH: Readonly<Record<string, string>> = { x64: 'X64', arm64: 'ARM64' }

export function runnerContext(folders: JobFolders) {
  return strict('runner', runnerFacts(folders))
}

function runnerFacts(folders: JobFolders): Record<string, string> {
  return { os: 'Linux', arch: ARCH[arch()] ?? 'X64', name: 'double', temp: folders.temp, tool_cache: folders.tools, environment: RUNNER_ENVIRONMENT }
}

/** All a process of the job gets before the job's own `env`. Nothing of the test's environment is in it. */
export function baseEnvironment(
  facts: Readonly<Record<string, string>>,
  folders: JobFolders,
  job: string,
  path: readonly string[],
): Record<string, string> {
  const github = Object.fromEntries(Object.entries(facts).map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, value]))
  const runner = Object.fromEntries(Object.entries(runnerFacts(folders)).map(([name, value]) => [`RUNNER_${name.toUpperCase()}`, value]))
  return {
    ...github,
    ...runner,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_JOB: job,
    GITHUB_WORKSPACE: folders.workspace,
    GITHUB_EVENT_PATH: folders.eventFile,
    HOME: folders.home,
    LANG: 'C.UTF-8',
    PATH: path.join(':'),
  }
}
