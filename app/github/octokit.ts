/**
 * The only Octokit of the product. What it adds to the library: one token per job, one write at a time per installation, a deadline and a byte cap on
 * every exchange, conditional GETs, and retries that never repeat a creating call (GITHUB.md traps T31, T38, T40, T41).
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Octokit } from '@octokit/rest'
import type { Leave, Repository } from '../release/ports.ts'
import type { Share } from './budget.ts'
import { EtagCache } from './etag-cache.ts'
import { GitHubError, isGitHubError } from './error.ts'
import { openMinute, type Minutes } from './minute.ts'
import { writeQueue } from './queue.ts'
import { boundedFetch } from './transport.ts'
import { keyOf, lookOf, tokens } from './tokens.ts'
import type { Permissions, Scope } from './tokens.ts'
import { errorOf, isNotModified } from './refusal.ts'

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

export interface ClientOptions {
  readonly appId: number
  /** PEM. */
  readonly privateKey: string
  /** Default `https://api.github.com`. */
  readonly baseUrl?: string
  /** Per exchange; default 15 s. */
  readonly timeoutMs?: number
  /** Default cap of an answer; default 8 MiB. A call may set its own. */
  readonly maxBytes?: number
  /** Pause between writes of one installation; default 0. */
  readonly writeSpacingMs?: number
  /** Waits before the second, third … try of an idempotent call; default 250 ms, 1 s. */
  readonly backoffMs?: readonly number[]
  /** Whether GitHub limits what is sent in a minute; default true. */
  readonly isLimited?: boolean
  /** What other processes of this App on the same database tell of theirs; default: there is no other. */
  readonly minutes?: Minutes
  readonly now?: () => number
  readonly fetch?: typeof globalThis.fetch
}

export interface Call {
  readonly method: Method
  /** From the API's root, e.g. `/repos/acme/shop/pulls/1`, or a whole URL of the same host (a `next` link, an upload address). */
  readonly path: string
  readonly permissions: Permissions
  readonly query?: Readonly<Record<string, string | number>>
  /** JSON, or bytes with `contentType`. */
  readonly body?: Readonly<Record<string, unknown>> | Uint8Array
  readonly contentType?: string
  /** Default: GitHub's JSON. */
  readonly accept?: string
  readonly maxBytes?: number
  readonly timeoutMs?: number
  /** May wait for a minute whose share has room: see budget.ts. Undefined: it may not. */
  readonly share?: Share
  /** Asked when it is its turn, right before it is sent, each time it is: what it throws keeps it here. */
  readonly leave?: Leave
  /** The body as text: for numbers that a JavaScript number does not hold. */
  readonly asText?: boolean
}

export interface Answer {
  readonly status: number
  readonly data: unknown
  readonly headers: Readonly<Record<string, string | number | undefined>>
}

export interface Client {
  readonly appId: number
  readonly baseUrl: string
  /** Whether what only has this share of the installation's minute must wait now. */
  isFull(scope: Scope, share: Share): boolean
  /** One call in the name of the repository's installation. A repository that moved is followed; other redirects come back as answers. @throws GitHubError */
  call(scope: Scope, call: Call): Promise<Answer>
  /** A call in the name of the App itself, for what belongs to no installation; a POST is sent once. Default GET. @throws GitHubError */
  asApp(call: Pick<Call, 'path' | 'query' | 'maxBytes' | 'asText'> & { readonly method?: 'GET' | 'POST' }): Promise<Answer>
  /** A GET of a foreign address without any token, for the second half of a download. @throws GitHubError */
  plain(url: string, maxBytes: number): Promise<Uint8Array>
}

const API_VERSION = '2022-11-28'
const nothing = (): void => undefined

export function client(options: ClientOptions): Client {
  const now = options.now ?? Date.now
  const baseUrl = (options.baseUrl ?? 'https://api.github.com').replace(/\/+$/, '')
  const defaults = { timeoutMs: options.timeoutMs ?? 15_000, maxBytes: options.maxBytes ?? 8 * 1024 * 1024, fetch: options.fetch ?? globalThis.fetch }
  const backoff = options.backoffMs ?? [250, 1000]
  const octokit = new Octokit({ baseUrl, userAgent: 'release-conductor', log: { debug: nothing, info: nothing, warn: nothing, error: nothing } })
  const queue = writeQueue(options.writeSpacingMs ?? 0)
  /** They may take minutes, and go to a host of their own: no other write waits behind one. */
  const uploads = writeQueue(0)
  const kept = new EtagCache(2000, 32 * 1024 * 1024)
  const minute = openMinute({
    now,
    isLimited: options.isLimited !== false,
    process: randomUUID(),
    ...(options.minutes !== undefined && { minutes: options.minutes }),
  })

  /** One exchange; every failure leaves as a GitHubError. */
  async function exchange(
    authorization: string,
    call: Omit<Call, 'permissions'>,
    headers: Record<string, string>,
    creates: boolean,
  ): Promise<Answer> {
    const fetch = boundedFetch({
      ...defaults,
      ...(call.maxBytes && { maxBytes: call.maxBytes }),
      ...(call.timeoutMs && { timeoutMs: call.timeoutMs }),
    })
    const bytes = call.body instanceof Uint8Array
    try {
      const answer = await octokit.request({
        method: call.method,
        url: addressOf(baseUrl, call),
        headers: {
          accept: call.accept ?? 'application/vnd.github+json',
          'x-github-api-version': API_VERSION,
          authorization,
          ...(bytes && { 'content-type': call.contentType ?? 'application/octet-stream' }),
          ...headers,
        },
        ...(call.body !== undefined && { data: call.body }),
        request: { fetch, ...(call.asText === true && { parseSuccessResponseBody: false }) },
      })
      const data: unknown = call.asText === true ? await new Response(answer.data as ConstructorParameters<typeof Response>[0]).text() : answer.data
      return { status: answer.status, data, headers: answer.headers }
    } catch (error) {
      if (isNotModified(error)) return { status: 304, data: null, headers: {} }
      throw errorOf(error, creates, now())
    }
  }

  const held = tokens({
    appId: options.appId,
    privateKey: options.privateKey,
    now,
    // Minting changes nothing anybody can see, so it may be repeated, and a failure of it is never an unknown effect.
    mint: async (jwt, installation, body) => {
      const call: Omit<Call, 'permissions'> = { method: 'POST', path: `/app/installations/${installation}/access_tokens`, body }
      return repeated(async () => (await exchange(`bearer ${jwt}`, call, {}, false)).data)
    },
  })

  async function repeated<Result>(attempt: () => Promise<Result>): Promise<Result> {
    for (const wait of backoff) {
      try {
        return await attempt()
      } catch (error) {
        if (!isGitHubError(error, 'unavailable')) throw error
        await sleep(wait)
      }
    }
    return attempt()
  }

  /** Where an installation has not granted all that a look reads, each call has what it needs, and fails alone. */
  const narrow = new Set<number>()

  async function permitted(scope: Scope, call: Call): Promise<{ readonly permissions: Permissions; readonly token: string }> {
    const permissions = scope.id === null || narrow.has(scope.installationId) ? call.permissions : lookOf(call.permissions)
    try {
      return { permissions, token: await held.token(scope, permissions) }
    } catch (error) {
      if (permissions === call.permissions || !isGitHubError(error) || error.status !== 422) throw error
      narrow.add(scope.installationId)
      return { permissions: call.permissions, token: await held.token(scope, call.permissions) }
    }
  }

  async function once(scope: Scope, call: Call): Promise<Answer> {
    const { permissions, token } = await permitted(scope, call)
    const authorization = `token ${token}`
    const key = `${keyOf(scope, permissions)}|${addressOf(baseUrl, call)}`
    const known = call.method === 'GET' ? kept.get(key) : undefined
    await call.leave?.()
    minute.sent(scope.installationId, call.method)
    const answer = await exchange(authorization, call, known === undefined ? {} : { 'if-none-match': known.etag }, call.method === 'POST')
    if (answer.status === 304 && known !== undefined) return { status: 200, data: known.data, headers: { ...answer.headers, link: known.link } }
    const etag = answer.headers['etag']
    if (call.method === 'GET' && answer.status === 200 && typeof etag === 'string')
      kept.set(key, {
        etag,
        data: answer.data,
        link: text(answer.headers['link']),
        bytes: Number(answer.headers['content-length'] ?? 0) || sizeOf(answer.data),
      })
    return answer
  }

  /** A 401 means nothing was done: one more try with a new token. */
  async function authorised(scope: Scope, call: Call): Promise<Answer> {
    try {
      return await once(scope, call)
    } catch (error) {
      if (!isGitHubError(error) || error.status !== 401) throw error
      held.forget(scope, call.permissions)
      held.forget(scope, lookOf(call.permissions))
      return once(scope, call)
    }
  }

  async function respectful(scope: Scope, call: Call): Promise<Answer> {
    await minute.admit(scope.installationId, call)
    try {
      return await (call.method === 'POST' ? authorised(scope, call) : repeated(() => authorised(scope, call)))
    } catch (error) {
      if (isGitHubError(error, 'limited') && error.retryAt !== null) await minute.refused(scope.installationId, error.retryAt)
      throw error
    }
  }

  /** A renamed or transferred repository: GitHub did nothing and names the address by id, on the same host. A write is sent there as it was. */
  async function followed(scope: Scope, call: Call): Promise<Answer> {
    const answer = await respectful(scope, call)
    if (answer.status !== 301 && answer.status !== 307 && answer.status !== 308) return answer
    const moved = text(answer.headers['location'])
    if (moved === undefined || !sameHost(moved, baseUrl))
      throw new GitHubError('refused', 'GitHub sent the call to an address that is not its own; the token was not sent there.', {
        status: answer.status,
      })
    return respectful(scope, { ...call, path: moved, query: {} })
  }

  return {
    appId: options.appId,
    baseUrl,
    isFull: (scope, share) => minute.isFull(scope.installationId, share),
    async call(scope, call) {
      if (call.method === 'GET') return followed(scope, call)
      if (call.body instanceof Uint8Array) return uploads.run(scope.installationId, () => followed(scope, call))
      const longestMs = (call.timeoutMs ?? defaults.timeoutMs) + 2_000
      return queue.run(scope.installationId, () => minute.inTurn(scope.installationId, call.share, longestMs, () => followed(scope, call)))
    },
    asApp(call) {
      const { method = 'GET' } = call
      const send = async (): Promise<Answer> => exchange(`bearer ${await held.jwt()}`, { ...call, method }, {}, method === 'POST')
      return method === 'POST' ? send() : repeated(send)
    },
    async plain(url, maxBytes) {
      if (new URL(url).protocol !== 'https:' && !sameHost(url, baseUrl))
        throw new GitHubError('refused', 'GitHub pointed a download at an address without TLS; it was not followed.')
      return repeated(async () => {
        const response = await boundedFetch({ ...defaults, timeoutMs: Math.max(defaults.timeoutMs, 60_000), maxBytes })(url)
        if (response.status >= 500) throw new GitHubError('unavailable', `The download answered ${response.status}.`, { status: response.status })
        if (response.status !== 200) throw new GitHubError('refused', `The download answered ${response.status}.`, { status: response.status })
        return new Uint8Array(await response.arrayBuffer())
      })
    },
  }
}

/** `/repos/owner/name`, each part escaped. */
export function repositoryPath(repository: Repository): string {
  return `/repos/${encodeURIComponent(repository.owner)}/${encodeURIComponent(repository.name)}`
}

/** Same protocol and host name: a token may go there. The port is left free for loopback servers. */
export function sameHost(url: string, baseUrl: string): boolean {
  if (!URL.canParse(url)) return false
  const [one, other] = [new URL(url), new URL(baseUrl)]
  return one.protocol === other.protocol && one.hostname === other.hostname && (one.protocol === 'http:' || one.port === other.port)
}

/** Uploads live on `uploads.` of the same domain as `api.`. */
export function uploadHost(url: string, baseUrl: string): boolean {
  return sameHost(url, baseUrl) || sameHost(url, baseUrl.replace('://api.', '://uploads.'))
}

function addressOf(baseUrl: string, call: Pick<Call, 'path' | 'query'>): string {
  const whole = /^https?:\/\//.test(call.path)
  if (whole && !uploadHost(call.path, baseUrl))
    throw new GitHubError('refused', `GitHub named ${new URL(call.path).host}, which is not its own host; the token was not sent there.`)
  const url = new URL(whole ? call.path : `${baseUrl}${call.path}`)
  for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, String(value))
  return url.href
}

function text(value: string | number | undefined): string | undefined {
  return value === undefined ? undefined : String(value)
}

function sizeOf(data: unknown): number {
  if (data instanceof ArrayBuffer) return data.byteLength
  return JSON.stringify(data, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))?.length ?? 0
}
