/** One metric compared: evidence that the canary is worse, that it is worse by less than the minimum effect, and that it is not worse by the certified ratio. */
import type { Contrast } from './contrast.ts'
import { Dispersion, leastDispersion, likelyDispersion } from './dispersion.ts'
import { gated } from './facet.ts'
import { logSum, Mixture, unstarted } from './mixture.ts'

/** How one kind of sample is compared. Log-likelihood ratios are of one tick, by alternative. */
export interface Kind<Sample> {
  contrast(one: Sample, other: Sample): Contrast
  merge(one: Sample, other: Sample): Sample
  /** Of being worse, against "no difference". */
  worse(canary: Sample, baseline: Sample): readonly number[]
  /** Of being worse by less than this ratio, against exactly this ratio. */
  below(canary: Sample, baseline: Sample, ratio: number): readonly number[]
}

export interface Limits {
  /** Ratio below which nothing rolls back; infinite: nothing does. */
  readonly minimum: number
  /** Ratio that must be excluded before an advance; infinite: none is asked for. */
  readonly certify: number
  /** Chance of excluding either wrongly. */
  readonly miss: number
}

export interface Reading {
  readonly dispersion: number
  /** Natural log of the evidence for "worse"; 0 says nothing. A start speaks only while the minimum effect is excluded neither since it nor for twice as long. */
  readonly worse: number
  /** The minimum effect is excluded, over everything that was seen. */
  readonly trivial: boolean
  /** The certified ratio is excluded. */
  readonly certified: boolean
}

/** Standard errors by which what is seen in the canary's own time must exceed chance. */
const SURE = 1.5
/** Variance that history must have shown (in squared requests: about forty errors) to be believed. */
const ENOUGH = 10
/** Of what a decision needs, so much may come from one block of time: no single burst decides, and without history no two. */
const BLOCK_SHARE = { known: 0.45, unknown: 0.34 }

export class Metric<Sample> {
  private readonly kind: Kind<Sample>
  private readonly limits: Limits
  private readonly history: Dispersion<Sample>
  private readonly online: readonly [canary: Dispersion<Sample>, baseline: Dispersion<Sample>]
  private compared = false
  private worse: Mixture | null = null
  private minimum: Mixture | null = null
  private certify: Mixture | null = null

  constructor(kind: Kind<Sample>, limits: Limits) {
    this.kind = kind
    this.limits = limits
    this.history = new Dispersion(kind)
    this.online = [new Dispersion(kind), new Dispersion(kind)]
  }

  /** A tick of the stable version from before the canary; null: a hole. */
  learn(sample: Sample | null): void {
    this.history.add(sample)
  }

  /** @param anew false: the tick belongs to the block of the one before */
  observe(canary: Sample | null, baseline: Sample | null, anew: boolean): void {
    this.online[0].add(canary)
    this.online[1].add(baseline)
    if (canary === null || baseline === null) return
    this.compared = true
    const { minimum, certify } = this.limits
    if (Number.isFinite(certify)) this.certify = added(this.certify, this.kind.below(canary, baseline, certify), anew)
    if (!Number.isFinite(minimum)) return
    this.worse = added(this.worse, this.kind.worse(canary, baseline), anew)
    this.minimum = added(this.minimum, this.kind.below(canary, baseline, minimum), anew)
  }

  /** Has anything been compared? */
  get used(): boolean {
    return this.compared
  }

  /** @param needed natural log of the evidence that would decide */
  read(needed: number): Reading {
    const dispersion = this.dispersion()
    const enough = -Math.log(this.limits.miss)
    const minimum = this.minimum?.starts(dispersion, this.cap(enough, this.minimum)) ?? []
    const worse = this.worse?.starts(dispersion, this.cap(needed, this.worse)) ?? []
    const isExcluded = (at: number): boolean => (minimum[at]?.log ?? 0) >= enough
    // What a short stretch leaves open, one twice as long may settle: a trifle is found anew by some start each time that chance helps it.
    const counted = worse.map(({ weight, log }, at) => ({
      weight,
      log: gated(log, isExcluded(at) || isExcluded(Math.max(0, 2 * at - worse.length))),
    }))
    return {
      dispersion,
      worse: worse.length === 0 ? 0 : logSum([...counted, { weight: unstarted(counted), log: 0 }]),
      trivial: isExcluded(0),
      certified: (this.certify?.log(dispersion, this.cap(enough, this.certify)) ?? 0) >= enough,
    }
  }

  private get known(): boolean {
    return (this.history.sums()[0]?.variance ?? 0) >= ENOUGH
  }

  /** What history knows, and what can be told by now: of both versions, and of each, because only the canary's bursts can look like its fault. */
  private dispersion(): number {
    const [canary, baseline] = this.online
    return Math.max(
      leastDispersion([this.history], 1),
      leastDispersion([canary], SURE),
      leastDispersion([baseline], SURE),
      this.known ? leastDispersion(this.online, SURE) : likelyDispersion(this.online),
    )
  }

  /** @param needed evidence that decides, natural log */
  private cap(needed: number, mixture: Mixture | null): number {
    return (this.known ? BLOCK_SHARE.known : BLOCK_SHARE.unknown) * (needed + Math.log(mixture?.size ?? 1))
  }
}

function added(mixture: Mixture | null, terms: readonly number[], anew: boolean): Mixture {
  const made = mixture ?? new Mixture(terms.length)
  made.add(terms, anew)
  return made
}
