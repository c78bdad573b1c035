/** A canary with 5 % errors at 10 % of the traffic is taken back: how soon after the data sufficed, and whether the way there and back costs a request. */
import type { Benchmark } from './benchmark.ts'
import { around } from './rollout/around.ts'
import { round, type Outcome } from './rollout/round.ts'
import { median, type Row } from './row.ts'

const RATE = 400
const ERRORS = 0.05
/** One scrape interval, and two seconds. */
const MOST_LATE_S = 1 + 2
const LEAST_REQUESTS = 20_000

export const rollout: Benchmark = {
  name: 'rollout',
  what: "5 % errors at 10 % of the shop's traffic taken back, by the App's own loop with a real HAProxy and Prometheus",
  tools: { haproxy: 'the package haproxy', prometheus: 'the package prometheus' },
  rounds: 20,
  counted: 'rounds',
  async run({ dir, rounds, say }) {
    say('starting the shop, its database, HAProxy, Prometheus and customers')
    const real = await around(dir, { errors: ERRORS, rate: RATE })
    try {
      const outcomes: Outcome[] = []
      for (let number = 1; number <= rounds; number++) {
        const outcome = await round(real, number)
        say(`${number} of ${rounds}: ${outcome.unseen.toFixed(2)} s until the data sufficed, ${outcome.late.toFixed(2)} s until weight 0`)
        outcomes.push(outcome)
      }
      while (real.load.report().answered < LEAST_REQUESTS) await new Promise((resolve) => setTimeout(resolve, 200))
      real.load.stop()
      const { sent, failed, dropped } = await real.load.done
      const late = outcomes.map((outcome) => outcome.late)
      return [
        row(`weight 0 after the data sufficed, median of ${rounds}`, 's', median(late), MOST_LATE_S),
        row('the latest of them', 's', Math.max(...late), null),
        row('until the data sufficed, median', 's', median(outcomes.map(({ unseen }) => unseen)), null),
        row(`requests without an answer, of ${sent}, while weights moved ${2 * rounds} times`, 'requests', failed + dropped, 0),
      ]
    } finally {
      await real.close()
    }
  },
}

function row(what: string, unit: Row['unit'], ours: number, limit: number | null): Row {
  return { benchmark: 'rollout', what, unit, ours, peer: null, limit }
}
