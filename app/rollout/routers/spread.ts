/**
 * Spreads requests over two arms so that every 100 since the weight was set hold exactly `percent` for the canary.
 *
 * The 100 are cut into `percent` runs as equal as whole requests allow, and each run gives the canary one request at a drawn place. A fixed place would
 * be simpler, but traffic has a beat too (every tenth request is an order, say), and the canary would then see one kind of request only and be judged
 * by it. Deterministic: the draw is a seeded sequence.
 */
export interface Spread {
  readonly percent: number
  /** True when the next request is the canary's. */
  next(): boolean
}

/** Seeded sequence of numbers in [0, 1): Marsaglia's xorshift of 32 bits. */
function draw(seed: number): () => number {
  let state = seed | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** @param percent whole number, 0 to 100 @param seed of the places drawn */
export function spread(percent: number, seed = 2_463_534_242): Spread {
  const random = draw(seed)
  /** Runs begun in this 100. */
  let run = 0
  /** Place in the 100, where the run in hand ends, and its place for the canary. */
  let place = 0
  let end = 0
  let chosen = 0
  return {
    percent,
    next() {
      if (percent === 0) return false
      if (place === end) {
        if (place === 100) run = place = end = 0
        run += 1
        end = Math.floor((run * 100) / percent)
        chosen = place + Math.floor(random() * (end - place))
      }
      place += 1
      return place - 1 === chosen
    },
  }
}
