/** Addresses that jobs ask, and spans of time, as the policies of several gates name them. */
import { z } from 'zod'
import { Duration, milliseconds } from '../primitives.ts'

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, search, hash } = new URL(text)
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === ''
}

/** Its host must stand under `conduct.hosts`: whoever asks it, sees to that. */
export const Address = z
  .string()
  .max(500)
  .refine(isAddress, 'an http or https address without a password or question mark, such as https://prometheus.acme.example')

export const between = (least: string, most: string) =>
  Duration.refine(
    (text) => milliseconds(text) >= milliseconds(least) && milliseconds(text) <= milliseconds(most),
    `a duration from ${least} to ${most}`,
  )

/** What a request asks for: path and question, never another host. */
export const RequestPath = z
  .string()
  .max(1000)
  .regex(/^\/(?!\/)[!-~]*$/, 'a path such as /products?page=2')
