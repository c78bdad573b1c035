/** `gates.slo`: where the objectives are measured, over which times, and how fast a budget may burn. */
import { z } from 'zod'
import { exceptionsFor } from './exceptions.ts'
import { milliseconds } from '../primitives.ts'
import { Address, between } from './address.ts'
import { RepositoryGlob, RepositoryPath, Share } from './names.ts'

const Burn = z.number().gt(0).max(10_000)

const Prometheus = z.strictObject({
  kind: z.literal('prometheus'),
  url: Address.describe('Where `/api/v1/query` begins. Its host must stand under `conduct.hosts`.'),
  interval: between('1s', '10m').default('15s').describe('How often the service is scraped. What is older than two of these is no data.'),
})

const OpenMetrics = z.strictObject({
  kind: z.literal('openmetrics'),
  urls: z.array(Address).min(1).max(20).describe('The pages of all instances, each asked directly. Their hosts must stand under `conduct.hosts`.'),
  for: between('5s', '5m').default('30s').describe('How long it is watched: the only window that is known then.'),
  burn: Burn.default(14.4).describe('Highest burn over that time.'),
})

const Pair = z
  .strictObject({
    long: between('1m', '90d').describe('The long window.'),
    short: between('30s', '90d').describe('The short one, which says that it still burns.'),
    burn: Burn.describe('Times the rate that would just use the budget up: above it in both windows is too fast.'),
  })
  .refine(({ long, short }) => milliseconds(short) < milliseconds(long), { path: ['short'], error: 'a window that is shorter than the long one' })

/** The Site Reliability Workbook, chapter 5, table 5-8. */
const WORKBOOK = [
  { long: '1h', short: '5m', burn: 14.4 },
  { long: '6h', short: '30m', burn: 6 },
  { long: '3d', short: '6h', burn: 1 },
]

const Probes = z.strictObject({
  target: Address.optional().describe(
    'The service that the journeys of `golden_paths` are walked on: stage. Its host must stand under `conduct.hosts`.',
  ),
  openapi: RepositoryPath.optional().describe('OpenAPI 3 document of the release: what is marked `x-critical: true` must lie on a journey.'),
})

const Dashboards = z.strictObject({
  files: z.array(RepositoryGlob).max(20).default(['dashboards/*.json']).describe('Grafana dashboards of the repository.'),
  grafana: Address.optional().describe('A Grafana that lets the token of the jobs look, or anybody. Its host must stand under `conduct.hosts`.'),
  annotate: z
    .boolean()
    .default(false)
    .describe('Plan an annotation there that says which release came. It is posted by `apply`, never by a job that looks.'),
})

const Logs = z.strictObject({
  files: z.array(RepositoryGlob).max(20).default([]).describe('Samples of what the service writes, one entry a line.'),
  loki: z
    .strictObject({
      url: Address.describe('Where `/loki/api/v1/query_range` begins. Its host must stand under `conduct.hosts`.'),
      query: z.string().min(1).max(1000).describe('LogQL that selects the lines of the service, such as {app="shop"}.'),
    })
    .optional()
    .describe('Or a Loki: the lines of the last hour.'),
  fields: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,99}$/, 'a field such as trace_id'))
    .min(1)
    .max(20)
    .default(['release', 'env', 'tenant', 'trace_id', 'sha'])
    .describe('What each line must say.'),
  retention: between('1h', '3650d').optional().describe('How long the log store keeps them, as it is set there.'),
})

export const SloPolicy = z.strictObject({
  metrics: z
    .discriminatedUnion('kind', [Prometheus, OpenMetrics], { error: 'kind: prometheus or kind: openmetrics' })
    .optional()
    .describe('Where the jobs measure the objectives of `slos`.'),
  windows: z.array(Pair).min(1).max(6).default(WORKBOOK).describe('Burn windows of the gate and of the alert rules.'),
  budget_left: Share.default(0).describe('Least share of an error budget that must be left. Not known without a Prometheus.'),
  min_requests: z.number().int().min(1).max(1_000_000_000).default(100).describe('With fewer requests an objective is not measured.'),
  exceptions: exceptionsFor(['probe.uncovered-critical', 'dash.no-panel', 'dash.unknown-metric', 'dash.broken-query']),
  max_age: between('1m', '30d').default('3d').describe('Oldest measurement that still counts when the gate decides.'),
  probes: Probes.prefault({}).describe('Golden paths.'),
  dashboards: Dashboards.prefault({}).describe('What people look at.'),
  logs: Logs.prefault({}).describe('What the service writes.'),
})
export type SloPolicy = z.infer<typeof SloPolicy>
export type SloSource = NonNullable<SloPolicy['metrics']>
