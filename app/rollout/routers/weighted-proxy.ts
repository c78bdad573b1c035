/** Router adapter for our own weighted proxy, over its admin address. */
import { z } from 'zod'
import { boundedBody } from './bounded-body.ts'
import { percentage, RouterError, type Router, type RouterErrorCode } from './router.ts'
import { routedIn } from './tally.ts'

const MAX_ANSWER = 64 * 1024
const Answer = z.looseObject({ percent: z.number().int().min(0).max(100) })
const Refusal = z.looseObject({ code: z.string().max(40), message: z.string().max(2000) })

export interface WeightedProxyOptions {
  /** Admin address from the operator's file, such as `http://127.0.0.1:8081`. */
  readonly admin: string
  readonly token?: string
  /** Of one call. Default 2,000. */
  readonly timeoutMs?: number
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new RouterError('malformed', "The router's answer is not JSON. Is the admin address right?", { cause: error })
  }
}

function codeOf(status: number, stated: string | undefined): RouterErrorCode {
  if (status === 507 || stated === 'not-durable') return 'not-durable'
  return status >= 500 ? 'unreachable' : 'refused'
}

/** @throws RouterError `invalid` when the address is no http or https URL */
export function weightedProxy(options: WeightedProxyOptions): Router {
  const base = URL.canParse(options.admin) ? new URL(options.admin) : null
  if (base === null || !['http:', 'https:'].includes(base.protocol)) {
    throw new RouterError('invalid', `The router's admin address must be an http or https URL, not ${JSON.stringify(options.admin)}.`)
  }
  const headers: Record<string, string> = { 'content-type': 'application/json', 'accept-encoding': 'identity' }
  if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`

  async function ask(path: '/weight' | '/metrics', init: RequestInit): Promise<string> {
    const address = new URL(path, base ?? undefined)
    let response: Response
    let body: string
    try {
      response = await fetch(address, { ...init, headers, redirect: 'error', signal: AbortSignal.timeout(options.timeoutMs ?? 2000) })
      body = await boundedBody(response, MAX_ANSWER, "The router's answer")
    } catch (error) {
      if (error instanceof RouterError) throw error
      throw new RouterError('unreachable', `The router at ${address.host} did not answer: ${String(error)}. Its weight is unknown.`, { cause: error })
    }
    if (response.ok) return body
    const refusal = Refusal.safeParse(json(body))
    const why = refusal.success ? refusal.data.message : `status ${response.status}`
    throw new RouterError(codeOf(response.status, refusal.data?.code), `The router at ${address.host} refused: ${why}`)
  }

  async function call(init: RequestInit): Promise<number> {
    const answer = Answer.safeParse(json(await ask('/weight', init)))
    if (!answer.success) throw new RouterError('malformed', `The router at ${options.admin} answered without a weight. Is the admin address right?`)
    return answer.data.percent
  }

  const read = () => call({ method: 'GET' })
  return {
    read,
    observe: async () => routedIn(await ask('/metrics', { method: 'GET' })),
    async set(percent) {
      await call({ method: 'PUT', body: JSON.stringify({ percent: percentage(percent) }) })
      const seen = await read()
      if (seen !== percent)
        throw new RouterError('mismatch', `The router was set to ${percent} % and answers ${seen} %. Something else moves it too.`)
    },
  }
}
