/** GitHub's API from a job: one client with a deadline, and refusals told with the line of permissions that would mend them. */
import { Octokit } from '@octokit/rest'
import { z } from 'zod'
import { needed } from '../../agents/collect/needed.ts'
import { ActionError } from './error.ts'
import type { RunFacts } from './run-facts.ts'

const TIMEOUT_MS = 30_000

export interface Repository {
  readonly owner: string
  readonly repo: string
}

export function clientOf(token: string, { apiUrl }: Pick<RunFacts, 'apiUrl'>): Octokit {
  const request = { fetch: (url: string, init: RequestInit) => fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) }) }
  return new Octokit({ auth: token, baseUrl: apiUrl, userAgent: 'release-conductor', request, log: { debug() {}, info() {}, warn() {}, error() {} } })
}

/** @param name `owner/name` */
export function repositoryOf(name: string): Repository {
  const [owner = '', repo = ''] = name.split('/')
  return { owner, repo }
}

/** Runs one call. @param what such as `post the comment` @throws ActionError `github-refused`, `github-unavailable` */
export async function asked<Answer>(what: string, call: Promise<Answer>): Promise<Answer> {
  try {
    return await call
  } catch (error) {
    throw explained(what, error)
  }
}

const Refusal = z.object({
  status: z.number(),
  message: z.string(),
  response: z.object({ headers: z.record(z.string(), z.union([z.string(), z.number(), z.undefined()])) }),
})

function explained(what: string, error: unknown): ActionError {
  const refusal = Refusal.safeParse(error)
  if (!refusal.success)
    return new ActionError(
      'github-unavailable',
      `GitHub could not be asked to ${what}: ${error instanceof Error ? error.message : String(error)}. Run the job again.`,
      { cause: error },
    )
  const { message, status } = refusal.data
  const { headers } = refusal.data.response
  const said = `GitHub refused to ${what} (${status}): ${message.slice(0, 300)}.`
  if (status >= 500 || status === 429 || headers['x-ratelimit-remaining'] === '0' || headers['retry-after'] !== undefined)
    return new ActionError('github-unavailable', `${said} Wait, then run the job again.`, { cause: error })
  return new ActionError(
    'github-refused',
    `${said} ${needed(headers['x-accepted-github-permissions']) ?? 'Check that the token may do this in this repository.'}`,
    { cause: error },
  )
}
