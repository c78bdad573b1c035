/**
 * Grafana's HTTP API (https://grafana.com/docs/grafana/latest/developers/http_api/), bounded in bytes and time. The token goes to the one address it was given
 * for, encrypted or within this machine, never after a redirect, and stands in no message.
 */
import { z } from 'zod'
import { withoutSlash } from '../apply/annotation-write.ts'
import { ApplyError, type ApplyErrorCode } from '../apply/error.ts'
import type { Grafana } from '../apply/grafana.ts'
import { Address } from '../../evidence/model/config/address.ts'
import { CollectError, type CollectErrorCode } from './error.ts'
import { boundedAnswer, metricsAddress, type Caps, type Sent } from './metrics/bounded-get.ts'
import { MetricsError } from './metrics/metrics-error.ts'

const CAPS: Caps = { maxBytes: 4 << 20, timeoutMs: 10_000 }
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/
const TOKEN = /^[!-~]{1,1000}$/

export interface GrafanaAccess {
  readonly url: string
  /** Null: it is asked as nobody. */
  readonly token: string | null
}

export interface GrafanaRequest {
  readonly method: Sent['method']
  /** Below the address, with its question. */
  readonly path: string
  /** Of Grafana's access control, that this takes. */
  readonly permission: string
  readonly body?: unknown
}

/** @returns null when there is no such thing @throws CollectError `api-refused` | `api-unreachable` | `answer-invalid` | `too-large` */
export async function askGrafana<Schema extends z.ZodType>(
  { url, token }: GrafanaAccess,
  asked: GrafanaRequest,
  schema: Schema,
  caps: Caps = CAPS,
): Promise<z.infer<Schema> | null> {
  const { host } = new URL(url)
  const headers = {
    accept: 'application/json',
    'user-agent': 'release-conductor',
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...(asked.body === undefined ? {} : { 'content-type': 'application/json' }),
  }
  const sent = { method: asked.method, ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body) }) }
  try {
    const address = addressOf(`${withoutSlash(url)}${asked.path}`, token)
    const answer = await boundedAnswer(address, caps, headers, sent)
    if (!/^application\/json\b/i.test(answer.headers['content-type'] ?? ''))
      throw new CollectError('answer-invalid', `${host} answered something that is not JSON`, 'Give the address that its API begins at.')
    return read(answer.text, host, schema)
  } catch (error) {
    if (!(error instanceof MetricsError)) throw error
    if (error.status === 404) return null
    throw refusal(error, { host, token, permission: asked.permission })
  }
}

/** @throws CollectError `api-refused`; MetricsError `address` */
function addressOf(text: string, token: string | null): URL {
  const address = metricsAddress(text)
  if (token === null) return address
  if (!TOKEN.test(token)) throw new CollectError('api-refused', 'GRAFANA_TOKEN is no token', 'Set it to a service account token, without spaces.')
  if (address.protocol !== 'https:' && !LOOPBACK.test(address.hostname))
    throw new CollectError('api-refused', `${address.host} is named by http, where anybody could read the token`, 'Name it by https.')
  return address
}

function read<Schema extends z.ZodType>(text: string, host: string, schema: Schema): z.infer<Schema> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new CollectError('answer-invalid', `${host} answered something that is not JSON`, 'Give the address that its API begins at.', { cause })
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const where = parsed.error.issues.map(({ path }) => path.join('.')).join(', ')
  throw new CollectError(
    'answer-invalid',
    `${host} answered in another form (${where.slice(0, 200)})`,
    'Look at its version: 9 and later are known.',
    {
      cause: parsed.error,
    },
  )
}

interface Refused extends Pick<GrafanaRequest, 'permission'> {
  readonly host: string
  readonly token: string | null
}

const CODES: Readonly<Partial<Record<MetricsError['code'], CollectErrorCode>>> = { 'too-large': 'too-large', address: 'api-refused' }

function refusal(cause: MetricsError, { host, permission, token }: Refused): CollectError {
  const { status } = cause
  if (status === 401)
    return token === null
      ? new CollectError('api-refused', `${host} answered 401: it lets nobody look without a token`, give(permission), { cause })
      : new CollectError('api-refused', `${host} answered 401: it does not know GRAFANA_TOKEN, or no longer`, give(permission), { cause })
  if (status === 403)
    return new CollectError(
      'api-refused',
      `${host} answered 403: ${token === null ? 'nobody' : 'GRAFANA_TOKEN'} lacks ${permission}`,
      give(permission),
      {
        cause,
      },
    )
  if (status === 429) return new CollectError('api-unreachable', `${host} answered 429: it is asked too often`, 'Wait, then run it again.', { cause })
  if (status !== null && status >= 300 && status < 400)
    return new CollectError(
      'api-refused',
      `${host} answered ${status}: it sends on elsewhere, which is not followed`,
      'Give the address it sends to.',
      {
        cause,
      },
    )
  if (status !== null && status < 500)
    return new CollectError('api-refused', `${host} answered ${status}`, 'Look at its address and its version.', { cause })
  return new CollectError(
    CODES[cause.code] ?? 'api-unreachable',
    cause.message.replace(/\.$/, ''),
    'See whether it can be reached, then run it again.',
    {
      cause,
    },
  )
}

function give(permission: string): string {
  return `Set GRAFANA_TOKEN (the secret grafana-token of the workflow) to a service account token of it with ${permission}.`
}

/** What `apply` writes to. Both texts may be empty: then there is none. @throws ApplyError `unreadable` */
export function openGrafana(url: string, token: string): Grafana | null {
  if (url === '' && token === '') return null
  if (url === '' || token === '')
    throw new ApplyError(
      'unreadable',
      `${url === '' ? 'GRAFANA_URL' : 'GRAFANA_TOKEN'} is not set`,
      'Set both, or neither: a token is for one Grafana.',
    )
  if (!Address.safeParse(url).success)
    throw new ApplyError('unreadable', 'GRAFANA_URL is no address', 'Set it to one such as https://grafana.acme.example.')
  const access = { url: withoutSlash(url), token }
  return {
    url: access.url,
    read: (path, permission, schema) => told(askGrafana(access, { method: 'GET', path, permission }, schema)),
    write: (method, path, permission, schema, body) => told(askGrafana(access, { method, path, permission, body }, schema)),
  }
}

const APPLY: Readonly<Partial<Record<CollectErrorCode, ApplyErrorCode>>> = { 'api-refused': 'refused' }

async function told<Answer>(asking: Promise<Answer>): Promise<Answer> {
  try {
    return await asking
  } catch (error) {
    if (!(error instanceof CollectError)) throw error
    throw new ApplyError(APPLY[error.code] ?? 'unavailable', error.message, error.next, { cause: error })
  }
}
