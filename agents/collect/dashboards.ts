/** Input `dashboards`: Grafana dashboards of the release or of a Grafana, and what the metrics source of the objectives knows by name. */
import { z } from 'zod'
import { SloPolicy, type SloSource } from '../../evidence/model/config/slo.ts'
import { timestamp } from '../../evidence/model/primitives.ts'
import { isListed } from '../../evidence/sbom/glob.ts'
import { sloPatterns } from '../../evidence/slo/files.ts'
import type { CollectContext, Collected } from './collector.ts'
import { blocked, foreignHosts, gateSettings } from './gate-settings.ts'
import { headCommit, tree, type TreeEntry } from './git.ts'
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

/** https://grafana.com/docs/grafana/latest/developers/http_api/folder_dashboard_search/ and /dashboard/ */
const Found = z.array(z.object({ uid: z.string().max(200) })).max(200)
const Answer = z.object({ dashboard: z.record(z.string(), z.unknown()) })
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
  const shown = wanted.grafana === undefined ? null : await grafanaOf(wanted.grafana)
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

async function grafanaOf(url: string): Promise<NonNullable<Dashboards['grafana']>> {
  const host = new URL(url).host
  const ask = async (path: string): Promise<unknown> =>
    JSON.parse((await boundedAnswer(metricsAddress(`${url.replace(/\/+$/, '')}${path}`), CAPS, { accept: 'application/json' })).text)
  try {
    const dashboards = []
    for (const { uid } of Found.parse(await ask('/api/search?type=dash-db&limit=200'))) {
      const { dashboard } = Answer.parse(await ask(`/api/dashboards/uid/${encodeURIComponent(uid)}`))
      dashboards.push({ uid, text: JSON.stringify(dashboard) })
    }
    return { host, dashboards, problem: null }
  } catch (error) {
    return { host, dashboards: [], problem: said(error) }
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
  const message = error instanceof z.ZodError ? 'it answered in another form' : error instanceof Error ? error.message : String(error)
  return message.slice(0, 500) || 'it failed without a word'
}
