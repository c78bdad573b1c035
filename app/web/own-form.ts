/**
 * Is this a form of our own pages, sent from them by this very visitor? Three answers must fit: what the browser says of where it comes from (Fetch Metadata,
 * or the Origin), the kind of body, and a token that only a page of this session holds. No other site is ever allowed to ask (no CORS).
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { bodyReader } from '../webhooks/body.ts'

const LARGEST = 32 * 1024
const bodies = bodyReader(LARGEST, 64 * LARGEST)

/** What each form of a session holds. @param session its token, which is never on a page */
export function formToken(session: string): string {
  return createHmac('sha256', session).update('release-conductor/form/v1').digest('hex')
}

/** @param origin of our pages @param session token of it @returns null for a form of anybody else */
export async function ownForm(request: IncomingMessage, origin: string, session: string): Promise<URLSearchParams | null> {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (request.method !== 'POST' || !isFromHere(request.headers, origin) || type !== 'application/x-www-form-urlencoded') return null
  const read = await bodies.read(request)
  if ('refused' in read) {
    request.resume()
    return null
  }
  const form = new URLSearchParams(read.body.toString('utf8'))
  const [given, wanted] = [Buffer.from(form.get('token') ?? ''), Buffer.from(formToken(session))]
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? form : null
}

/** A browser that says neither is not believed. */
function isFromHere(headers: IncomingMessage['headers'], origin: string): boolean {
  const { origin: from, 'sec-fetch-site': site } = headers
  if (site !== undefined && site !== 'same-origin') return false
  return from === undefined ? site === 'same-origin' : from === origin
}
