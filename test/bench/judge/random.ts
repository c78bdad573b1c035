/** Seeded draws for the simulation of canaries: uniform, normal, Poisson, binomial, geometric. The same seed gives the same story. */
export class Draws {
  private a: number
  private b = 0x9e3779b9
  private c = 0x243f6a88
  private d = 1
  private spare: number | null = null

  constructor(seed: number) {
    this.a = seed | 0
    for (let i = 0; i < 12; i++) this.uniform()
  }

  /** [0, 1): sfc32. */
  uniform(): number {
    const t = (((this.a + this.b) | 0) + this.d) | 0
    this.d = (this.d + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = ((this.c << 21) | (this.c >>> 11)) + t
    this.c |= 0
    return (t >>> 0) / 4_294_967_296
  }

  normal(): number {
    if (this.spare !== null) {
      const value = this.spare
      this.spare = null
      return value
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    const angle = 2 * Math.PI * this.uniform()
    this.spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }

  poisson(mean: number): number {
    if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()))
    const limit = Math.exp(-mean)
    let count = 0
    for (let product = this.uniform(); product > limit; product *= this.uniform()) count++
    return count
  }

  binomial(n: number, p: number): number {
    if (p <= 0 || n <= 0) return 0
    if (p >= 1) return n
    if (p > 0.5) return n - this.binomial(n, 1 - p)
    const mean = n * p
    if (mean > 60) return Math.min(n, Math.max(0, Math.round(mean + Math.sqrt(mean * (1 - p)) * this.normal())))
    // Waiting times between successes.
    let [count, at] = [0, 0]
    const log = Math.log1p(-p)
    for (;;) {
      at += Math.floor(Math.log(1 - this.uniform()) / log) + 1
      if (at > n) return count
      count++
    }
  }

  /** At least 1. */
  geometric(mean: number): number {
    return mean <= 1 ? 1 : Math.floor(Math.log(1 - this.uniform()) / Math.log1p(-1 / mean)) + 1
  }
}
