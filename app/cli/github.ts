/** The few calls of GitHub's API that the command line makes as the user, with the user's own token. */
import { z } from 'zod'
import { needed } from '../../agents/collect/needed.ts'
import { CliError } from './error.ts'
import { repositoryName } from './repository.ts'
import type { Call } from './verb.ts'

const MAX_BYTES = 4 << 20

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface UserApi {
  readonly owner: string
  readonly name: string
  /** @param path below `/repos/{owner}/{repo}` @throws CliError */
  ask<Schema extends z.ZodType>(method: Method, path: string, schema: Schema, body?: unknown): Promise<z.infer<Schema>>
  /** Whose token it is. @throws CliError */
  login(): Promise<string>
}

/** Options of every verb that talks to GitHub. */
export const API_OPTIONS = { repo: { type: 'string' }, pull: { type: 'string' } } as const
export const API_MEANING = {
  repo: 'owner/name; else GITHUB_REPOSITORY, else the remote origin',
  pull: 'number of the release pull request; else the open one of the current branch',
} as const

/** @throws CliError `not-authorised` without a token */
export async function userApi(call: Call): Promise<UserApi> {
  const token = call.io.env['GITHUB_TOKEN'] ?? call.io.env['GH_TOKEN'] ?? ''
  if (token === '')
    throw new CliError(
      'not-authorised',
      'There is no token to speak to GitHub with as you.',
      'Set GITHUB_TOKEN to a token of yours that may write to pull requests, e.g. GITHUB_TOKEN=$(gh auth token).',
    )
  const repository = await repositoryName(call.text('repo'), call.io.env, call.io.cwd)
  if (repository === null)
    throw new CliError(
      'usage',
      'Which repository is not clear: there is no --repo, no GITHUB_REPOSITORY and no remote origin.',
      'Add --repo=owner/name.',
    )
  const base = (call.io.env['GITHUB_API_URL'] ?? 'https://api.github.com').replace(/\/+$/, '')
  if (!URL.canParse(base))
    throw new CliError('config', `GITHUB_API_URL is no address: ${base}`, 'Set it to the API of your GitHub, e.g. https://api.github.com.')
  const { owner, name } = repository

  const asked = async <Schema extends z.ZodType>(method: Method, path: string, schema: Schema, body?: unknown): Promise<z.infer<Schema>> => {
    const parsed = schema.safeParse(await request(`${base}${path}`, method, token, body))
    if (parsed.success) return parsed.data
    const what = `GitHub answered ${method} ${path} with something unknown: ${z.prettifyError(parsed.error).slice(0, 300)}`
    throw new CliError('unavailable', what, 'Check GITHUB_API_URL.')
  }
  return {
    owner,
    name,
    ask: (method, path, schema, body) => asked(method, `/repos/${owner}/${name}${path}`, schema, body),
    login: async () => (await asked('GET', '/user', z.object({ login: z.string() }))).login,
  }
}

async function request(url: string, method: string, token: string, body: unknown): Promise<unknown> {
  const headers = {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token}`,
    'x-github-api-version': '2022-11-28',
    'user-agent': 'release-conductor',
  }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  let response
  try {
    response = await fetch(url, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(30_000),
      ...sent,
    })
  } catch (error) {
    throw new CliError(
      'unavailable',
      `GitHub cannot be reached at ${new URL(url).origin}: ${error instanceof Error ? error.message : String(error)}`,
      'Check the network and GITHUB_API_URL, then try again.',
      { cause: error },
    )
  }
  const text = await bounded(response)
  if (response.ok) return parseJson(text)
  const said = z.object({ message: z.string() }).safeParse(parseJson(text)).data?.message ?? response.statusText
  const message = `GitHub refused (${response.status}): ${said.slice(0, 300)}`
  if (response.status === 401) throw new CliError('not-authorised', message, 'The token is wrong or has expired. Set GITHUB_TOKEN to one that works.')
  if (response.status === 403 && response.headers.get('x-ratelimit-remaining') !== '0')
    throw new CliError(
      'not-authorised',
      message,
      needed(response.headers.get('x-accepted-github-permissions')) ?? 'The token may not do this. Give it write access to this repository.',
    )
  if (response.status === 404)
    throw new CliError('not-found', message, 'Check --repo and --pull; a token that may not see a repository gets the same answer.')
  if (response.status === 422) throw new CliError('usage', message, 'GitHub did not accept what was asked; look at the message.')
  throw new CliError('unavailable', message, 'Try again in a while.')
}

/** @throws CliError `unavailable` when the answer is larger than any that is expected */
export async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MAX_BYTES) throw new CliError('unavailable', `GitHub answered with more than ${MAX_BYTES} bytes.`, 'Check GITHUB_API_URL.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const Pull = z.object({
  number: z.number(),
  title: z.string(),
  html_url: z.string(),
  head: z.object({ ref: z.string(), sha: z.string() }),
  base: z.object({ ref: z.string() }),
})
export type Pull = z.infer<typeof Pull>

/** The pull request that `--pull` names, or the one open release pull request. @throws CliError */
export async function pullOf(call: Call, api: UserApi): Promise<Pull> {
  const given = call.text('pull')
  if (given !== undefined) {
    if (!/^[1-9]\d{0,9}$/.test(given))
      throw new CliError('usage', `--pull=${given.slice(0, 40)} is no number.`, 'Give the number of the release pull request, e.g. --pull=12.')
    return api.ask('GET', `/pulls/${given}`, Pull)
  }
  const open = (await api.ask('GET', '/pulls?state=open&per_page=100', z.array(Pull))).filter((pull) => /^release\/v\d/.test(pull.head.ref))
  const [only, another] = open
  if (only === undefined)
    throw new CliError(
      'not-found',
      `${api.owner}/${api.name} has no open release pull request.`,
      'Run `release-conductor init --version=vX.Y.Z --open`, or name one with --pull.',
    )
  if (another !== undefined)
    throw new CliError(
      'usage',
      `${open.length} release pull requests are open: ${open.map((pull) => `#${pull.number} ${pull.head.ref}`).join(', ')}.`,
      'Say which with --pull.',
    )
  return only
}

const Comment = z.object({ id: z.number(), html_url: z.string() })

/** Posts a comment as the user, which is the command. */
export function say(api: UserApi, pull: number, body: string): Promise<z.infer<typeof Comment>> {
  return api.ask('POST', `/issues/${pull}/comments`, Comment, { body })
}
