/** Burn rates of a service level objective, on the canary alone: too fast in a long and in a short window (The Site Reliability Workbook, chapter 5). */
import type { Tick } from '../../../../gates/judge/tick.ts'
import { Stretch, type Peer, type Rule } from './peer.ts'

export interface Windows {
  readonly factor: number
  /** Seconds. */
  readonly long: number
  readonly short: number
}

/** For a month. */
export const STANDARD: readonly Windows[] = [
  { factor: 14.4, long: 3600, short: 300 },
  { factor: 6, long: 21_600, short: 1800 },
]
/** For an hour. */
export const SCALED: readonly Windows[] = [
  { factor: 14.4, long: 300, short: 60 },
  { factor: 6, long: 900, short: 180 },
  { factor: 3, long: 3600, short: 600 },
]

/** @param target share of good requests */
export function burnRate(name: string, target: number, windows: readonly Windows[]): Rule {
  return { name, start: () => new Alerts(target, windows) }
}

class Alerts implements Peer {
  private readonly target: number
  private readonly windows: readonly Windows[]
  private readonly stretch = new Stretch()

  constructor(target: number, windows: readonly Windows[]) {
    this.target = target
    this.windows = windows
  }

  observe({ t, canary }: Tick): 'roll_back' | null {
    this.stretch.add(t, canary)
    // A new version has no past: a long window holds what there is, once the short one is full.
    const burns = this.windows.some(({ factor, long, short }) => {
      const limit = factor * (1 - this.target)
      return t >= short && (this.stretch.share(long) ?? 0) > limit && (this.stretch.share(short) ?? 0) > limit
    })
    return burns ? 'roll_back' : null
  }
}
