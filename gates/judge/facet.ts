/** What the judge compares: errors, or latency. Each facet brings its evidence, with its part of the one false-alarm budget. */
import type { Arm } from './tick.ts'

export interface FacetReading {
  /** Natural logs, with weights that make up the facet's. */
  readonly evidence: readonly { readonly weight: number; readonly log: number }[]
  /** Of each arm so far: share of failed requests, or the median in milliseconds; null before anything came. */
  readonly canary: number | null
  readonly baseline: number | null
  /** How many times as bad the canary looks; null before anything can be said. */
  readonly ratio: number | null
  readonly dispersion: number
  /** The ratio that must be excluded is. */
  readonly certified: boolean
  /** The minimum effect is excluded. */
  readonly trivial: boolean
}

/** Evidence of what the minimum effect excludes speaks for nobody's rollback. */
export function gated(log: number, trivial: boolean): number {
  return trivial ? Math.min(log, 0) : log
}

export interface Facet {
  /** A tick of the stable version from before the canary; null: a hole. */
  learn(arm: Arm | null): void
  /** @param anew false: the tick belongs to the block of the one before */
  observe(canary: Arm | null, baseline: Arm | null, anew: boolean): void
  /** @param weight its part of the false-alarm budget */
  read(weight: number): FacetReading
}
