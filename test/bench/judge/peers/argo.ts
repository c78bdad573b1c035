/**
 * Argo Rollouts, an analysis that measures the canary's share of failed requests: it fails with the measurement that is one failure more than `failureLimit`
 * tolerates, or after more than four measurements in a row that gave no value (`consecutiveErrorLimit`).
 */
import type { Tick } from '../../../../gates/judge/tick.ts'
import { Clock, Stretch, type Peer, type Rule } from './peer.ts'

const CONSECUTIVE_ERROR_LIMIT = 4

export interface Analysis {
  /** Share of failed requests that is still good. */
  readonly limit: number
  /** Seconds between measurements, each of as long. */
  readonly interval: number
  readonly failureLimit: number
}

export function argo(name: string, analysis: Analysis): Rule {
  return { name, start: () => new AnalysisRun(analysis) }
}

class AnalysisRun implements Peer {
  private readonly analysis: Analysis
  private readonly stretch = new Stretch()
  private readonly clock: Clock
  private failed = 0
  private unanswered = 0

  constructor(analysis: Analysis) {
    this.analysis = analysis
    this.clock = new Clock(analysis.interval)
  }

  observe({ t, canary }: Tick): 'roll_back' | null {
    const { limit, interval, failureLimit } = this.analysis
    this.stretch.add(t, canary)
    if (this.clock.strikes(t)) {
      const share = this.stretch.share(interval)
      this.unanswered = share === null ? this.unanswered + 1 : 0
      if (share !== null && share > limit) this.failed += 1
    }
    return this.failed > failureLimit || this.unanswered > CONSECUTIVE_ERROR_LIMIT ? 'roll_back' : null
  }
}
