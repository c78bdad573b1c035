/** The facts of the workflow run an action stands in, read once from the runner's variables. */
import { z } from 'zod'
import { CommitSha, RepositoryName } from '../../evidence/model/primitives.ts'
import { ActionError } from './error.ts'

const Id = z
  .string()
  .regex(/^[1-9]\d{0,15}$/, 'a number')
  .transform(Number)

const Variables = z.object({
  GITHUB_API_URL: z
    .string()
    .regex(/^https?:\/\//)
    .max(500),
  GITHUB_REPOSITORY: RepositoryName,
  GITHUB_REPOSITORY_ID: Id,
  GITHUB_SHA: CommitSha,
  GITHUB_REF: z.string().min(1).max(300),
  GITHUB_EVENT_NAME: z.string().min(1).max(50),
  GITHUB_WORKFLOW_REF: z.string().min(1).max(500),
  GITHUB_RUN_ID: Id,
  GITHUB_RUN_ATTEMPT: Id,
  GITHUB_WORKSPACE: z.string().min(1),
  RUNNER_ENVIRONMENT: z.string().min(1).max(50),
})

export interface RunFacts {
  readonly apiUrl: string
  readonly repository: string
  readonly repositoryId: number
  readonly sha: string
  readonly ref: string
  readonly event: string
  /** Caller workflow, `owner/repo/.github/workflows/x.yml@ref`. */
  readonly workflow: string
  readonly runId: number
  readonly runAttempt: number
  readonly workspace: string
  readonly runnerEnvironment: string
}

/** https://docs.github.com/en/actions/reference/workflows-and-actions/variables @throws ActionError `environment` */
export function readRunFacts(env: Readonly<Record<string, string | undefined>>): RunFacts {
  const parsed = Variables.safeParse(env)
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))].join(', ')
    throw new ActionError('environment', `This runs inside GitHub Actions only: ${names} is absent or has an unknown form.`)
  }
  const { data } = parsed
  return {
    apiUrl: data.GITHUB_API_URL.replace(/\/+$/, ''),
    repository: data.GITHUB_REPOSITORY,
    repositoryId: data.GITHUB_REPOSITORY_ID,
    sha: data.GITHUB_SHA,
    ref: data.GITHUB_REF,
    event: data.GITHUB_EVENT_NAME,
    workflow: data.GITHUB_WORKFLOW_REF,
    runId: data.GITHUB_RUN_ID,
    runAttempt: data.GITHUB_RUN_ATTEMPT,
    workspace: data.GITHUB_WORKSPACE,
    runnerEnvironment: data.RUNNER_ENVIRONMENT,
  }
}
