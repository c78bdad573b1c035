/**
 * One call of a Sigstore service: bounded in time, bytes and attempts. Only what may pass by itself is tried again (no answer, 408, 429, 5xx but 501),
 * with growing pauses; no redirect is followed, because an address of the operator must not lead to one of somebody else.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { SignError } from './error.ts'

export interface Patience {
  /** Milliseconds for one attempt, its answer included. */
  readonly timeoutMs: number
  readonly attempts: number
  /** Milliseconds before the second attempt; four times as long before each further one. */
  readonly pauseMs: number
}

/** 3 attempts, at most 10 s each. */
export const PATIENT: Patience = { timeoutMs: 10_000, attempts: 3, pauseMs: 500 }

export interface Question {
  /** The service in words, for messages. */
  readonly service: string
  readonly url: string
  readonly method?: 'GET' | 'POST'
  readonly contentType?: string
  readonly accept?: string
  readonly body?: Uint8Array | string
  readonly patience?: Patience
  /** Bytes of an answer. */
  readonly maxBytes?: number
}

export interface Reply {
  /** 2xx, or one of `also`. */
  readonly status: number
  readonly location: string | null
  readonly bytes: Uint8Array
}

const MAX_ANSWER = 1024 * 1024
const LONGEST_PAUSE_MS = 10_000

/** `https://x.example/a/` and `/api` -> `https://x.example/a/api`. @throws SignError `bad-address` */
export function addressOf(base: string, path: string): string {
  if (!URL.canParse(base)) throw new SignError('bad-address', `${base.slice(0, 200)} is not an address such as https://fulcio.sigstore.dev`)
  const url = new URL(base)
  if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new SignError('bad-address', `${url.origin}${url.pathname} must be a plain http or https address, without user, query or fragment`)
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}${path}`
}

/**
 * @param also statuses beside 2xx that the caller understands
 * @throws SignError `unavailable`, `refused`, `bad-answer`
 */
export async function ask(question: Question, also: readonly number[] = []): Promise<Reply> {
  const { attempts, pauseMs } = question.patience ?? PATIENT
  for (let attempt = 1; ; attempt++) {
    const reply = await once(question)
    if (reply instanceof SignError) {
      if (reply.code !== 'unavailable' || attempt >= attempts) throw reply
      await sleep(Math.min(LONGEST_PAUSE_MS, pauseMs * 4 ** (attempt - 1)))
      continue
    }
    if ((reply.status >= 200 && reply.status < 300) || also.includes(reply.status)) return reply
    const passing = reply.status === 408 || reply.status === 429 || (reply.status >= 500 && reply.status !== 501)
    if (!passing) throw new SignError('refused', `${question.service} refused: ${reply.status}${wordsOf(reply.bytes)}`)
    if (attempt >= attempts) throw new SignError('unavailable', `${question.service} cannot now: ${reply.status}${wordsOf(reply.bytes)}`)
    await sleep(Math.min(LONGEST_PAUSE_MS, reply.retryAfterMs ?? pauseMs * 4 ** (attempt - 1)))
  }
}

/** @throws SignError `bad-answer` */
export function jsonOf(service: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new SignError('bad-answer', `${service} did not answer with JSON`, { cause })
  }
}

async function once(question: Question): Promise<(Reply & { readonly retryAfterMs: number | null }) | SignError> {
  const { service, url, body, maxBytes = MAX_ANSWER, patience = PATIENT } = question
  try {
    const response = await fetch(url, {
      method: question.method ?? 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(patience.timeoutMs),
      headers: {
        'user-agent': 'release-conductor',
        accept: question.accept ?? 'application/json',
        ...(question.contentType === undefined ? {} : { 'content-type': question.contentType }),
      },
      ...(body === undefined ? {} : { body }),
    })
    const bytes = await readAtMost(response, maxBytes)
    if (bytes === null) return new SignError('bad-answer', `${service} answered with more than ${maxBytes} bytes`)
    const seconds = Number(response.headers.get('retry-after') ?? '')
    return { status: response.status, location: response.headers.get('location'), bytes, retryAfterMs: seconds > 0 ? seconds * 1000 : null }
  } catch (cause) {
    const late = cause instanceof Error && cause.name === 'TimeoutError'
    const why = late ? `no answer within ${patience.timeoutMs} ms` : reasonOf(cause)
    return new SignError('unavailable', `${service} at ${new URL(url).origin} cannot be reached: ${why}`, { cause })
  }
}

/** null when there is more. */
async function readAtMost(response: Response, maxBytes: number): Promise<Uint8Array | null> {
  if (response.body === null) return new Uint8Array()
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body as AsyncIterable<Uint8Array>) {
    size += part.length
    if (size > maxBytes) return null
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** What a service says about its no, on one line, printable and short. */
function wordsOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, 2000)).toString('utf8')
  const message = /"message"\s*:\s*"((?:[^"\\]|\\.){1,500})/.exec(text)?.[1] ?? text
  const words = message
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 300)
  return words === '' ? '' : ` ${words}`
}

function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  if (!(inner instanceof Error)) return 'unknown'
  return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.message.slice(0, 200)
}
