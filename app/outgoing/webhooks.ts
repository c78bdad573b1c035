/**
 * Calls of operator-named webhooks: hooks, and messages in the JSON that Slack's incoming webhooks take. Signed as Standard Webhooks has it: `webhook-id` is the effect's key and stays the same however often it is asked,
 * `webhook-timestamp`, and `webhook-signature: v1,<base64 of HMAC-SHA-256 over id.timestamp.body>`.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { releaseOfKey, traceOf, traceparent } from '../../evidence/model/trace.ts'
import type { Clock, Effect, Outcome } from '../release/ports.ts'
import { OutgoingError } from './error.ts'
import { post } from './post.ts'

export interface NamedWebhook {
  readonly url: string
  /** Bytes; null: not signed. */
  readonly secret: Buffer | null
}

export type MessageEffect = Extract<Effect, { kind: 'message.send' }>
export type HookEffect = Extract<Effect, { kind: 'hook.call' }>

/** What a hook answers. */
export const HookAnswer = z.object({ result: z.enum(['ok', 'fail']), reason: z.string().max(500).optional() })

/** A look at a canary may wait for it. */
const TELL_MS = 3_000

export interface WebhookOptions {
  readonly webhooks: Readonly<Record<string, NamedWebhook>>
  readonly clock: Clock
  readonly timeoutMs?: number
}

/** Asking again after a lost answer is harmless: the other side knows the id. */
export function webhookEffects({ webhooks, clock, timeoutMs }: WebhookOptions): {
  ask(effect: HookEffect): Promise<Outcome>
  tell(effect: MessageEffect): Promise<Outcome>
} {
  return {
    async ask({ webhook: name, key, body }) {
      const named = namedOf(webhooks, name)
      if (named.secret === null)
        throw new OutgoingError('unsigned', `webhooks.${name} of the operator's file has no secret, so a hook cannot be asked; add secret_env`)
      const text = JSON.stringify(body)
      const headers = { ...traced(key), ...signed({ id: key, at: clock.now(), text, secret: named.secret }) }
      const answer = await post({ name: `the webhook ${name}`, url: named.url, body: text, headers, ...(timeoutMs !== undefined && { timeoutMs }) })
      return { id: null, data: read(name, answer) }
    },
    async tell({ webhook: name, key, text }) {
      const { url, secret } = namedOf(webhooks, name)
      const body = JSON.stringify({ text: text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;') })
      const headers = { ...traced(key), ...(secret === null ? {} : signed({ id: key, at: clock.now(), text: body, secret })) }
      await post({ name: `the webhook ${name}`, url, body, headers, timeoutMs: TELL_MS })
      return { id: null }
    },
  }
}

/** The other side may go on with the trace of the release. */
function traced(key: string): Record<string, string> {
  return { traceparent: traceparent(traceOf(releaseOfKey(key))) }
}

/** @throws OutgoingError `unknown` */
export function namedOf(webhooks: Readonly<Record<string, NamedWebhook>>, name: string): NamedWebhook {
  const named = Object.hasOwn(webhooks, name) ? webhooks[name] : undefined
  if (named !== undefined) return named
  throw noWebhook(name)
}

export function noWebhook(name: string): OutgoingError {
  return new OutgoingError('unknown', `no webhook is named ${name} in the operator's file; add it under webhooks`)
}

/** @param of `at` in epoch milliseconds */
export function signed(of: { readonly id: string; readonly at: number; readonly text: string; readonly secret: Buffer }): Record<string, string> {
  const timestamp = String(Math.floor(of.at / 1000))
  const mac = createHmac('sha256', of.secret).update(`${of.id}.${timestamp}.${of.text}`).digest('base64')
  return { 'webhook-id': of.id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac}` }
}

function read(name: string, text: string): { result: 'ok' | 'fail'; reason: string } {
  const refuse = (why: string, cause?: unknown): never => {
    throw new OutgoingError('unreadable', `the webhook ${name} answered ${why}; expected {"result": "ok"} or {"result": "fail", "reason": "…"}`, {
      cause,
    })
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return refuse('no JSON', error)
  }
  const parsed = HookAnswer.safeParse(json)
  return parsed.success ? { result: parsed.data.result, reason: parsed.data.reason ?? '' } : refuse('something else', parsed.error)
}
