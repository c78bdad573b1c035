/** Input `previews`: deployments of preview environments by GitHub's API, whether their addresses answer, the bill, and our comment on the pull request. */
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { PreviewPolicy, isPreviewHost } from '../../evidence/model/config/previews.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { isAsleep } from '../../evidence/model/preview.ts'
import { isListed } from '../../evidence/sbom/glob.ts'
import { get } from './api.ts'
import { billOf } from './bills.ts'
import type { CollectContext, Collected } from './collector.ts'
import { foreignHosts, gateSettings } from './gate-settings.ts'
import { PREVIEWS_MARK, type Preview, type Previews } from './inputs.previews.ts'
import { boundedAnswer, metricsAddress } from './metrics/bounded-get.ts'
import { MetricsError } from './metrics/metrics-error.ts'

/** The keys that are read of https://docs.github.com/rest/deployments/deployments#list-deployments */
const Deployment = z.object({
  id: z.number(),
  environment: z.string(),
  sha: z.string(),
  ref: z.string(),
  created_at: z.string(),
  payload: z.unknown().optional(),
})
const Status = z.object({
  state: z.string(),
  description: z.string().nullish(),
  created_at: z.string().nullish(),
  environment_url: z.string().nullish(),
})
const Comment = z.object({ id: z.number(), body: z.string().nullish(), user: z.object({ login: z.string() }).nullable() })
const Payload = z.object({ tenant: z.string().max(100) })

const PAGE = 100
const MOST_PAGES = 3
const TOGETHER = 4
const TRIES = 2
const HEALTH_CAPS = { maxBytes: 1 << 20, timeoutMs: 5_000 }

export async function collectPreviews(context: CollectContext): Promise<Collected<'previews'>> {
  const read = await gateSettings(context, 'preview_budget', PreviewPolicy)
  if ('blocked' in read) return read
  const { config, settings } = read
  if (settings.costs?.kind === 'opencost') {
    const foreign = foreignHosts(config, [settings.costs.url], 'what knows the costs')
    if (foreign !== null) return foreign
  }
  const { found, cut } = await deployments(context, settings)
  const newest = [...Map.groupBy(found, ({ environment }) => environment).values()].slice(0, PAGE * MOST_PAGES)
  const previews = (await pooled(newest, async (of) => await previewOf(context, of))).flatMap((one) => one ?? [])
  const health = await pooled(previews.filter(isAsked(settings)), answered)
  const value: Previews = {
    at: timestamp(context.now),
    head: context.sha,
    seen: found.length,
    cut,
    previews,
    health,
    bill: settings.costs === undefined ? null : await billOf(context, settings.costs),
    comments: await comments(context),
  }
  return { value }
}

function isAsked({ hosts }: PreviewPolicy): (preview: Preview) => boolean {
  return ({ state, url }) => url !== null && state !== 'inactive' && URL.canParse(url) && isPreviewHost(new URL(url).host, hosts)
}

const base = ({ repository: { owner, name } }: CollectContext): string => `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`

async function deployments(context: CollectContext, { environments }: PreviewPolicy) {
  const found: z.infer<typeof Deployment>[] = []
  for (let page = 1; page <= MOST_PAGES; page++) {
    const answer = (await get(context, `${base(context)}/deployments?per_page=${PAGE}&page=${page}`, z.array(Deployment).max(PAGE))) ?? []
    found.push(...answer.filter(({ environment }) => isListed(environment, environments)))
    if (answer.length < PAGE) return { found, cut: false }
  }
  return { found, cut: true }
}

/** @param of one environment, newest first */
async function previewOf(context: CollectContext, of: readonly z.infer<typeof Deployment>[]): Promise<Preview | null> {
  const [newest] = of
  if (newest === undefined) return null
  const [status] = (await get(context, `${base(context)}/deployments/${newest.id}/statuses?per_page=1`, z.array(Status).max(1))) ?? []
  const payload = Payload.safeParse(newest.payload)
  const created = Date.parse((of.at(-1) ?? newest).created_at)
  return {
    deployment: newest.id,
    environment: newest.environment,
    sha: newest.sha,
    ref: newest.ref,
    created_at: timestamp(Number.isFinite(created) ? created : context.now),
    state: status?.state ?? null,
    asleep_since: status === undefined ? null : asleepSince(status, context.now),
    url: status?.environment_url || null,
    tenant: payload.success ? payload.data.tenant : null,
  }
}

/** From its status; now, when that says no time. */
function asleepSince({ state, description, created_at }: z.infer<typeof Status>, now: number): string | null {
  if (!isAsleep({ state, description: description ?? null })) return null
  const since = Date.parse(created_at ?? '')
  return timestamp(Number.isFinite(since) ? since : now)
}

async function answered({ deployment, url }: Preview): Promise<Previews['health'][number]> {
  const from = performance.now()
  const took = (): number => Math.round(performance.now() - from)
  let why = 'it did not answer'
  for (let time = 0; time < TRIES; time++) {
    if (time > 0) await pause(500)
    try {
      await boundedAnswer(metricsAddress(url ?? ''), HEALTH_CAPS, { accept: '*/*' })
      return { deployment, status: 200, ms: took(), why: null }
    } catch (error) {
      why = (error instanceof Error ? error.message : String(error)).slice(0, 300)
      const status = error instanceof MetricsError ? Number(/ answered (\d{3})\.$/.exec(why)?.[1]) : Number.NaN
      if (Number.isInteger(status)) return { deployment, status, ms: took(), why }
      // It answers, and more than is read.
      if (error instanceof MetricsError && error.code === 'too-large') return { deployment, status: 200, ms: took(), why: null }
    }
  }
  return { deployment, status: null, ms: took(), why }
}

async function comments(context: CollectContext): Promise<Previews['comments']> {
  if (context.pull === null) return null
  const found = []
  for (let page = 1; page <= MOST_PAGES; page++) {
    const answer =
      (await get(context, `${base(context)}/issues/${context.pull}/comments?per_page=${PAGE}&page=${page}`, z.array(Comment).max(PAGE))) ?? []
    found.push(...answer.filter(({ body }) => body?.startsWith(PREVIEWS_MARK) === true))
    if (answer.length < PAGE) break
  }
  return found.slice(0, 50).map(({ id, body, user }) => ({ id, author: user?.login ?? 'ghost', body: (body ?? '').slice(0, 70_000) }))
}

/** A few at a time, in the order they were given. */
async function pooled<One, Value>(items: readonly One[], work: (item: One) => Promise<Value>): Promise<Value[]> {
  const done: Value[] = []
  for (let at = 0; at < items.length; at += TOGETHER) done.push(...(await Promise.all(items.slice(at, at + TOGETHER).map(work))))
  return done
}
