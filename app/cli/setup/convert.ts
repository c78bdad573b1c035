/** The code that GitHub sent -> the App it stands for, with its secrets. GitHub tells them once: a code is used up by its first answer, and after an hour. */
import { createPrivateKey } from 'node:crypto'
import { z } from 'zod'
import { CliError } from '../error.ts'
import { bounded } from '../github.ts'

const TIMEOUT_MS = 30_000

const Converted = z.object({
  id: z.number().int().positive(),
  slug: z.string().max(200).optional(),
  html_url: z.url().max(2_000),
  webhook_secret: z
    .string()
    .min(32)
    .max(1_000)
    .regex(/^[!-~]+$/),
  client_id: z.string().regex(/^[\w.-]{1,100}$/),
  client_secret: z.string().regex(/^[!-~]{20,1000}$/),
  pem: z.string().max(20_000).refine(isPrivateKey, 'a private key in PEM form'),
})
export type Converted = z.infer<typeof Converted>

/** @throws CliError `unavailable`: the code may still be good; `config`: it is not, or the answer is of no use */
export async function convert(api: string, code: string): Promise<Converted> {
  const response = await fetch(`${api}/app-manifests/${encodeURIComponent(code)}/conversions`, {
    method: 'POST',
    headers: { accept: 'application/vnd.github+json', 'user-agent': 'release-conductor', 'x-github-api-version': '2022-11-28' },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new CliError(
      'unavailable',
      `GitHub cannot be reached at ${new URL(api).origin}: ${String(error)}`,
      'Check the network, then reload the page.',
      {
        cause: error,
      },
    )
  })
  const text = await bounded(response)
  if (response.status >= 500) throw new CliError('unavailable', `GitHub answered with ${response.status}.`, 'Reload the page in a while.')
  if (response.status !== 201)
    throw new CliError('config', `GitHub does not take the code (${response.status}): it was used, or is older than an hour.`, 'Run setup again.')
  const parsed = Converted.safeParse(jsonOf(text))
  if (parsed.success) return parsed.data
  // What stands in the answer is secret, and is not shown.
  const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.') || 'the answer'))].join(', ')
  throw new CliError(
    'config',
    `GitHub made the App, and its answer is not as expected in: ${fields}.`,
    'Open the App in the settings of GitHub, make a private key and a webhook secret there, and write the operator file by hand: docs/operator.md.',
  )
}

function isPrivateKey(text: string): boolean {
  try {
    return createPrivateKey(text).asymmetricKeyType === 'rsa'
  } catch {
    return false
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
