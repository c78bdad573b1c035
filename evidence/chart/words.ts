/** The words beside the lines, which are also the picture's alternative text. Pure. */
import { amount, percent, span } from './axis.ts'
import type { Arm } from './intervals.ts'
import { percentile, together, type Totals } from './percentile.ts'
import { objectiveWords } from '../slo/held.ts'
import type { SloSeries } from './slo.ts'

export interface Measured {
  /** Epoch milliseconds. */
  readonly from: number
  readonly to: number
  readonly canary: Arm
  readonly stable: Arm
}

/** What the picture says, in one paragraph. */
export function described({ guard, compare, moved }: Pick<SloSeries, 'guard' | 'compare' | 'moved'>, { from, to, canary, stable }: Measured): string {
  const gaps = (
    [
      ['canary', canary],
      ['stable', stable],
    ] as const
  ).flatMap(([name, arm]) => arm.gaps.map((gap) => `no data of ${name} for ${span(gap.to - gap.from)} from ${time(gap.from)}`))
  return [
    `From ${time(from)} to ${time(to)}.`,
    `Canary: ${failed(canary)}, at most ${percent(peak(canary))} in one column.`,
    `Stable: ${failed(stable)}, at most ${percent(peak(stable))} in one column.`,
    `Tolerated: ${percent(guard.limit)}.`,
    compare === undefined || compare.objectives.length === 0 ? '' : `Held to ${compare.objectives.map(objectiveWords).join(', ')}.`,
    ...took('Canary', canary),
    ...took('Stable', stable),
    moved.length === 0 ? '' : `Traffic moved to ${moved.map((one) => `${one.step} % at ${time(one.at)}`).join(', ')}.`,
    gaps.length === 0 ? 'There is no gap.' : `Gaps: ${gaps.slice(0, 10).join('; ')}${gaps.length > 10 ? `; and ${gaps.length - 10} more` : ''}.`,
  ]
    .filter((part) => part !== '')
    .join(' ')
}

/** `3 of 1 250 requests failed (0.2 %)` */
export function failed(arm: Arm): string {
  const restarts = arm.resets === 0 ? '' : `, ${arm.resets} ${arm.resets === 1 ? 'restart' : 'restarts'} of its counters`
  return `${amount(arm.errors)} of ${amount(arm.requests)} requests failed${arm.requests === 0 ? '' : ` (${percent(arm.errors / arm.requests)})`}${restarts}`
}

/** Of all it served, where that was told. */
function took(name: string, arm: Arm): readonly string[] {
  const told = arm.runs.flat().flatMap(({ latency }) => (latency === null ? [] : [latency]))
  const all = told.reduce<Totals | null>((sum, one) => (sum === null ? one : (together(sum, one) ?? sum)), null)
  const [half, most] = all === null ? [null, null] : [percentile(all, 0.5), percentile(all, 0.95)]
  return half === null || most === null ? [] : [`${name}: half of its requests took at most ${amount(half)} ms, 95 % at most ${amount(most)} ms.`]
}

/** The highest share of one column. */
export function peak(arm: Arm): number {
  return Math.max(0, ...arm.runs.flat().map((column) => column.share ?? 0))
}

/** `2026-11-25 12:00:03 UTC` */
export function time(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
