/** `login` of the operator's file: the App's own client of GitHub's web flow. Its secret is in the environment. Pure. */
import { z } from 'zod'
import { Duration, milliseconds } from '../../evidence/model/primitives.ts'

/** Where GitHub sends browsers back to: a callback address of the App. */
export const CALLBACK_PATH = '/login/callback'

export const LoginEntry = z.strictObject({
  /** As the App's settings show it. */
  client_id: z.string().regex(/^[\w.-]{1,100}$/, 'a client id such as Iv23liEXAMPLE'),
  /** A security key that is registered counts so long for nothing. */
  key_cooldown: Duration.default('24h'),
})
export type LoginEntry = z.infer<typeof LoginEntry>

export interface NamedLogin {
  readonly clientId: string
  readonly clientSecret: string
  readonly keyCooldown: { readonly ms: number; readonly words: string }
}

/** @returns what is wrong, in words */
export function loginOf({ client_id, key_cooldown }: LoginEntry, environment: Readonly<Record<string, string | undefined>>): NamedLogin | string {
  const clientSecret = environment['GITHUB_CLIENT_SECRET'] ?? ''
  return /^[!-~]{20,1000}$/.test(clientSecret)
    ? { clientId: client_id, clientSecret, keyCooldown: { ms: milliseconds(key_cooldown), words: key_cooldown } }
    : 'login: GITHUB_CLIENT_SECRET holds no client secret. Make one in the settings of the App, under "Client secrets", and put it there.'
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Why nobody could log in safely; null: they can. */
export function loginProblem(publicUrl: string, pages: string): string | null {
  if (pages === 'off') return 'pages that are not off: who is logged in acts there'
  const url = URL.parse(publicUrl)
  if (url === null) return 'a public_url beside it, where browsers come back to'
  const isSafe = url.protocol === 'https:' || LOOPBACK.has(url.hostname)
  if (!isSafe) return 'a public_url with https, so that nobody on the way can take a session'
  return url.pathname === '/' ? null : 'a public_url without a path: cookies and forms are of a whole host'
}

/** Keys are bound to the name of a host, and an address has none. */
export function hasName(publicUrl: string): boolean {
  return !/^(?:[\d.]+|\[.*\])$/.test(new URL(publicUrl).hostname)
}
