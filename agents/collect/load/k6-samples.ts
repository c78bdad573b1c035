/** Requests and iterations of a script -> the load and its spike, as our own engine tells them. */
import type { OpenRun } from '../inputs.load.ts'
import { Histogram } from './histogram.ts'
import { K6Lines, type K6Request } from './k6-lines.ts'
import type { Part, Planned } from './k6-plan.ts'

const MOST_STATUSES = 20
const MOST_HOSTS = 20
/** k6 may begin one iteration more or less than the numbers of a scenario give. */
const SLACK = 1

interface Counted {
  readonly latency: Histogram
  readonly service: Histogram
  readonly statuses: Record<string, number>
  answered: number
  failed: number
  bad: number
}

export class K6Samples {
  readonly #scenarios: ReadonlyMap<string, Planned>
  readonly #host: string
  readonly #parts: Readonly<Record<Part, Counted>> = { load: counted(), spike: counted(), 'warm-up': counted() }
  readonly #iterations: ReadonlyMap<string, { done: number; dropped: number }>
  readonly #elsewhere = new Set<string>()
  readonly #lines = new K6Lines({
    request: (one) => this.#count(one),
    iterations: (scenario, how, count) => {
      const of = this.#iterations.get(scenario)
      if (of !== undefined) of[how] += count
    },
  })

  /** @param host of the service, with its port where that is not the scheme's own */
  constructor(scenarios: readonly Planned[], host: string) {
    this.#scenarios = new Map(scenarios.map((one) => [one.name, one]))
    this.#host = host
    this.#iterations = new Map(scenarios.map(({ name }) => [name, { done: 0, dropped: 0 }]))
  }

  /** @returns why it was enough; null: go on */
  take(chunk: Buffer): string | null {
    return this.#lines.take(chunk)
  }

  /** @returns the runs, or why nothing of them is believed */
  end(): { readonly runs: readonly OpenRun[]; readonly failure: string | null; readonly elsewhere: readonly string[] } {
    const unread = this.#lines.end()
    const elsewhere = [...this.#elsewhere].toSorted()
    if (unread > 0) return { runs: [], failure: `${unread} lines of the samples of k6 cannot be read`, elsewhere }
    return { runs: [this.#run('load'), this.#run('spike')].flatMap((run) => run ?? []), failure: null, elsewhere }
  }

  #count({ blocked, isFailed, ms, scenario, status, url }: K6Request): void {
    this.#see(url)
    // Before and after the load. A scenario that nobody planned is load: nothing is left out by giving it a name.
    if (scenario === undefined) return
    const into = this.#parts[this.#scenarios.get(scenario)?.part ?? 'load']
    if (status === '0') {
      into.failed += 1
      return
    }
    into.answered += 1
    into.latency.add(blocked + ms)
    into.service.add(ms)
    if (status in into.statuses || Object.keys(into.statuses).length < MOST_STATUSES) into.statuses[status] = (into.statuses[status] ?? 0) + 1
    if (isFailed) into.bad += 1
  }

  /** A script may give its requests names, which then stand for the address: they tell nothing. */
  #see(url: string | undefined): void {
    if (url === undefined || this.#elsewhere.size >= MOST_HOSTS || !URL.canParse(url)) return
    const { host } = new URL(url)
    if (host !== '' && host !== this.#host) this.#elsewhere.add(host.slice(0, 300))
  }

  /**
   * What was due is what the scenarios owe, not what happened to be sent: iterations that k6 dropped, and those that had not ended when it stopped, count with
   * as many requests as one of the others made. Null: nothing was due.
   */
  #run(part: 'load' | 'spike'): OpenRun | null {
    const { latency, service, statuses, answered, bad, failed } = this.#parts[part]
    const planned = [...this.#scenarios.values()].filter((one) => one.part === part)
    const lost = planned.map(({ due, name }) => {
      const { done, dropped } = this.#iterations.get(name) ?? { done: 0, dropped: 0 }
      const open = due - done - dropped
      return { done, dropped, open: open > SLACK ? open : 0 }
    })
    const sum = (of: 'done' | 'dropped' | 'open'): number => lost.reduce((all, one) => all + one[of], 0)
    const each = Math.max(1, (answered + failed) / Math.max(1, sum('done')))
    const [dropped, without] = [Math.ceil(sum('dropped') * each), failed + Math.ceil(sum('open') * each)]
    const due = answered + without + dropped
    const ms = Math.max(...planned.map((one) => one.startMs + one.ms)) - Math.min(...planned.map(({ startMs }) => startMs))
    if (due === 0 || !(ms > 0)) return null
    return {
      kind: part,
      rate: Number(((due * 1000) / ms).toPrecision(6)),
      ms,
      due,
      dropped,
      failed: without,
      bad,
      statuses,
      latency: latency.distribution(),
      service: service.distribution(),
      lag: null,
    }
  }
}

function counted(): Counted {
  return { latency: new Histogram(), service: new Histogram(), statuses: {}, answered: 0, failed: 0, bad: 0 }
}
