/** `gates.perf`: what is put under load, how, how long an answer may take, and how much must be left at the expected peak. */
import { z } from 'zod'
import { exceptionsFor } from './exceptions.ts'
import { Address, between, RequestPath } from './address.ts'
import { Ratio, RepositoryPath, Share } from './names.ts'

const Count = (most: number) => z.number().int().min(1).max(most)
const Rate = z.number().gt(0).max(20_000)
const Status = z.number().int().min(100).max(599)

const Request = z
  .strictObject({
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET').describe('Its method.'),
    path: RequestPath.describe('Its path, below the address.'),
    body: z.record(z.string().max(100), z.json()).optional().describe('What is sent, as JSON.'),
    status: Status.default(200).describe('The status it must answer with.'),
    weight: Count(1000).default(1).describe('How often, against the others.'),
  })
  .refine(({ method, body }) => body === undefined || (method !== 'GET' && method !== 'HEAD'), { path: ['body'], error: 'no body for GET or HEAD' })
export type LoadRequest = z.infer<typeof Request>

const FRONT: readonly LoadRequest[] = [{ method: 'GET', path: '/', status: 200, weight: 1 }]

const Commit = z.strictObject({
  path: RequestPath.default('/healthz').describe('Where it answers with JSON.'),
  field: z
    .string()
    .max(200)
    .regex(/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/, 'a field such as sha or build.commit')
    .default('sha')
    .describe('The field that holds the commit, 40 hex digits.'),
})

const Limits = z.strictObject({
  p50: between('1ms', '10m').optional().describe('Half of the requests.'),
  p95: between('1ms', '10m').default('500ms').describe('19 of 20.'),
  p99: between('1ms', '10m').default('2s').describe('99 of 100.'),
  errors: Share.default(0.01).describe('Share of requests without the answer they should get.'),
})

const Spike = z.strictObject({
  times: z.number().gt(1).max(100).default(3).describe('Times the rate of the load.'),
  for: between('1s', '5m').default('10s').describe('How long.'),
})

const Fields = z.strictObject({
  target: Address.optional().describe(
    'The service under load: stage, or what stands for it, never what customers use. Its host must stand under `conduct.hosts`.',
  ),
  commit: Commit.prefault({}).describe('Where the service says which commit it runs: a load on another one proves nothing.'),
  requests: z
    .array(Request)
    .min(1)
    .max(50)
    .optional()
    .describe('What is asked, each as often as its weight says, in one fixed order. Without them and without `script`: GET /.'),
  script: RepositoryPath.regex(/^[^/]+\/.*\.(?:js|ts)$/, 'a script of k6 in a folder, such as load/release.js')
    .optional()
    .describe(
      'In place of `requests`: a script of k6, as it stands on the base branch with all that lies in its folder. The job needs the program `k6`; rate and times are those of the script.',
    ),
  rate: Rate.default(20).describe('Requests a second of the load. They leave when they are due, whether or not others have come back.'),
  for: between('1s', '10m').default('30s').describe('How long the load lasts.'),
  warm_up: between('100ms', '5m').default('5s').describe('Asked before that, and not counted.'),
  in_flight: Count(5000).default(500).describe('Requests that may wait for an answer at once. What is due beyond them is counted as unanswered.'),
  spike: Spike.prefault({}).describe('A short time of much more.'),
  limits: Limits.prefault({}).describe('How long an answer may take, counted from when its request was due.'),
  min_requests: Count(1_000_000).default(200).describe('With fewer answers nothing is said.'),
  baseline: RepositoryPath.default('perf/baseline.json').describe('What the release before measured, on the base branch.'),
  slower: Ratio.default('1.25x').describe('A release that is surely slower than this, as a whole or in its tail, is a regression.'),
  false_alarm: z.number().gt(0).max(0.2).default(0.01).describe('Chance of calling it slower than that when it is not.'),
  users: z
    .array(Count(2000))
    .max(20)
    .refine((users) => users.every((one, at) => at === 0 || one > (users[at - 1] ?? 0)), 'rising numbers of users, such as [1, 2, 4, 8, 16]')
    .default([1, 2, 4, 8, 16, 32])
    .describe('Steps of capacity: so many users, each asking again as soon as it is answered.'),
  step: between('500ms', '2m').default('5s').describe('How long each step lasts.'),
  peak: Rate.optional().describe('Requests a second expected in production at its peak.'),
  replicas: z
    .strictObject({
      target: Count(1000).default(1).describe('That serve the address under load.'),
      production: Count(10_000).default(1).describe('That serve production at its peak.'),
    })
    .prefault({})
    .describe('Replicas. Each is taken to serve as much as another.'),
  trend: RepositoryPath.default('perf/trend.json').describe('Headroom and cost of the releases before, on the base branch.'),
  replica_hour_usd: z
    .number()
    .min(0)
    .max(10_000)
    .optional()
    .describe('What one replica of production costs in an hour, in US dollars: for the trend.'),
  exceptions: exceptionsFor(['load.slower', 'load.tail-slower', 'capacity.retrograde']),
  max_age: between('1m', '30d').default('3d').describe('Oldest measurement that still counts when the gate decides.'),
})

/** What is asked comes from the config or from a script, never from both: nobody could say which of them was held to the limits. */
export const PerfPolicy = Fields.refine(({ requests, script }) => requests === undefined || script === undefined, {
  path: ['script'],
  error: 'either `requests` or `script`, not both: leave one of them away',
})
export type PerfPolicy = z.infer<typeof PerfPolicy>

/** What the load of our own asks. */
export function requestsOf({ requests }: Pick<PerfPolicy, 'requests'>): readonly LoadRequest[] {
  return requests ?? FRONT
}
