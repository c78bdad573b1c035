/**
 * Who sent this body? HMAC-SHA-256 over the raw bytes, compared in constant time, with the current secret and, while one is being rotated, the previous.
 * Neither Probot's public default nor a short secret is accepted.
 * Source: GitHub docs, "Validating webhook deliveries".
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { WebhookError } from './error.ts'

export interface WebhookSecrets {
  readonly current: string
  readonly previous: string | null
}

export const SHORTEST_SECRET = 32

function strong(name: string, value: string): string {
  const next = `Set ${name} to at least ${SHORTEST_SECRET} random bytes, for instance from \`openssl rand -hex 32\`, here and in the settings of the GitHub App.`
  if (value === 'development') throw new WebhookError('weak-secret', `${name} is "development", which everybody knows. ${next}`)
  if (Buffer.byteLength(value) < SHORTEST_SECRET)
    throw new WebhookError('weak-secret', `${name} has ${Buffer.byteLength(value)} bytes, so it can be guessed. ${next}`)
  return value
}

/**
 * @param environment WEBHOOK_SECRET, and WEBHOOK_SECRET_PREVIOUS during a rotation (empty counts as absent)
 * @throws WebhookError `weak-secret`
 */
export function webhookSecrets(environment: Readonly<Record<string, string | undefined>>): WebhookSecrets {
  const current = environment.WEBHOOK_SECRET ?? ''
  const previous = environment.WEBHOOK_SECRET_PREVIOUS ?? ''
  if (current === '')
    throw new WebhookError(
      'weak-secret',
      'WEBHOOK_SECRET is not set, so anybody could send webhooks. Set it to the secret in the settings of the GitHub App, at least 32 random bytes.',
    )
  return { current: strong('WEBHOOK_SECRET', current), previous: previous === '' ? null : strong('WEBHOOK_SECRET_PREVIOUS', previous) }
}

/** Which secret signed the body; null for none. @param header `X-Hub-Signature-256`, `sha256=` and 64 lower-case hex digits */
export function signedBy(secrets: WebhookSecrets, header: string | undefined, body: Uint8Array): 'current' | 'previous' | null {
  if (header === undefined || !/^sha256=[0-9a-f]{64}$/.test(header)) return null
  const given = Buffer.from(header.slice('sha256='.length), 'hex')
  const matches = (secret: string): boolean => timingSafeEqual(createHmac('sha256', secret).update(body).digest(), given)
  if (matches(secrets.current)) return 'current'
  return secrets.previous !== null && matches(secrets.previous) ? 'previous' : null
}
