/**
 * Reads of an OCI registry (distribution API 1.1) without credentials: bounded in bytes, time and steps, and only of hosts that the base branch lists. What is
 * asked for by digest is held against it.
 */
import { sha256 } from '../../../evidence/core/digest.ts'
import { CollectError } from '../error.ts'

export interface Asked {
  /** `ghcr.io/acme/shop` */
  readonly repository: string
  /** Below `/v2/<name>/`: `manifests/sha256:…`, `blobs/sha256:…`, `tags/list`. */
  readonly path: string
  readonly accept: string
  readonly maxBytes: number
  /** Hosts that may be asked. */
  readonly hosts: readonly string[]
  /** The digest in the path names something else than the answer. */
  readonly indirect?: boolean
}

export interface Found {
  readonly bytes: Buffer
  readonly mediaType: string
  /** Of the bytes. */
  readonly digest: string
}

const TIMEOUT_MS = 15_000
const MOST_STEPS = 4
const LOOPBACK = /^(?:localhost|127\.0\.0\.1)(?::\d+)?$/

export function hostOf(repository: string): string {
  return repository.slice(0, repository.indexOf('/'))
}

/** @returns null: the registry has no such thing @throws CollectError */
export async function registryGet(asked: Asked): Promise<Found | null> {
  const host = hostOf(asked.repository)
  const scheme = LOOPBACK.test(host) ? 'http' : 'https'
  let url = new URL(`${scheme}://${host}/v2/${asked.repository.slice(host.length + 1)}/${asked.path}`)
  let token: string | null = null
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const answer = await ask(url, asked, url.host === host ? token : null)
    const next = answer.headers.get('location')
    const challenge = answer.headers.get('www-authenticate')
    if (answer.status === 404) return null
    if (answer.status >= 300 && answer.status < 400 && next !== null && URL.canParse(next, url.href)) url = new URL(next, url)
    else if (answer.status === 401 && token === null && challenge !== null) token = await anonymous(challenge, asked)
    else if (answer.status === 200) return found(answer, asked)
    else
      throw new CollectError(
        'api-refused',
        `${host} answered ${answer.status} for ${asked.path}`,
        'Let everybody, or the network of the job, read that repository.',
      )
  }
  throw new CollectError('answer-invalid', `${host} sends readers of ${asked.path} on and on`, 'Look at the registry.')
}

async function ask(url: URL, { accept, hosts }: Asked, token: string | null): Promise<Response> {
  if (!hosts.includes(url.host))
    throw new CollectError(
      'api-refused',
      `\`conduct.hosts\` of the config does not list ${url.host}`,
      'List it there, on the base branch: jobs ask no other hosts.',
    )
  try {
    return await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { accept, 'user-agent': 'release-conductor', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    })
  } catch (cause) {
    throw new CollectError('api-unreachable', `${url.host} gave no answer`, 'Look at the registry, then run the phase again.', { cause })
  }
}

/** A token that everybody gets (https://distribution.github.io/distribution/spec/auth/token/). */
async function anonymous(challenge: string, asked: Asked): Promise<string> {
  const of = (name: string): string | undefined => new RegExp(`${name}="([^"]{1,500})"`).exec(challenge)?.[1]
  const realm = of('realm')
  if (!/^bearer /i.test(challenge) || realm === undefined || !URL.canParse(realm))
    throw new CollectError('api-refused', `${hostOf(asked.repository)} wants a password`, 'Name a repository that can be read without one.')
  const url = new URL(realm)
  for (const name of ['service', 'scope']) {
    const value = of(name)
    if (value !== undefined) url.searchParams.set(name, value)
  }
  const answer = await ask(url, { ...asked, accept: 'application/json' }, null)
  if (answer.status !== 200)
    throw new CollectError(
      'api-refused',
      `${url.host} answered ${answer.status} to who asks for a token`,
      'Name a repository that everybody may read.',
    )
  const body: unknown = JSON.parse((await read(answer, { ...asked, maxBytes: 64 << 10 })).toString('utf8'))
  const { token, access_token: access } = body as { readonly token?: unknown; readonly access_token?: unknown }
  const given = token ?? access
  if (typeof given !== 'string') throw new CollectError('answer-invalid', `${url.host} gave no token`, 'Look at the registry.')
  return given
}

async function read(answer: Response, { maxBytes, path }: Asked): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answer.body ?? []) {
    size += chunk.byteLength
    if (size > maxBytes) throw new CollectError('too-large', `${path} has more than ${maxBytes} bytes`, 'Look at the registry.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function found(answer: Response, asked: Asked): Promise<Found> {
  const bytes = await read(answer, asked)
  const digest = `sha256:${sha256(bytes)}`
  const wanted = asked.indirect === true ? undefined : /sha256:[0-9a-f]{64}$/.exec(asked.path)?.[0]
  if (wanted !== undefined && wanted !== digest)
    throw new CollectError(
      'answer-invalid',
      `${hostOf(asked.repository)} answers ${asked.path} with bytes of another digest`,
      'Do not trust this registry.',
    )
  return { bytes, mediaType: (answer.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '', digest }
}
