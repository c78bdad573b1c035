/** One HTTP POST as GitHub's webhook sender does it: 10 seconds, no redirect, no retry. */
import type { Json } from '../world/model.ts'

export interface Outcome {
  readonly status: string
  readonly statusCode: number
  readonly answer: { readonly headers: Json; readonly body: string } | null
}

export const TIMEOUT_MS = 10_000

export const post = async (url: string, headers: Readonly<Record<string, string>>, body: string, stop: AbortSignal): Promise<Outcome> => {
  const timer = AbortSignal.timeout(TIMEOUT_MS)
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.any([timer, stop]) })
    const text = await response.text()
    return {
      status: response.ok ? 'OK' : response.statusText || String(response.status),
      statusCode: response.status,
      answer: { headers: Object.fromEntries(response.headers), body: text.slice(0, 100_000) },
    }
  } catch {
    return { status: timer.aborted ? 'timed out' : 'failed to connect to host', statusCode: 0, answer: null }
  }
}
