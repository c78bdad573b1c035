/** Input `probes`: every journey of the catalogue walked step by step, against the one service the config names. Redirects are seen and never followed. */
import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { SloPolicy } from '../../evidence/model/config/slo.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { readJourneys, type Journey, type JourneyStep } from '../../evidence/probes/journeys.ts'
import type { CollectContext, Collected } from './collector.ts'
import { blocked, foreignHosts, gateSettings } from './gate-settings.ts'
import { baseCommit, headCommit, tree } from './git.ts'
import type { Probes } from './inputs.probes.ts'
import { Exchange } from './load/exchange.ts'
import { askedOf, targetOf, type Target } from './load/target.ts'
import { readEntry } from './supply-chain-settings.ts'

const DECLARE = 'or say under `not_applicable` with the key `slo.probes`, on the base branch, why there is none'
const MAX_BYTES = 2 << 20
const TIMEOUT_MS = 10_000

export async function collectProbes(context: CollectContext): Promise<Collected<'probes'>> {
  const read = await gateSettings(context, 'slo', SloPolicy)
  if ('blocked' in read) return read
  const { config, settings } = read
  const { golden_paths: path } = config
  if (path === undefined)
    return blocked(
      'golden paths',
      '`golden_paths` of the config names no catalogue',
      `Name one, such as golden_paths: slo/golden_paths.yaml, ${DECLARE}.`,
    )
  const url = settings.probes?.target
  if (url === undefined) return blocked('a service to probe', '`gates.slo.probes.target` of the config names none', `Name stage, ${DECLARE}.`)
  const foreign = foreignHosts(config, [url], 'the service to probe')
  if (foreign !== null) return foreign
  const [base, head] = [await baseCommit(context.workspace, context.base), await headCommit(context.workspace, context.sha)]
  const fileAt = async (commit: string, file: string) =>
    await readEntry(
      context,
      file,
      (await tree(context.workspace, commit)).find((entry) => entry.path === file),
      { left: MAX_BYTES },
    )
  const catalogue = await fileAt(base, path)
  const openapi = settings.probes?.openapi === undefined ? null : await fileAt(head, settings.probes.openapi)
  const parsed = catalogue.text === null ? null : readJourneys(catalogue.text)
  const walked = parsed === null || 'problem' in parsed ? { traces: {}, answers: [] } : await walkAll(url, parsed.journeys)
  return { value: { at: timestamp(context.now), base, head, host: new URL(url).host, catalogue, openapi, ...walked } }
}

type Walked = Pick<Probes, 'traces' | 'answers'>

async function walkAll(url: string, journeys: readonly Journey[]): Promise<Walked> {
  const traces = Object.fromEntries(journeys.map(({ name }) => [name, randomBytes(16).toString('hex')]))
  let target: Target
  try {
    target = await targetOf(url)
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).slice(0, 300)
    const answers = journeys.flatMap(({ name, steps }) =>
      steps.map((_, step) => ({ journey: name, step, status: null, why, ms: 0, elsewhere: null, missing: [] })),
    )
    return { traces, answers }
  }
  const exchange = new Exchange(target, 1, TIMEOUT_MS)
  const answers: Probes['answers'] = []
  for (const journey of journeys) answers.push(...(await walk(exchange, target, journey, traces[journey.name] ?? '')))
  exchange.close()
  return { traces, answers }
}

/** After a step that failed, the rest of its journey is not asked. */
async function walk(exchange: Exchange, target: Target, { name, steps }: Journey, trace: string): Promise<Probes['answers']> {
  const answers: Probes['answers'] = []
  for (const [step, of] of steps.entries()) {
    const stopped = answers.some((one) => one.status === null || one.status !== steps[one.step]?.status)
    const frame = { journey: name, step, ms: 0, elsewhere: null, missing: [] }
    answers.push(stopped ? { ...frame, status: null, why: 'the step before failed' } : await asked(exchange, target, of, { ...frame, trace }))
  }
  return answers
}

async function asked(
  exchange: Exchange,
  target: Target,
  of: JourneyStep,
  { trace, ...frame }: Omit<Probes['answers'][number], 'status' | 'why'> & { readonly trace: string },
) {
  const { method, path, body, status } = of
  const [ask] = askedOf(target, [{ method, path, ...(body !== undefined && { body }), status, weight: 1 }])
  if (ask === undefined) throw new Error('a step is one request')
  const from = performance.now()
  const traceparent = `00-${trace}-${randomBytes(8).toString('hex')}-01`
  const answer = await exchange.whole({ ...ask, headers: { ...ask.headers, traceparent } })
  const ms = Math.round((performance.now() - from) * 10) / 10
  if (answer === null) return { ...frame, status: null, why: 'there was no whole answer', ms }
  const missing = of.contains.filter((text) => !answer.body.includes(text))
  return { ...frame, status: answer.status, why: null, ms, elsewhere: elsewhere(answer.location, target), missing }
}

function elsewhere(location: string | null, { host, secure }: Target): string | null {
  if (location === null) return null
  const base = `${secure ? 'https' : 'http'}://${host}`
  if (!URL.canParse(location, base)) return location.slice(0, 300)
  const url = new URL(location, base)
  return url.host === host ? null : url.host.slice(0, 300)
}
