/** One flag asked over the OpenFeature Remote Evaluation Protocol (`POST /ofrep/v1/evaluate/flags/{key}`), bounded in time and bytes. */
import { z } from 'zod'
import { boundedBody } from './bounded-body.ts'
import { RouterError } from './router.ts'
import { words } from './words.ts'

const MAX_ANSWER = 64 * 1024
const Evaluated = z.looseObject({ key: z.string(), value: z.unknown(), variant: z.string().max(1_000).optional() })
const Failure = z.looseObject({ errorCode: z.string().max(200), errorDetails: z.string().max(10_000).optional() })

export type Evaluation = z.infer<typeof Evaluated>

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** @param base such as `http://127.0.0.1:8016` @throws RouterError `unreachable`, `refused`, `malformed` */
export async function evaluate(base: URL, flag: string, context: Readonly<Record<string, string>>, timeoutMs: number): Promise<Evaluation> {
  const address = new URL(`/ofrep/v1/evaluate/flags/${encodeURIComponent(flag)}`, base)
  let response: Response
  let body: string
  try {
    response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-encoding': 'identity' },
      body: JSON.stringify({ context }),
      redirect: 'error',
      signal: AbortSignal.timeout(Math.max(1, Math.round(timeoutMs))),
    })
    body = await boundedBody(response, MAX_ANSWER, "flagd's answer")
  } catch (error) {
    if (error instanceof RouterError) throw error
    throw new RouterError('unreachable', `flagd at ${address.host} did not answer: ${words(String(error))}. Its weight is unknown.`, { cause: error })
  }
  if (response.ok) {
    const answer = Evaluated.safeParse(json(body))
    if (answer.success && answer.data.key === flag) return answer.data
    throw new RouterError('malformed', `flagd at ${address.host} answered without a value. Is it the address of its OFREP?`)
  }
  const failure = Failure.safeParse(json(body))
  const why = failure.success ? `${failure.data.errorCode} ${failure.data.errorDetails ?? ''}` : `status ${response.status}`
  const code = response.status === 429 || response.status >= 500 ? 'unreachable' : 'refused'
  throw new RouterError(code, `flagd at ${address.host} does not evaluate ${flag}: ${words(why)}`)
}
