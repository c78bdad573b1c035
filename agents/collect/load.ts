/** Input `load`: the service of the base branch's config under load, first as customers come, then step by step up to what it can do. */
import { digestOf } from '../../evidence/core/digest.ts'
import { PerfPolicy } from '../../evidence/model/config/perf.ts'
import { milliseconds, timestamp } from '../../evidence/model/primitives.ts'
import type { CollectContext, Collected } from './collector.ts'
import { blocked, foreignHosts, gateSettings } from './gate-settings.ts'
import { baseCommit, headCommit, tree } from './git.ts'
import type { Load, OpenRun, Step } from './inputs.load.ts'
import { closedLoad } from './load/closed.ts'
import { openLoad } from './load/open.ts'
import { askedOf, targetOf, type Ask, type Target } from './load/target.ts'
import { boundedAnswer } from './metrics/bounded-get.ts'
import { readEntry } from './supply-chain-settings.ts'

const DECLARE = 'or say under `not_applicable.perf` of the config on the base branch why there is nothing to load'
const MAX_BASELINE_BYTES = 4 << 20
const TIMEOUT_MS = 10_000
const COMMIT_CAPS = { maxBytes: 256 << 10, timeoutMs: 5_000 }

export async function collectLoad(context: CollectContext): Promise<Collected<'load'>> {
  const read = await gateSettings(context, 'perf', PerfPolicy)
  if ('blocked' in read) return read
  const { config, settings } = read
  const { target: url } = settings
  if (url === undefined) return blocked('a service under load', '`gates.perf.target` of the config names none', `Name stage, ${DECLARE}.`)
  const foreign = foreignHosts(config, [url], 'the service under load')
  if (foreign !== null) return foreign
  const [base, head] = [await baseCommit(context.workspace, context.base), await headCommit(context.workspace, context.sha)]
  const entry = (await tree(context.workspace, base)).find(({ path }) => path === settings.baseline)
  const baseline = entry === undefined ? null : await readEntry(context, settings.baseline, entry, { left: MAX_BASELINE_BYTES })
  const measured = await measure(url, settings)
  return { value: { at: timestamp(context.now), base, head, host: new URL(url).host, plan: planOf(settings), baseline, ...measured } }
}

/** What has to be the same for two loads to be comparable. */
export function planOf({ target, requests, rate, for: span, spike, replicas }: PerfPolicy): string {
  return digestOf({ target: target ?? null, requests, rate, for: span, spike, replicas: replicas.target })
}

type Measured = Pick<Load, 'commits' | 'runs' | 'steps' | 'failure'>

async function measure(url: string, settings: PerfPolicy): Promise<Measured> {
  const nothing = { commits: { before: null, after: null }, runs: [], steps: [] }
  let target: Target
  let before: string | null
  try {
    target = await targetOf(url)
    before = await commitOf(url, settings)
  } catch (error) {
    return { ...nothing, failure: said(error) }
  }
  try {
    const asks = askedOf(target, settings.requests)
    const runs = await opened(target, asks, settings)
    const steps: Step[] = []
    // One after the other: what overlaps measures itself.
    for (const users of settings.users) steps.push(await closedLoad({ target, asks, users, ms: milliseconds(settings.step), timeoutMs: TIMEOUT_MS }))
    return { commits: { before, after: await commitOf(url, settings) }, runs, steps, failure: null }
  } catch (error) {
    return { ...nothing, commits: { before, after: null }, failure: said(error) }
  }
}

async function opened(target: Target, asks: readonly Ask[], settings: PerfPolicy): Promise<OpenRun[]> {
  const { rate, spike } = settings
  const common = { target, asks, inFlight: settings.in_flight, timeoutMs: TIMEOUT_MS }
  const load = await openLoad({ ...common, kind: 'load', rate, warmUpMs: milliseconds(settings.warm_up), ms: milliseconds(settings.for) })
  return [load, await openLoad({ ...common, kind: 'spike', rate: rate * spike.times, warmUpMs: 0, ms: milliseconds(spike.for) })]
}

/** @returns null when the answer holds no such field @throws MetricsError when there is no answer */
async function commitOf(url: string, { commit: { path, field } }: PerfPolicy): Promise<string | null> {
  const { text } = await boundedAnswer(new URL(`${url.replace(/\/+$/, '')}${path}`), COMMIT_CAPS, { accept: 'application/json' })
  try {
    const value = field.split('.').reduce((at: unknown, key) => (at as Record<string, unknown> | null)?.[key], JSON.parse(text) as unknown)
    return typeof value === 'string' ? value.slice(0, 100) : null
  } catch {
    return null
  }
}

function said(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 600) || 'It failed without a word.'
}
