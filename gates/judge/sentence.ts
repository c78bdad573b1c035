/** Why, in one sentence with the numbers that decided. */
import { objectiveWords } from '../../evidence/slo/held.ts'
import type { Objective } from './burn.ts'
import type { Finding, MetricState } from './judge.ts'
import { HOLE_S } from './presence.ts'

/** A history that ends long before the first tick teaches of another time: that is said with every decision. */
export function sentenceOf(finding: Finding): string {
  const { unseen } = finding
  const words = decided(finding)
  return unseen === 0 ? words : `${words.slice(0, -1)}; the history ends ${duration(unseen)} before the first tick.`
}

function decided(finding: Finding): string {
  const { code, policy, metrics, burn, measured, passed, served } = finding
  const seen = seenOf(finding)
  switch (code) {
    case 'worse':
      return `Roll back: ${worst(finding)}; a version that is no worse looks like this less than once in ${Math.round(1 / policy.falseAlarm)} releases.`
    case 'burn':
      return `Roll back: the error budget of ${burn === null ? '' : objectiveWords(burn.objective)} burns ${(burn?.factor ?? 0).toFixed(1)} times too fast over ${duration(burn?.shortS ?? 0)}, and the stable version's does not.`
    case 'absent':
      return `Roll back: ${silence(finding)}, and the policy says that this is a failure.`
    case 'deadline':
      return `Roll back: the deadline of ${duration(policy.deadline)} came and ${lack(finding)}; ${seen}.`
    case 'no-data':
      return `Hold: ${silence(finding)}.`
    case 'warming-up':
      return `Hold: it warms up for another ${duration(policy.warmUp - served)}.`
    case 'baking':
      return `Hold: it bakes for another ${duration(policy.bake - measured)}; ${seen}.`
    case 'undecided':
      return `Hold: ${lack(finding)}; ${seen}; ${duration(Math.max(0, policy.deadline - passed))} to the deadline.`
    case 'certified':
      return `Advance: ${excluded(finding)} at a risk of ${percent(policy.miss)} each${metrics.latency === null ? '; latency was never measured' : ''}; ${seen}.`
  }
}

function excluded({ metrics, policy }: Finding): string {
  const errors = `errors ${policy.certify.errors} times those of the stable version (or above ${percent(policy.negligible)}) are excluded`
  return metrics.latency === null ? errors : `${errors}, and so is latency ${policy.certify.latency} times as long,`
}

/** What is still missing for an advance. */
function lack(finding: Finding): string {
  const { metrics, policy, measured, burn, untold } = finding
  if (named(finding).length > 0) return silence(finding)
  if (measured < policy.bake) return `only ${duration(measured)} of ${duration(policy.bake)} were measured`
  if (burn !== null) return `the error budget of ${burn.objective.name} burns, for the stable version too`
  if (untold.length > 0) return untoldWords(untold)
  if (!metrics.errors.certified) return `errors ${policy.certify.errors} times those of the stable version are not excluded yet`
  if (metrics.latency !== null && metrics.latency.canary !== null && metrics.latency.ratio === null)
    return 'every request lies in one bucket, so its bounds show no latency'
  if (metrics.latency?.certified === false) return `latency ${policy.certify.latency} times as long is not excluded yet`
  return 'it looks somewhat worse'
}

export function untoldWords(untold: readonly Objective[]): string {
  const names = untold.map(objectiveWords).join(', ')
  return untold.some(({ within_ms }) => within_ms !== undefined)
    ? `nothing tells the objective ${names}: no bucket of the histogram ends there`
    : `nothing tells the objective ${names}`
}

function named({ metrics }: Finding): (readonly [string, MetricState])[] {
  return Object.entries(metrics).flatMap(([name, metric]: [string, MetricState | null]) =>
    metric === null || metric.state === 'ok' ? [] : [[name, metric] as const],
  )
}

function silence(finding: Finding): string {
  return named(finding)
    .map(([name, { state, hole_s: hole }]) => `${name}: ${state}${hole > HOLE_S ? ` for ${duration(hole)}` : ''}`)
    .join(', ')
}

/** The metric with the most evidence first. */
function worst({ metrics }: Finding): string {
  const { errors, latency } = metrics
  const words = [errorsSeen(errors), ...(latency === null ? [] : [latencySeen(latency)])]
  return (latency !== null && latency.evidence > errors.evidence ? words.toReversed() : words).join(', and ')
}

function seenOf({ metrics }: Finding): string {
  return [errorsSeen(metrics.errors), ...(metrics.latency === null ? [] : [latencySeen(metrics.latency)])].join(', ')
}

function errorsSeen({ canary, baseline, ratio }: MetricState): string {
  if (canary === null || baseline === null) return 'no errors were compared'
  return `${percent(canary)} of canary requests failed against ${percent(baseline)}${times(ratio)}`
}

function latencySeen({ canary, baseline, ratio }: MetricState): string {
  if (canary === null || baseline === null) return 'no latency was compared'
  return `the median is ${canary.toFixed(0)} ms against ${baseline.toFixed(0)} ms${times(ratio)}`
}

function times(ratio: number | null): string {
  return ratio === null ? '' : ` (about ${ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0)} times)`
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`
}

function duration(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds))
  return whole < 120 ? `${whole} s` : `${Math.round(whole / 6) / 10} min`
}
