/** The headers a delivery of GitHub must carry, read once and bounded. None of them is signed: they name, they never prove. */
import type { IncomingHttpHeaders } from 'node:http'
import { z } from 'zod'

const Digits = z.string().regex(/^\d{1,20}$/)

const Headers = z.object({
  'content-type': z.string().regex(/^application\/json(\s*;.*)?$/i, 'content-type must be application/json: set it so in the App’s webhook settings'),
  'x-github-event': z.string().regex(/^[a-z_]{1,60}$/, 'x-github-event must name an event'),
  'x-github-delivery': z.string().regex(/^[A-Za-z0-9-]{8,64}$/, 'x-github-delivery must be a delivery id'),
  'x-github-hook-id': Digits.default('0'),
  'x-github-hook-installation-target-id': Digits.optional(),
})

export type DeliveryHeaders =
  | { readonly event: string; readonly guid: string; readonly hook: string; readonly app: string }
  | { readonly wrong: readonly string[] }

/** Every missing or wrong header at once. @param appId what stands in when GitHub does not say which App it means */
export function deliveryHeaders(headers: IncomingHttpHeaders, appId: number): DeliveryHeaders {
  const parsed = Headers.safeParse(headers)
  if (!parsed.success) return { wrong: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) }
  return {
    event: parsed.data['x-github-event'],
    guid: parsed.data['x-github-delivery'],
    hook: parsed.data['x-github-hook-id'],
    app: parsed.data['x-github-hook-installation-target-id'] ?? String(appId),
  }
}
