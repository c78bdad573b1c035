/**
 * Rules of others, made anew from what their documents say they do, to be shown the same ticks as our judge. A canary begins at t = 0; a rule sees every
 * tick and looks when its own interval says so. None of it is their code, and "like" means the rule on one metric, not the service around it.
 */
import type { Arm, Tick } from '../../../../gates/judge/tick.ts'

export interface Peer {
  /** @param tick later than the one before */
  observe(tick: Tick): 'roll_back' | null
}

export interface Rule {
  readonly name: string
  start(): Peer
}

/** Is an interval over? True once for each. */
export class Clock {
  private readonly every: number
  private next: number

  /** @param every seconds */
  constructor(every: number) {
    this.every = every
    this.next = every
  }

  strikes(t: number): boolean {
    if (t < this.next) return false
    this.next = (Math.floor(t / this.every) + 1) * this.every
    return true
  }
}

/** Requests and failures of one version, so that the share of any stretch up to now can be asked for. */
export class Stretch {
  private readonly t: number[] = [-Infinity]
  private readonly requests: number[] = [0]
  private readonly errors: number[] = [0]

  add(t: number, arm: Arm | null): void {
    this.t.push(t)
    this.requests.push((this.requests.at(-1) ?? 0) + (arm?.requests ?? 0))
    this.errors.push((this.errors.at(-1) ?? 0) + (arm?.errors ?? 0))
  }

  /** Share of failed requests in the last so many seconds, or in as many as there are; null without a request. */
  share(seconds: number): number | null {
    const from = this.before((this.t.at(-1) ?? 0) - seconds)
    const requests = (this.requests.at(-1) ?? 0) - (this.requests[from] ?? 0)
    return requests === 0 ? null : ((this.errors.at(-1) ?? 0) - (this.errors[from] ?? 0)) / requests
  }

  /** Index of the last tick that ended by then. */
  private before(t: number): number {
    let [low, high] = [0, this.t.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.t[middle] ?? 0) <= t) low = middle
      else high = middle - 1
    }
    return low
  }
}
