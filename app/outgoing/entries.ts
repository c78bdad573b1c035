/** What the operator names to be asked: `webhooks` of the file, and the policy server of the environment. An address that is a secret itself stands in the environment, as every secret does. */
import { z } from 'zod'
import { USED_BY } from '../limits.ts'
import { decisionUrl, type NamedPolicyServer } from './opa.ts'
import type { NamedWebhook } from './webhooks.ts'

const EnvName = z.string().regex(/^[A-Z][A-Z0-9_]{0,99}$/, 'the name of an environment variable such as CHANGE_DESK_SECRET')
export const HttpUrl = z
  .string()
  .max(1000)
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'an http or https address')
/** Where a trace is looked at. */
export const TracesUrl = HttpUrl.refine((text) => text.includes('{trace_id}'), 'an address with {trace_id} in it')

export const WebhookEntry = z
  .strictObject({ url: HttpUrl.optional(), url_env: EnvName.optional(), secret_env: EnvName.optional(), ...USED_BY })
  .refine((entry) => (entry.url === undefined) !== (entry.url_env === undefined), { path: ['url'], error: 'either url or url_env' })
export type WebhookEntry = z.infer<typeof WebhookEntry>

const LEAST_SECRET = 24

/** `whsec_` and Base64, as Standard Webhooks writes a secret, or any text. @returns what is wrong, in words, when it cannot be used */
export function webhookOf(entry: WebhookEntry, environment: Readonly<Record<string, string | undefined>>): NamedWebhook | string {
  const { url_env: urlEnv, secret_env: secretEnv } = entry
  const url = entry.url ?? environment[urlEnv ?? '']?.trim() ?? ''
  if (!HttpUrl.safeParse(url).success) return `url_env: ${urlEnv} holds no http or https address. Put it there.`
  if (secretEnv === undefined) return { url, secret: null }
  const text = environment[secretEnv]?.trim() ?? ''
  const secret = text.startsWith('whsec_') ? Buffer.from(text.slice('whsec_'.length), 'base64') : Buffer.from(text)
  if (secret.length < LEAST_SECRET)
    return `secret_env: ${secretEnv} holds no secret of ${LEAST_SECRET} bytes or more. Make one: openssl rand -base64 32.`
  return { url, secret }
}

/** What must never be printed of them. */
export function webhookSecrets(webhooks: Readonly<Record<string, NamedWebhook>>): readonly string[] {
  return Object.values(webhooks).flatMap(({ url, secret }) => [url, ...(secret === null ? [] : [secret.toString(), secret.toString('base64')])])
}

/** null: none is named. @returns what is wrong, in words, when it cannot be used */
export function policyServerOf({ OPA_URL: url, OPA_TOKEN: token }: Readonly<Record<string, string | undefined>>): NamedPolicyServer | null | string {
  if (url === undefined || url === '') return null
  if (!HttpUrl.safeParse(url).success) return 'OPA_URL is not the address of a policy server. Expected: http://127.0.0.1:8181.'
  return { url: decisionUrl(url), token: token?.trim() || null }
}
