/** GET of the GitHub API with the job's token: bounded in bytes, time and tries. */
import { setTimeout as pause } from 'node:timers/promises'
import type { z } from 'zod'
import type { CollectContext } from './collector.ts'
import { CollectError } from './error.ts'
import { needed } from './needed.ts'

const TRIES = 3
const TIMEOUT_MS = 15_000
const MAX_BYTES = 2 << 20

export const TOKEN_NEXT = 'Give the job `contents: read` and `pull-requests: read`, and pass its token; at a desk set GITHUB_TOKEN.'

/** Bytes of an answer, refused as soon as they are too many. @throws CollectError `too-large` */
async function read(response: Response, path: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > MAX_BYTES) throw new CollectError('too-large', `GET ${path} answered more than ${MAX_BYTES} bytes`, 'Make the release smaller.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/**
 * @param path beginning with a slash
 * @returns the parsed body, or null on 404
 * @throws CollectError `api-refused` | `api-unreachable` | `answer-invalid` | `too-large`
 */
export async function get<Shape>(context: CollectContext, path: string, shape: z.ZodType<Shape>): Promise<Shape | null> {
  if (context.token === null) throw new CollectError('api-refused', 'there is no token for the GitHub API', TOKEN_NEXT)
  let last: CollectError | undefined
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    if (attempt > 1) await pause(250 * attempt)
    let response: Response
    let text: string
    try {
      response = await fetch(`${context.apiUrl}${path}`, {
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          accept: 'application/vnd.github+json',
          authorization: `Bearer ${context.token}`,
          'user-agent': 'release-conductor',
          'x-github-api-version': '2022-11-28',
        },
      })
      text = await read(response, path)
    } catch (error) {
      if (error instanceof CollectError) throw error
      last = new CollectError('api-unreachable', `GET ${path} got no answer`, 'Look at the status of GitHub, then run the phase again.', {
        cause: error,
      })
      continue
    }
    if (response.status === 404) return null
    if (response.status >= 500) {
      last = new CollectError('api-unreachable', `GET ${path} answered ${response.status}`, 'Look at the status of GitHub, then run the phase again.')
      continue
    }
    if (!response.ok) {
      const next = needed(response.headers.get('x-accepted-github-permissions')) ?? TOKEN_NEXT
      throw new CollectError('api-refused', `GET ${path} answered ${response.status}`, next)
    }
    return parsed(text, path, shape)
  }
  throw last ?? new CollectError('api-unreachable', `GET ${path} got no answer`, TOKEN_NEXT)
}

function parsed<Shape>(text: string, path: string, shape: z.ZodType<Shape>): Shape {
  const next = 'Check the API address, then run the phase again.'
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (error) {
    throw new CollectError('answer-invalid', `GET ${path} answered something that is not JSON`, next, { cause: error })
  }
  const result = shape.safeParse(body)
  if (!result.success) {
    const where = result.error.issues.map((issue) => issue.path.join('.')).join(', ')
    throw new CollectError('answer-invalid', `GET ${path} answered an unknown shape (${where.slice(0, 300)})`, next, { cause: result.error })
  }
  return result.data
}
