/** One canary that is taken back: from the weight of 10 % to the weight of none, by the App's own loop, and when the data would have sufficed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { prometheus } from '../../../app/rollout/metrics/prometheus.ts'
import { scrape } from '../../../app/rollout/metrics/scrape.ts'
import { weightEffects } from '../../../app/rollout/effects.ts'
import { judgementOf } from '../../../app/rollout/judgement.ts'
import { reconcile } from '../../../app/release/reconcile.ts'
import { dataOf, type Rollout } from '../../../app/release/state.ts'
import type { MetricsPort, Sample } from '../../../app/release/ports.ts'
import { worldOf } from '../../support/release-ports.ts'
import { REPOSITORY, DIGESTS, recordOf, rolloutOf, SETTINGS } from '../../support/release.ts'
import type { Around } from './around.ts'

export interface Outcome {
  /** Seconds from the moment when the data sufficed to weight 0. */
  readonly late: number
  /** And from the weight of 10 % to that moment. */
  readonly unseen: number
  readonly sentence: string
}

/** Prometheus scrapes once a second; five looks must hold two scrapes. */
const LOOK_MS = 400
/** How often the versions themselves are asked: what anybody could know. */
const TRUTH_MS = 50
const PATIENCE_MS = 60_000

const clock = { now: () => Date.now() }
const arm = (track: string) => ({
  requests: `sum(http_requests_total{track="${track}"})`,
  errors: `sum(http_requests_total{track="${track}",code=~"5.."}) or vector(0)`,
  latency: `sum by (le) (http_request_duration_seconds_bucket{track="${track}"})`,
})

function measuredBy({ prometheus: url }: Around): MetricsPort {
  return prometheus(new Map([['scrape', { url, interval: '1s', headers: {}, token: null, canary: arm('canary'), stable: arm('stable') }]]), clock)
}

function truthOf({ versions: { canary, stable } }: Around): MetricsPort {
  const errors = { metric: 'http_requests_total', label: 'code', matches: '5..' }
  return scrape(
    new Map([['truth', { canary: { url: `${canary}/metrics` }, stable: { url: `${stable}/metrics` }, requests: 'http_requests_total', errors }]]),
    clock,
  )
}

export async function round(around: Around, number: number): Promise<Outcome> {
  const world = worldOf()
  const traffic = weightEffects(new Map([['proxy', around.router]]))
  const home = { at: Infinity }
  const ports = {
    ...world.ports,
    clock,
    traffic,
    metrics: measuredBy(around),
    effects: {
      find: async () => null,
      perform: async (...[repository, effect, leave]: Parameters<typeof world.ports.effects.perform>) => {
        if (effect.kind !== 'weight.set') return world.ports.effects.perform(repository, effect, leave)
        const outcome = await traffic.perform(effect)
        if (effect.percent === 0) home.at = Math.min(home.at, Date.now())
        return outcome
      },
    },
  }
  const context = { ...world.context, ports, settings: { ...SETTINGS, sampleMs: LOOK_MS } }
  await begin(world, number)
  const truth: Sample[] = []
  const watching = watch(truthOf(around), truth, () => home.at)
  const started = Date.now()
  while (home.at === Infinity) {
    if (Date.now() - started > PATIENCE_MS) throw new Error('the canary was not taken back')
    const from = Date.now()
    await reconcile(context, { repository: REPOSITORY, pull: number, mode: 'tick' })
    await sleep(Math.max(0, LOOK_MS - (Date.now() - from)))
  }
  await watching
  const rollout = rolloutIn(await world.store.release(`${REPOSITORY.id}#${number}`))
  const moved = rollout.startedAt ?? started
  const enough = sufficed(rollout, truth, moved)
  return { late: (home.at - enough) / 1_000, unseen: (enough - moved) / 1_000, sentence: rollout.why?.sentence ?? '' }
}

async function begin({ store }: ReturnType<typeof worldOf>, number: number): Promise<void> {
  const now = Date.now()
  const rollout = rolloutOf({ stage: 'shifting', digests: DIGESTS, since: now })
  const record = recordOf({ key: `${REPOSITORY.id}#${number}`, pull: number, state: 'canary', revision: 1 }, { rollout, rollouts: 1 })
  const lease = await store.lease(`release/${record.key}`, 'bench', now, 1_000)
  if (lease === null) throw new Error('nobody else is here')
  await store.commit({ release: record, expected: null, lease, intents: [], events: [], verdicts: [] })
  await store.free(lease)
}

async function watch(port: MetricsPort, into: Sample[], until: () => number): Promise<void> {
  while (until() === Infinity) {
    const from = Date.now()
    into.push(await port.sample('truth'))
    await sleep(Math.max(0, TRUTH_MS - (Date.now() - from)))
  }
}

function rolloutIn(record: Parameters<typeof dataOf>[0] | null): Rollout {
  const rollout = record === null ? null : dataOf(record).rollout
  if (rollout === null) throw new Error('there is a rollout')
  return rollout
}

/** When the same judge would have taken it back, had it known of each request at once. */
function sufficed({ policy: { guard: policy } }: Rollout, truth: readonly Sample[], startedAt: number): number {
  const found = truth.find(({ at }, index) => {
    const span = { startedAt, shiftedAt: startedAt, now: at, sampleMs: TRUTH_MS * 10, bakeUntil: Infinity, deadline: Infinity }
    const samples = truth.slice(0, index + 1)
    return at > startedAt && judgementOf({ policy, comparison: null, samples, percent: 10, ...span }).decision === 'roll_back'
  })
  return found?.at ?? truth.at(-1)?.at ?? startedAt
}
