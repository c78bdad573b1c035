/**
 * Where a job asks whether it may deploy now:
 *
 *     POST /api/job-gate   Authorization: Bearer <identity token of the job>, without a body
 *                          200 `{ answer: 'approved' | 'rejected' | 'wait', why }`
 *                          401 the token is not believed, 503 ask again in a moment: `{ why }`
 *
 * The token alone says which job it is. Nothing is written, so a token that is sent twice gets what it got, or what holds now.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isGitHubError } from '../github/error.ts'
import { jobTokens, type Job, type JobTokens } from '../github/job-token.ts'
import type { Operator } from '../operator.ts'
import { answerJob } from '../release/job-gate.ts'
import type { Clock, Log, StorePort } from '../release/ports.ts'
import type { Answer } from '../rollout/protect.ts'

export const JOB_GATE_PATH = '/api/job-gate'

/** @returns false: it is another path */
export type JobGate = (path: string, request: IncomingMessage, response: ServerResponse) => Promise<boolean>

/** null: a token is made for the public address, and there is none. */
export function openJobGate(
  { publicUrl, issuer }: Pick<Operator, 'publicUrl' | 'issuer'>,
  { store, clock, log }: { readonly store: Pick<StorePort, 'releasesOf' | 'outbox' | 'locks'>; readonly clock: Clock; readonly log: Log },
): JobGate | null {
  if (publicUrl === null) return null
  return jobGate({ tokens: jobTokens({ issuer, audience: publicUrl, clock }), ask: (job) => answerJob(store, job), log })
}

export function jobGate(of: { readonly tokens: JobTokens; readonly ask: (job: Job) => Promise<Answer>; readonly log: Log }): JobGate {
  const { tokens, ask, log } = of
  return async (path, request, response) => {
    if (path !== JOB_GATE_PATH) return false
    if (request.method !== 'POST') return say(response, 405, { why: 'A job asks by POST.' })
    if (request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0)
      return say(response, 413, { why: 'The token says all; send no body.' })
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined) return say(response, 401, { why: 'There is no token: Authorization is Bearer and the identity token of the job.' })
    try {
      const job = await tokens.read(token)
      if (typeof job === 'string') return say(response, 401, { why: `The token is not believed: ${job}.` })
      const answer = await ask(job)
      if (answer.answer !== 'wait')
        log.info(
          { run: job.run, repository: job.repositoryId, environment: job.environment, answer: answer.answer },
          'A job asked whether it may deploy.',
        )
      return say(response, 200, { ...answer })
    } catch (error) {
      log.warn({ error: String(error) }, 'A job asked whether it may deploy, and nobody could say.')
      return say(response, 503, { why: isGitHubError(error) ? error.message : 'The store does not answer. Ask again in a moment.' })
    }
  }
}

function say(response: ServerResponse, status: number, body: Readonly<Record<string, unknown>>): true {
  const text = `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // A body that nobody reads must not be taken for the next request.
    ...(status === 413 && { connection: 'close' }),
  })
  response.end(text)
  return true
}
