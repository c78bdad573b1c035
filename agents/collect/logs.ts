/** Input `logs`: samples of what the service writes, from files of the release or from a Loki; only their form is kept. */
import { z } from 'zod'
import { sha256 } from '../../evidence/core/digest.ts'
import { SloPolicy } from '../../evidence/model/config/slo.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { isListed } from '../../evidence/sbom/glob.ts'
import type { CollectContext, Collected } from './collector.ts'
import { blocked, foreignHosts, gateSettings } from './gate-settings.ts'
import { headCommit, tree } from './git.ts'
import type { LogSample } from './inputs.logs.ts'
import { boundedAnswer, metricsAddress } from './metrics/bounded-get.ts'
import { readEntry } from './supply-chain-settings.ts'

const DECLARE = 'or say under `not_applicable` with the key `slo.logs`, on the base branch, why there is none'
const MOST_FILES = 20
const MOST_BYTES = 8 << 20
const MOST_LINES = 2000
const CAPS = { maxBytes: 8 << 20, timeoutMs: 15_000 }

/** https://grafana.com/docs/loki/latest/reference/loki-http-api/#query-logs-within-a-range-of-time */
const Streams = z.object({
  data: z.object({ resultType: z.literal('streams'), result: z.array(z.object({ values: z.array(z.tuple([z.string(), z.string()])) })).max(1000) }),
})

export async function collectLogs(context: CollectContext): Promise<Collected<'logs'>> {
  const read = await gateSettings(context, 'slo', SloPolicy)
  if ('blocked' in read) return read
  const { config, settings } = read
  const { files: patterns, loki } = settings.logs
  if (patterns.length === 0 && loki === undefined)
    return blocked('log samples', '`gates.slo.logs` of the config names no files and no loki', `Name where samples lie, ${DECLARE}.`)
  const foreign = loki === undefined ? null : foreignHosts(config, [loki.url], 'the log store')
  if (foreign !== null) return foreign
  const head = await headCommit(context.workspace, context.sha)
  const entries = (await tree(context.workspace, head)).filter(({ path }) => isListed(path, patterns)).toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const allowance = { left: MOST_BYTES }
  const samples: LogSample[] = []
  for (const entry of entries.slice(0, MOST_FILES)) {
    const { text, why } = await readEntry(context, entry.path, entry, allowance)
    samples.push(text === null ? unread(entry.path, why) : sampleOf(entry.path, text))
  }
  if (loki !== undefined) samples.push(await lokiSample(loki, context.now))
  if (samples.length === 0)
    return blocked(
      'log samples',
      `the release has no file that is ${patterns.join(' or ')}`,
      `Commit a sample of what the service writes, ${DECLARE}.`,
    )
  return { value: { at: timestamp(context.now), head, samples } }
}

function unread(source: string, why: string | null): LogSample {
  return { source: source.slice(0, 500), sha256: null, lines: [], cut: false, problem: why ?? 'it cannot be read' }
}

/** @param text one line for each entry; empty lines do not count */
export function sampleOf(source: string, text: string): LogSample {
  const lines = text.split(/\r?\n/).flatMap((line, at) => (line.trim() === '' ? [] : [{ line: at + 1, ...formOf(line) }]))
  return { source: source.slice(0, 500), sha256: sha256(text), lines: lines.slice(0, MOST_LINES), cut: lines.length > MOST_LINES, problem: null }
}

const STACK =
  /^(?:\s+at\s|Traceback \(most recent call last\)|\s+File "|Caused by: |\s+\.\.\. \d+ more|goroutine \d+ \[|\s*[\w.$]+(?:Error|Exception)\b:)/

function formOf(line: string): Pick<LogSample['lines'][number], 'form' | 'has'> {
  const fields = jsonFields(line)
  if (fields !== null) return { form: 'json', has: fields }
  return { form: STACK.test(line) ? 'stack' : 'text', has: [] }
}

function jsonFields(line: string): string[] | null {
  if (!line.trimStart().startsWith('{')) return null
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    return Object.entries(value)
      .filter(([name, held]) => name.length <= 100 && held !== null && held !== '')
      .map(([name]) => name)
      .toSorted()
      .slice(0, 100)
  } catch {
    return null
  }
}

async function lokiSample({ url, query }: { readonly url: string; readonly query: string }, now: number): Promise<LogSample> {
  const source = `loki:${new URL(url).host}`
  const address = new URL(`${url.replace(/\/+$/, '')}/loki/api/v1/query_range`)
  address.search = new URLSearchParams({ query, limit: String(MOST_LINES), start: `${now - 3_600_000}000000`, end: `${now}000000` }).toString()
  try {
    const { text } = await boundedAnswer(metricsAddress(address.href), CAPS, { accept: 'application/json' })
    const { data } = Streams.parse(JSON.parse(text))
    return sampleOf(source, data.result.flatMap(({ values }) => values.map(([, line]) => line)).join('\n'))
  } catch (error) {
    return unread(
      source,
      error instanceof z.ZodError ? 'it answered in another form' : error instanceof Error ? error.message.slice(0, 500) : String(error),
    )
  }
}
