/**
 * A sequential two-sample test that takes every request for independent (mixture SPRT): our likelihood ratios without dispersion, without caps, without history.
 * Right on quiet traffic and as fast as can be; on errors that come in bursts it shows what those three are for.
 */
import { counts } from '../../../../gates/judge/counts.ts'
import { logMean } from '../../../../gates/judge/mixture.ts'
import type { Tick } from '../../../../gates/judge/tick.ts'
import type { Peer, Rule } from './peer.ts'

/** @param falseAlarm chance of ever rolling back a version that is no worse, were its requests independent */
export function plain(name: string, falseAlarm: number): Rule {
  return { name, start: () => new Sprt(falseAlarm) }
}

class Sprt implements Peer {
  private readonly needed: number
  private readonly logs: number[] = []

  constructor(falseAlarm: number) {
    this.needed = -Math.log(falseAlarm)
  }

  observe({ canary, baseline }: Tick): 'roll_back' | null {
    if (canary?.errors == null || baseline?.errors == null || canary.requests + baseline.requests === 0) return null
    const terms = counts.worse({ n: canary.requests, k: canary.errors }, { n: baseline.requests, k: baseline.errors })
    for (const [at, term] of terms.entries()) this.logs[at] = (this.logs[at] ?? 0) + term
    return logMean(this.logs) >= this.needed ? 'roll_back' : null
  }
}
