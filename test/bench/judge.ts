/** Canaries that never were, healthy and worse, judged by ours and by the rules of others (docs/judge.md). Everything but the time of a decision follows from seeds. */
import { Judge } from '../../gates/judge/judge.ts'
import type { Bench, Benchmark } from './benchmark.ts'
import { comparison } from './judge/answers.ts'
import { crowd } from './judge/crowd.ts'
import { control, tryFaults } from './judge/faults.ts'
import { CORE, effect, EFFECTS, LATENCIES, nameOf, plan, TRAFFIC, type Question } from './judge/plan.ts'
import { POLICY, type Outcome } from './judge/scenario.ts'
import { canary, history } from './judge/world.ts'
import type { Row, Told } from './row.ts'

/** Seeds of each fault. */
const FAULT_SEEDS = 3

export const judge: Benchmark = {
  name: 'judge',
  what: '1,000 healthy canaries of each kind, and worse ones, before our judge and the rules of Flagger, Argo Rollouts, Kayenta and burn rates (minutes)',
  tools: {},
  rounds: 1000,
  counted: 'runs',
  async run({ rounds, say, tell }: Bench) {
    const questions = plan(rounds)
    const outcomes = await crowd(
      questions.map(({ scenario }) => scenario),
      say,
    )
    for (const table of tables(questions, outcomes)) tell(table)
    say('what metrics do when they break')
    return [
      ...questions.flatMap(({ scenario, answers }) => answers.flatMap((answer) => answer(outcomes.get(scenario.name) ?? [], scenario))),
      ...silences(),
      row('time of a decision, per metric and tick', decisionTime(), { unit: 'ms', limit: 1 }),
    ]
  },
}

function tables(questions: readonly Question[], outcomes: ReadonlyMap<string, readonly Outcome[]>): readonly Told[] {
  const column = (head: string, what: string, traffic: number, isHealthy: boolean, ratio = 1) => {
    const name = nameOf(what, { traffic, ratio })
    const scenario = questions.find((question) => question.scenario.name === name)?.scenario
    if (scenario === undefined) throw new Error(`there is no scenario ${name}`)
    return { head, isHealthy, scenario, outcomes: outcomes.get(name) ?? [] }
  }
  const errors = (traffic: number): Told =>
    comparison(`Errors, ${traffic} requests a minute: false rollbacks; median / p95 minutes`, [
      ...CORE.map((kind) => column(kind, kind, traffic, true)),
      ...EFFECTS.map((rate) => column(effect(rate), effect(rate), traffic, false)),
    ])
  const latency = comparison('Latency, 600 requests a minute: false rollbacks; median / p95 minutes', [
    column('nothing wrong', 'latency, nothing wrong', 600, true),
    column('shared drift', 'latency, shared drift', 600, true),
    ...LATENCIES.map(([name]) => column(name, `latency, ${name}`, 600, false)),
  ])
  const bursty = comparison(
    'Errors in bursts, 600 requests a minute: median / p95 minutes',
    [0.01, 0.05].map((rate) => column(effect(rate), `bursty, ${effect(rate)}`, 600, false)),
  )
  const whole = TRAFFIC.map((traffic) =>
    comparison(
      `Errors, ${traffic} requests a minute of the canary, and nine times as many of the stable version: false rollbacks; median / p95 minutes`,
      [...CORE.map((kind) => column(kind, kind, traffic, true, 9)), ...EFFECTS.map((rate) => column(effect(rate), effect(rate), traffic, false, 9))],
    ),
  )
  return [...TRAFFIC.map(errors), ...whole, bursty, latency]
}

function row(what: string, ours: number, of: Partial<Row> = {}): Row {
  return { benchmark: 'judge', what, unit: 'x', ours, peer: null, limit: 0, ...of }
}

function silences(): readonly Row[] {
  const found = tryFaults(FAULT_SEEDS)
  return [
    row(
      `ticks that advance in ${found.length} broken canaries`,
      found.reduce((sum, { advances }) => sum + advances, 0),
    ),
    row('ticks that advance in one that is not broken', control(1), { limit: 1, least: true }),
    row('holes of more than a minute that are not named', found.filter(({ unnamed }) => unnamed).length),
  ]
}

/** Milliseconds, the mean of an hour's ticks. */
function decisionTime(): number {
  const world = { seed: 1, kind: 'iid', traffic: 600, ratio: 1, latency: { factor: 1, slowShare: 0 } } as const
  const one = new Judge(POLICY, [...history(world)])
  const ticks = [...canary(world)]
  const start = performance.now()
  for (const tick of ticks) one.observe(tick)
  return (performance.now() - start) / ticks.length / 2
}
