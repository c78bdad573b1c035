/** Flagger: a check each minute on the canary alone; a failed check adds to a counter that nothing takes back, and no value is a failed check too. */
import type { Arm, Tick } from '../../../../gates/judge/tick.ts'
import { Clock, Stretch, type Peer, type Rule } from './peer.ts'

const INTERVAL_S = 60

/** @param limit share of failed requests that is still good @param threshold failed checks that roll back */
export function flagger(name: string, limit: number, threshold: number): Rule {
  return { name, start: () => new Checks(new ErrorShare(limit), threshold) }
}

/** @param limit milliseconds that the slowest hundredth may take */
export function flaggerLatency(name: string, limit: number, threshold: number): Rule {
  return { name, start: () => new Checks(new Percentile(limit), threshold) }
}

interface Check {
  add(t: number, arm: Arm | null): void
  /** At the end of an interval. */
  isGood(): boolean
}

class Checks implements Peer {
  private readonly check: Check
  private readonly threshold: number
  private readonly clock = new Clock(INTERVAL_S)
  private failed = 0

  constructor(check: Check, threshold: number) {
    this.check = check
    this.threshold = threshold
  }

  observe({ t, canary }: Tick): 'roll_back' | null {
    this.check.add(t, canary)
    if (this.clock.strikes(t) && !this.check.isGood()) this.failed += 1
    return this.failed >= this.threshold ? 'roll_back' : null
  }
}

class ErrorShare implements Check {
  private readonly stretch = new Stretch()
  private readonly limit: number

  constructor(limit: number) {
    this.limit = limit
  }

  add(t: number, arm: Arm | null): void {
    this.stretch.add(t, arm)
  }

  isGood(): boolean {
    const share = this.stretch.share(INTERVAL_S)
    return share !== null && share <= this.limit
  }
}

class Percentile implements Check {
  private readonly limit: number
  private all = 0
  private beyond = 0

  constructor(limit: number) {
    this.limit = limit
  }

  add(_t: number, arm: Arm | null): void {
    if (arm?.latency == null) return
    for (const [at, value] of arm.latency.buckets.entries()) {
      this.all += value
      if ((arm.latency.le[at] ?? Infinity) > this.limit) this.beyond += value
    }
  }

  isGood(): boolean {
    const good = this.all > 0 && this.beyond <= 0.01 * this.all
    this.all = this.beyond = 0
    return good
  }
}
