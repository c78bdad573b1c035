/** Input `dashboards`: Grafana dashboards of the release or of a Grafana, and what the metrics source of the objectives knows by name. */
import { z } from 'zod'
import { SloPolicy, type SloSource } from '../../evidence/model/config/slo.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { isListed } from '../../evidence/sbom/glob.ts'
import { sloPatterns } from '../../evidence/slo/files.ts'
import { get } from './api.ts'
import type { CollectContext, Collected } from './collector.ts'
import { CollectError } from './error.ts'
import { blocked, foreignHosts, gateSettings } from './gate-settings.ts'
import { headCommit, tree, type TreeEntry } from './git.ts'
import { askGrafana, type GrafanaAccess } from './grafana.ts'
import type { Dashboards } from './inputs.dashboards.ts'
import type { ReadFile } from './inputs.supply-chain.ts'
import { boundedAnswer, boundedGet, metricsAddress } from './metrics/bounded-get.ts'
import { parseOpenMetrics } from './metrics/openmetrics.ts'
import { readEntry } from './supply-chain-settings.ts'

const DECLARE = 'or say under `not_applicable` with the key `slo.dashboards`, on the base branch, why there is none'
const MOST_FILES = 100
const MOST_BYTES = 8 << 20
const MOST_NAMES = 50_000
const CAPS = { maxBytes: 4 << 20, timeoutMs: 10_000 }
const VERSION = /^[\w.+-]{1,100}$/

/** https://grafana.com/docs/grafana/latest/developers/http_api/folder_dashboard_search/ and /dashboard/ */
const Found = z.array(z.object({ uid: z.string().max(200) })).max(200)
const Answer = z.object({ dashboard: z.record(z.string(), z.unknown()) })
const Pull = z.object({ head: z.object({ ref: z.string() }) })
const Names = z.object({ status: z.literal('success'), data: z.array(z.string().max(300)).max(MOST_NAMES) })

export async function collectDashboards(context: CollectContext): Promise<Collected<'dashboards'>> {
  const read = await gateSettings(context, 'slo', SloPolicy)
  if ('blocked' in read) return read
  const { config, settings } = read
  const { metrics: source, dashboards: wanted } = settings
  if (source === undefined)
    return blocked('a metrics source', '`gates.slo.metrics` of the config names none', `Name a Prometheus, or the pages of the service, ${DECLARE}.`)
  const grafana = wanted.grafana === undefined ? [] : [wanted.grafana]
  const foreign = foreignHosts(config, [...urlsOf(source), ...grafana], 'what is to be shown')
  if (foreign !== null) return foreign
  const head = await headCommit(context.workspace, context.sha)
  const entries = await tree(context.workspace, head)
  const files = await filesOf(context, entries, wanted.files)
  const shown = wanted.grafana === undefined ? null : await grafanaOf({ url: wanted.grafana, token: context.grafanaToken ?? null })
  if (files.length === 0 && shown === null)
    return blocked(
      'dashboards',
      `the release has no file that is ${wanted.files.join(' or ')}`,
      `Add one (\`run --phase=P1 --plan\` of a release with one shows what is missing), ${DECLARE}.`,
    )
  return {
    value: {
      at: timestamp(context.now),
      head,
      files,
      grafana: shown,
      ...(wanted.annotate && wanted.grafana !== undefined && { annotation: await annotationOf(context, wanted.grafana) }),
      objectives: await filesOf(context, entries, sloPatterns(config)),
      known: await knownOf(source),
    },
  }
}

function urlsOf(source: SloSource): readonly string[] {
  return source.kind === 'prometheus' ? [source.url] : source.urls
}

async function filesOf(context: CollectContext, entries: readonly TreeEntry[], patterns: readonly string[]): Promise<ReadFile[]> {
  const chosen = entries.filter(({ path }) => isListed(path, patterns)).toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const allowance = { left: MOST_BYTES }
  const files: ReadFile[] = []
  for (const entry of chosen.slice(0, MOST_FILES)) files.push(await readEntry(context, entry.path, entry, allowance))
  return files
}

/** One that was taken away while it was asked for is none. */
async function grafanaOf(access: GrafanaAccess): Promise<NonNullable<Dashboards['grafana']>> {
  const { host } = new URL(access.url)
  const ask = async <Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema> | null> =>
    askGrafana(access, { method: 'GET', path, permission: 'dashboards:read' }, schema)
  try {
    const found = await ask('/api/search?type=dash-db&limit=200', Found)
    if (found === null) return { host, dashboards: [], problem: 'it answered 404: its API does not begin at that address' }
    const dashboards = []
    for (const { uid } of found) {
      const answer = await ask(`/api/dashboards/uid/${encodeURIComponent(uid)}`, Answer)
      if (answer !== null) dashboards.push({ uid, text: JSON.stringify(answer.dashboard) })
    }
    // Whoever may see none gets an empty list, and no refusal.
    const who = access.token === null ? 'whoever has no token' : 'GRAFANA_TOKEN'
    return { host, dashboards, problem: dashboards.length > 0 ? null : `it shows no dashboard to ${who}, which needs dashboards:read of some` }
  } catch (error) {
    return { host, dashboards: [], problem: said(error) }
  }
}

/** Without a pull request, or when GitHub says nothing of it, the commit has to do. */
async function annotationOf(context: CollectContext, grafana: string): Promise<NonNullable<Dashboards['annotation']>> {
  const { owner, name } = context.repository
  const said = { grafana, repository: `${owner}/${name}`, pull: context.pull }
  if (context.pull === null) return { ...said, version: null }
  try {
    const path = `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}/pulls/${context.pull}`
    const version = (await get(context, path, Pull))?.head.ref.split('/').at(-1) ?? ''
    return { ...said, version: VERSION.test(version) ? version : null }
  } catch (error) {
    if (!(error instanceof CollectError)) throw error
    return { ...said, version: null }
  }
}

async function knownOf(source: SloSource): Promise<Dashboards['known']> {
  const told = `${source.kind}: ${urlsOf(source)
    .map((url) => new URL(url).host)
    .join(', ')}`.slice(0, 300)
  try {
    const names = source.kind === 'prometheus' ? await labelled(source.url) : await scraped(source.urls)
    return { source: told, names: [...new Set(names)].toSorted().slice(0, MOST_NAMES), problem: null }
  } catch (error) {
    return { source: told, names: [], problem: said(error) }
  }
}

async function labelled(url: string): Promise<readonly string[]> {
  const { text } = await boundedAnswer(metricsAddress(`${url.replace(/\/+$/, '')}/api/v1/label/__name__/values`), CAPS, {
    accept: 'application/json',
  })
  return Names.parse(JSON.parse(text)).data
}

async function scraped(urls: readonly string[]): Promise<readonly string[]> {
  const pages = await Promise.all(urls.map(async (url) => parseOpenMetrics(await boundedGet(metricsAddress(url), CAPS))))
  return pages.flatMap(({ series }) => series.map(({ name }) => name))
}

function said(error: unknown): string {
  if (error instanceof CollectError) return `${error.message}. ${error.next}`.slice(0, 500)
  const message = error instanceof z.ZodError ? 'it answered in another form' : error instanceof Error ? error.message : String(error)
  return message.slice(0, 500) || 'it failed without a word'
}
