/** Cookies of the pages: no script reads them, and no other site's request but a plain link brings them. Pure. */
import type { IncomingMessage } from 'node:http'

export interface Cookie {
  /** null: it is not there, or there twice, so that nobody knows whose it is. */
  read(request: Pick<IncomingMessage, 'headers'>): string | null
  /** A `Set-Cookie` header. @param value of `A-Za-z0-9._-` only @param seconds it lives; 0 ends it */
  written(value: string, seconds: number): string
}

/**
 * @param publicUrl where browsers reach the pages: behind TLS the cookie is one that only this very host can set (`__Host-`, RFC 6265bis section 4.1.3.2);
 * without TLS, which is for loopback, a plain one.
 */
export function cookie(name: string, publicUrl: string): Cookie {
  const isSecure = publicUrl.startsWith('https:')
  const whole = `${isSecure ? '__Host-' : ''}rc_${name}`
  return {
    read({ headers }) {
      const found = (headers.cookie ?? '')
        .split(';')
        .map((pair) => pair.trim())
        .filter((pair) => pair.startsWith(`${whole}=`))
      const [only = ''] = found
      return found.length === 1 ? only.slice(whole.length + 1) : null
    },
    written: (value, seconds) => `${whole}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${isSecure ? '; Secure' : ''}`,
  }
}
