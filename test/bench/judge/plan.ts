/** Every scenario with what is asked of it. The figures of `runs` are shares of those that were asked for. */
import { advances, falseAdvances, falseRollbacks, mustFail, requests, speed, type Answer, type Speed } from './answers.ts'
import { FLAGGER, KAYENTA, KAYENTA_MEAN, PLAIN } from './peers/index.ts'
import { POLICY, type Scenario } from './scenario.ts'
import { HEALTHY, type World } from './world.ts'

export interface Question {
  readonly scenario: Scenario
  readonly answers: readonly Answer[]
}

/** The kinds that every rule is held against. */
export const CORE = ['iid', 'shared incident', 'bursty'] as const
export const EFFECTS = [0.002, 0.005, 0.01, 0.05] as const
export const TRAFFIC = [600, 6000] as const
export const LATENCIES = [
  ['x1.05', { factor: 1.05, slowShare: 0 }],
  ['x1.10', { factor: 1.1, slowShare: 0 }],
  ['x1.25', { factor: 1.25, slowShare: 0 }],
  ['x2', { factor: 2, slowShare: 0 }],
  ['1 % of requests +1 s', { factor: 1, slowShare: 0.01 }],
  ['5 % of requests +1 s', { factor: 1, slowShare: 0.05 }],
] as const
/** Minutes for which a canary is no worse at first: a leak, or more load. */
const LATE_MINUTES = 20
/** Minutes after it, of ours: no peer's rule forgets, and none says how long. */
const LATE: readonly { readonly name: string; readonly world: Pick<World, 'traffic' | 'ratio' | 'errors' | 'latency'>; readonly most: number }[] = [
  { name: '0.1 -> 5 %', world: { errors: [0.001, 0.05], traffic: 600, ratio: 1 }, most: 1.5 },
  { name: '0.1 -> 1 %', world: { errors: [0.001, 0.01], traffic: 6000, ratio: 9 }, most: 1.5 },
  { name: 'latency x1.25', world: { latency: { factor: 1.25, slowShare: 0 }, traffic: 600, ratio: 1 }, most: 2.5 },
]
const HEALTHY_LATENCY = { factor: 1, slowShare: 0 }
const MOST_FALSE = 1

type Of = Omit<Scenario, 'name' | 'runs' | 'policy' | 'untilAdvance'> & Partial<Pick<Scenario, 'policy' | 'untilAdvance'>>

export function nameOf(what: string, { traffic, ratio }: Pick<World, 'traffic' | 'ratio'>): string {
  return `${what}, ${traffic}/min, 1:${ratio}`
}

/** @param all canaries of each of the kinds that the limits are about */
export function plan(all: number): readonly Question[] {
  const ask = (what: string, share: number, of: Of, ...answers: readonly Answer[]): Question => ({
    scenario: {
      name: nameOf(what, of.world),
      runs: Math.max(1, Math.round(all * share)),
      policy: of.world.kind === 'deploy warm-up' ? { ...POLICY, warmUp: 120 } : POLICY,
      untilAdvance: false,
      ...of,
    },
    answers,
  })
  const both = [1, 9].flatMap((ratio) => TRAFFIC.map((traffic) => ({ traffic, ratio })))
  return [
    ...HEALTHY.flatMap((kind) => {
      const isCore = CORE.some((core) => core === kind)
      const loads = kind === 'low traffic' ? [1, 9].map((ratio) => ({ traffic: 30, ratio })) : both
      return loads.map((load) => {
        const shows = kind === 'bursty' && load.ratio === 1 ? [mustFail(PLAIN, 30)] : []
        return ask(kind, isCore ? 1 : 0.4, errors({ kind, ...load }), falseRollbacks(MOST_FALSE), ...shows)
      })
    }),
    ...both.map((load) =>
      ask(
        'latency, shared drift',
        load.ratio === 1 ? 0.3 : 0.1,
        { world: { kind: 'shared drift', latency: HEALTHY_LATENCY, ...load }, history: true, peers: load.ratio === 1 ? 'latency' : null },
        falseRollbacks(MOST_FALSE),
      ),
    ),
    ask(
      'latency, nothing wrong',
      0.2,
      { world: { kind: 'iid', latency: HEALTHY_LATENCY, traffic: 600, ratio: 1 }, history: true, peers: 'latency' },
      falseRollbacks(MOST_FALSE),
    ),
    ...CORE.flatMap((kind) =>
      TRAFFIC.map((traffic) =>
        ask(`${kind}, no history`, 0.3, { world: { kind, traffic, ratio: 1 }, history: false, peers: null }, falseRollbacks(null)),
      ),
    ),
    ...TRAFFIC.map((traffic) =>
      ask(
        'bursty, history that knows no bursts',
        0.4,
        { world: { kind: 'bursty', traffic, ratio: 1, calmHistory: true }, history: true, peers: null },
        falseRollbacks(null),
      ),
    ),
    ...both.flatMap((load) => EFFECTS.map((rate) => ask(effect(rate), 1, errors(worse(rate, load)), ...asked(rate, load)))),
    ...[0.01, 0.05].map((rate) =>
      ask(`bursty, ${effect(rate)}`, 0.2, errors({ ...worse(rate, { traffic: 600, ratio: 1 }), kind: 'bursty' }), speed({})),
    ),
    ...LATENCIES.map(([name, latency]) =>
      ask(
        `latency, ${name}`,
        0.2,
        { world: { kind: 'iid', latency, traffic: 600, ratio: 1 }, history: true, peers: 'latency' },
        speed(LATENCY_LIMITS[name] ?? {}),
      ),
    ),
    ...LATE.map(({ name, world, most }) =>
      ask(
        `late, ${name}`,
        0.2,
        { world: { kind: 'iid', onset: LATE_MINUTES, ...world }, history: true, peers: null },
        speed({ median: LATE_MINUTES + most }),
      ),
    ),
    ...TRAFFIC.flatMap((traffic) => {
      const of = { history: true, peers: null, untilAdvance: true, policy: { ...POLICY, bake: 0 } } as const
      return [
        ask('nothing wrong, no bake', 0.3, { ...of, world: { kind: 'iid', traffic, ratio: 9 } }, advances(12_500)),
        ask('truly 2 times the errors, no bake', 1, { ...of, world: worse(0.002, { traffic, ratio: 9 }) }, falseAdvances(5)),
      ]
    }),
  ]
}

export function effect(rate: number): string {
  return `0.1 -> ${Number((100 * rate).toPrecision(3))} %`
}

function errors(world: Omit<World, 'seed'>): Of {
  return { world, history: true, peers: world.ratio === 1 ? 'errors' : null }
}

function worse(rate: number, load: Pick<World, 'traffic' | 'ratio'>): Omit<World, 'seed'> {
  return { kind: 'iid', errors: [0.001, rate], ...load }
}

/** Equal arms. */
const SPEEDS: readonly { readonly rate: number; readonly traffic: number; readonly limits: Speed }[] = [
  { rate: 0.005, traffic: 600, limits: { median: 6.5 } },
  { rate: 0.01, traffic: 600, limits: { median: 2.5, p95: 5.5, faster: { [FLAGGER]: 9, [KAYENTA]: 4 } } },
  { rate: 0.05, traffic: 600, limits: { median: 0.5, faster: { [FLAGGER]: 20, [KAYENTA]: 20 } } },
  { rate: 0.002, traffic: 6000, limits: { median: 6.5 } },
]

const LATENCY_LIMITS: Readonly<Record<string, Speed>> = {
  'x1.10': { median: 3.5, faster: { [KAYENTA_MEAN]: 2.8 } },
  'x1.25': { median: 0.7 },
  '1 % of requests +1 s': { median: 8 },
}

function asked(rate: number, load: Pick<World, 'traffic' | 'ratio'>): readonly Answer[] {
  const { traffic, ratio } = load
  const held = SPEEDS.find((each) => each.rate === rate && each.traffic === traffic && ratio === 1)
  return [...(held === undefined ? [] : [speed(held.limits)]), ...efficiency(rate, load)]
}

/** Where the bound is more than five ticks' traffic; and at 600 a minute an hour is hardly more than what doubled errors need. */
function efficiency(rate: number, { traffic, ratio }: Pick<World, 'traffic' | 'ratio'>): readonly Answer[] {
  const isHeld = traffic === 600 ? rate === 0.005 || (rate === 0.01 && ratio === 1) : rate === 0.002
  return isHeld ? [requests(ratio === 1 ? 1.4 : 1.5)] : []
}
