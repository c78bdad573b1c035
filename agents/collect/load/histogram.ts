/** Times of single requests -> a distribution whose bounds are a hundredth apart, so that ten thousand requests and ten million take the same place. */
import type { Distribution } from '../inputs.load.ts'

const WIDTH = Math.log(1.01)
/** Below a hundredth of a millisecond all is the same. */
const LEAST = 0.01

export class Histogram {
  private readonly counts = new Map<number, number>()

  /** @param ms not negative */
  add(ms: number): void {
    const at = ms <= LEAST ? 0 : Math.ceil(Math.log(ms / LEAST) / WIDTH)
    this.counts.set(at, (this.counts.get(at) ?? 0) + 1)
  }

  /** Upper bound of the smallest part that holds this share; 0 when nothing was added. */
  quantile(share: number): number {
    const { le, count } = this.distribution()
    const all = count.reduce((sum, one) => sum + one, 0)
    let sum = 0
    for (const [at, one] of count.entries()) if ((sum += one) >= share * all) return le[at] ?? 0
    return 0
  }

  distribution(): Distribution {
    const sorted = [...this.counts].toSorted(([a], [b]) => a - b)
    return { le: sorted.map(([at]) => Number((LEAST * Math.exp(at * WIDTH)).toPrecision(6))), count: sorted.map(([, count]) => count) }
  }
}
