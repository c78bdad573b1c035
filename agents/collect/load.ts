/** Input `load`: the service of the base branch's config under load, first as customers come, then step by step up to what it can do. */
import { digestOf } from '../../evidence/core/digest.ts'
import { PerfPolicy, requestsOf } from '../../evidence/model/config/perf.ts'
import { milliseconds, timestamp } from '../../evidence/model/primitives.ts'
import type { Blocked, CollectContext, Collected } from './collector.ts'
import { blocked, foreignHosts, gateSettings } from './gate-settings.ts'
import { baseCommit, headCommit, tree } from './git.ts'
import type { Load, OpenRun, Step } from './inputs.load.ts'
import { closedLoad } from './load/closed.ts'
import { loadByK6 } from './load/k6.ts'
import { findK6, type K6 } from './load/k6-call.ts'
import { openLoad } from './load/open.ts'
import { scriptOf, type Script } from './load/script.ts'
import { askedOf, targetOf, type Ask, type Target } from './load/target.ts'
import { boundedAnswer } from './metrics/bounded-get.ts'
import { readEntry } from './supply-chain-settings.ts'

const DECLARE = 'or say under `not_applicable.perf` of the config on the base branch why there is nothing to load'
const MAX_BASELINE_BYTES = 4 << 20
const TIMEOUT_MS = 10_000
/** k6 takes no shorter one. */
const LEAST_STEP_MS = 1000
const COMMIT_CAPS = { maxBytes: 256 << 10, timeoutMs: 5_000 }

/** @param k6 how this job's `k6` is found */
export async function collectLoad(context: CollectContext, k6: () => Promise<K6 | null> = findK6): Promise<Collected<'load'>> {
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
  const driver = settings.script === undefined ? null : await driverOf(context, base, { ...settings, script: settings.script }, k6)
  if (driver !== null && 'blocked' in driver) return driver
  const measured = await measure(url, settings, driver)
  return { value: { at: timestamp(context.now), base, head, host: new URL(url).host, plan: planOf(settings, driver), baseline, ...measured } }
}

interface Driver {
  readonly k6: K6
  readonly script: Script
}

async function driverOf(
  context: CollectContext,
  base: string,
  settings: Pick<PerfPolicy, 'baseline' | 'trend'> & { readonly script: string },
  find: () => Promise<K6 | null>,
): Promise<Driver | { readonly blocked: Blocked }> {
  const k6 = await find()
  if (k6 === null)
    return blocked(
      'the program that runs the load',
      `the config names the script ${settings.script} under \`gates.perf.script\`, and this job has no program k6`,
      'Install k6 before the agents run (docs/adopt.md says how), or name `requests` in place of `script`.',
    )
  const script = await scriptOf(context, base, settings.script, settings)
  return 'blocked' in script ? script : { k6, script }
}

/** What has to be the same for two loads to be comparable. */
export function planOf(settings: PerfPolicy, driver: Driver | null = null): string {
  const { target, rate, for: span, spike, replicas } = settings
  const common = { target: target ?? null, replicas: replicas.target }
  if (driver === null) return digestOf({ ...common, requests: requestsOf(settings), rate, for: span, spike })
  return digestOf({ ...common, k6: driver.k6.version, script: driver.script.path, sha256: driver.script.sha256 })
}

type Measured = Pick<Load, 'commits' | 'runs' | 'steps' | 'failure' | 'script'>

async function measure(url: string, settings: PerfPolicy, driver: Driver | null): Promise<Measured> {
  const nothing = { commits: { before: null, after: null }, runs: [], steps: [], script: null }
  let target: Target
  let before: string | null
  try {
    target = await targetOf(url)
    before = await commitOf(url, settings)
  } catch (error) {
    return { ...nothing, failure: said(error) }
  }
  try {
    const of = driver === null ? await byOurselves(target, settings) : await byScript(driver, { target, url }, settings)
    return { commits: { before, after: await commitOf(url, settings) }, ...of }
  } catch (error) {
    return { ...nothing, commits: { before, after: null }, failure: said(error) }
  }
}

type Loaded = Omit<Measured, 'commits'>

async function byOurselves(target: Target, settings: PerfPolicy): Promise<Loaded> {
  const asks = askedOf(target, requestsOf(settings))
  const runs = await opened(target, asks, settings)
  const steps: Step[] = []
  // One after the other: what overlaps measures itself.
  for (const users of settings.users) steps.push(await closedLoad({ target, asks, users, ms: milliseconds(settings.step), timeoutMs: TIMEOUT_MS }))
  return { runs, steps, failure: null, script: null }
}

async function byScript(
  { k6, script }: Driver,
  service: { readonly target: Target; readonly url: string },
  { step, users }: PerfPolicy,
): Promise<Loaded> {
  const { failure, runs, script: ran, steps } = await loadByK6(k6, script, service, { users, ms: Math.max(LEAST_STEP_MS, milliseconds(step)) })
  return { runs: [...runs], steps: [...steps], failure, script: ran }
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
