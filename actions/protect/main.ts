/**
 * Asks the App whether this run may deploy now, with the identity token of the job, which names the run and was made for that App alone. Whatever is not a
 * clear yes is a no: a wrong token, a rejection, an answer nobody understands, or none in time.
 */
import { z } from 'zod'
import { boundedBody } from '../lib/bounded-body.ts'
import { ActionError } from '../lib/error.ts'

const ASK_MS = 15_000
const BETWEEN_MS = 10_000
/** A token lives five minutes. */
const FRESH_MS = 4 * 60_000
const MOST_MINUTES = 300
const MOST_BYTES = 16_384

const Answer = z.looseObject({ answer: z.enum(['approved', 'rejected', 'wait']), why: z.string().max(4000) })
const Refusal = z.looseObject({ why: z.string().max(4000) })

export interface ProtectInputs {
  /** Public address of the App. */
  readonly url: string
  /** Minutes. */
  readonly timeout: string
  /** The identity token of this job for an audience; null: the job may have none. */
  readonly identity: (audience: string) => Promise<string | null>
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly sleep: (milliseconds: number) => Promise<void>
  readonly say: (message: string) => void
}

/** @throws ActionError `bad-input`, `no-identity`, `refused`, `not-answered` */
export async function run(inputs: ProtectInputs): Promise<{ readonly why: string }> {
  const audience = addressOf(inputs.url)
  const until = inputs.now() + minutesOf(inputs.timeout) * 60_000
  let token: { readonly text: string; readonly at: number } | null = null
  let told = ''
  for (;;) {
    if (token === null || inputs.now() - token.at > FRESH_MS) token = { text: await identityOf(inputs, audience), at: inputs.now() }
    const { answer, why } = await ask(audience, token.text)
    if (answer === 'approved') return { why }
    if (answer === 'rejected') throw new ActionError('refused', why)
    if (why !== told) inputs.say(`Waiting: ${why}`)
    told = why
    if (inputs.now() + BETWEEN_MS > until)
      throw new ActionError('not-answered', `The App did not say yes in ${inputs.timeout} minutes: ${why}. Run this job again when that is over.`)
    await inputs.sleep(BETWEEN_MS)
  }
}

/** The token goes there, so it must not be read on the way. */
function addressOf(text: string): string {
  const url = URL.parse(text)
  const isHere = url?.hostname === '127.0.0.1' || url?.hostname === '[::1]' || url?.hostname === 'localhost'
  if (
    url === null ||
    !(url.protocol === 'https:' || (url.protocol === 'http:' && isHere)) ||
    url.username !== '' ||
    url.search !== '' ||
    url.hash !== ''
  )
    throw new ActionError('bad-input', 'url is the public address of the App, such as https://conductor.example.com.')
  return text.replace(/\/+$/, '')
}

function minutesOf(text: string): number {
  const minutes = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
  if (!(minutes <= MOST_MINUTES)) throw new ActionError('bad-input', `timeout is a number of minutes, 0 to ${MOST_MINUTES}.`)
  return minutes
}

async function identityOf({ identity }: ProtectInputs, audience: string): Promise<string> {
  const token = await identity(audience)
  if (token !== null) return token
  throw new ActionError(
    'no-identity',
    'This job has no identity token, so the App cannot know it. Add to the job:\n\npermissions:\n  id-token: write',
  )
}

type Said = z.infer<typeof Answer>

/** What may be over in a moment is a reason to wait. @throws ActionError `refused` when the App does not know this job */
async function ask(address: string, token: string): Promise<Said> {
  let status: number
  let text: string
  try {
    const response = await fetch(`${address}/api/job-gate`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, accept: 'application/json', 'user-agent': 'release-conductor' },
      redirect: 'error',
      signal: AbortSignal.timeout(ASK_MS),
    })
    ;[status, text] = [response.status, (await boundedBody(response, MOST_BYTES)).toString('utf8')]
  } catch (error) {
    return { answer: 'wait', why: `the App at ${address} does not answer (${causeOf(error)})` }
  }
  if (status === 200) {
    const answer = Answer.safeParse(jsonOf(text))
    if (answer.success) return answer.data
    throw new ActionError('refused', `What ${address} answers is not what this action understands. Use the version of the App.`)
  }
  const said = Refusal.safeParse(jsonOf(text))
  const why = said.success ? said.data.why : `it answered ${status}`
  if (status === 429 || status >= 500) return { answer: 'wait', why }
  if (status === 404)
    throw new ActionError(
      'refused',
      `${address} has no /api/job-gate. The App answers jobs when its operator sets public_url; give that address as url.`,
    )
  throw new ActionError('refused', why)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function causeOf(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown }
  return String(cause instanceof Error ? cause.message : error instanceof Error ? error.message : error).slice(0, 200)
}
