/** What metrics do when they break, and that nothing advances meanwhile. Traffic is such that the judge would advance at each of these ticks. */
import { Judge, type Judgement } from '../../../gates/judge/judge.ts'
import { HOLE_S } from '../../../gates/judge/presence.ts'
import type { Arm, Tick } from '../../../gates/judge/tick.ts'
import { POLICY } from './scenario.ts'
import { canary, history, TICK_S } from './world.ts'

/** Minute in which a fault begins, and ends. */
const LATE = { from: 14, to: 24 }
const EARLY = { from: 0, to: 20 }
const MINUTES = 28

const NOTHING = 'no ticks at all'
const START = 'from the start' as const
const WHILE = 'after a while' as const

/** What is left of a tick; null: it never came. @param still the last one before the fault */
type Change = (tick: Tick, still: Tick) => Tick | null

const without = (arm: Arm | null, field: 'errors' | 'latency'): Arm | null => (arm === null ? null : { ...arm, [field]: null })
const idle = (arm: Arm | null): Arm | null =>
  arm === null
    ? null
    : { requests: 0, errors: 0, latency: arm.latency === null ? null : { ...arm.latency, buckets: arm.latency.buckets.map(() => 0) } }

const CHANGES: Readonly<Record<string, Change>> = {
  'canary says nothing': (tick) => ({ ...tick, canary: null }),
  'stable says nothing': (tick) => ({ ...tick, baseline: null }),
  'neither says anything': (tick) => ({ ...tick, canary: null, baseline: null }),
  'no errors of the canary': (tick) => ({ ...tick, canary: without(tick.canary, 'errors') }),
  'no errors of the stable version': (tick) => ({ ...tick, baseline: without(tick.baseline, 'errors') }),
  'no errors of both': (tick) => ({ ...tick, canary: without(tick.canary, 'errors'), baseline: without(tick.baseline, 'errors') }),
  'no latency of the canary': (tick) => ({ ...tick, canary: without(tick.canary, 'latency') }),
  'no latency of the stable version': (tick) => ({ ...tick, baseline: without(tick.baseline, 'latency') }),
  'no latency of both': (tick) => ({ ...tick, canary: without(tick.canary, 'latency'), baseline: without(tick.baseline, 'latency') }),
  'no traffic of the canary': (tick) => ({ ...tick, canary: idle(tick.canary) }),
  'no traffic of the stable version': (tick) => ({ ...tick, baseline: idle(tick.baseline) }),
  'no traffic of both': (tick) => ({ ...tick, canary: idle(tick.canary), baseline: idle(tick.baseline) }),
  'the canary repeats itself': (tick, still) => ({ ...tick, canary: still.canary }),
  'the stable version repeats itself': (tick, still) => ({ ...tick, baseline: still.baseline }),
  'both repeat themselves': (tick, still) => ({ ...tick, canary: still.canary, baseline: still.baseline }),
  [NOTHING]: () => null,
}

export const FAULTS = Object.keys(CHANGES)

export interface Found {
  readonly fault: string
  readonly when: typeof START | typeof WHILE
  /** Ticks that said advance while it lasted; repetition is given the time that it takes to tell it from chance. */
  readonly advances: number
  /** No hole of more than a minute was named, by number and in the sentence. */
  readonly unnamed: boolean
}

export function tryFaults(seeds: number): readonly Found[] {
  return FAULTS.flatMap((fault) =>
    // A canary begins with its first tick: before it nothing can be missing.
    (fault === NOTHING ? ([WHILE] as const) : ([START, WHILE] as const)).flatMap((when) =>
      Array.from({ length: seeds }, (_, seed) => tryFault(fault, when, seed + 1)),
    ),
  )
}

/** Ticks that say advance when nothing is wrong: without them a count of none would say nothing. */
export function control(seed: number): number {
  return told(seed, null, LATE).filter(({ decision }) => decision === 'advance').length
}

function tryFault(fault: string, when: Found['when'], seed: number): Found {
  const span = when === START ? EARLY : LATE
  const repeats = fault.includes('repeat')
  const said = told(seed, CHANGES[fault] ?? null, span)
  const [from, to] = [span.from * 60 + (repeats ? HOLE_S + TICK_S : 0), span.to * 60]
  const inside = said.filter(({ t }) => t > from && t <= to)
  // Where no tick came, the first after it tells.
  const named = said.some((judgement) => judgement.t > span.from * 60 && judgement.t <= to + TICK_S && isNamed(judgement))
  return { fault, when, advances: inside.filter(({ decision }) => decision === 'advance').length, unnamed: !named }
}

function isNamed({ metrics, reason }: Judgement): boolean {
  return [metrics.errors, metrics.latency].some(
    (metric) => metric !== null && metric.hole_s > HOLE_S && metric.state !== 'ok' && reason.includes(metric.state),
  )
}

function told(seed: number, change: Change | null, { from, to }: typeof LATE): readonly Judgement[] {
  const world = { seed, kind: 'iid', traffic: 6000, ratio: 9, latency: { factor: 1, slowShare: 0 }, minutes: MINUTES } as const
  const judge = new Judge(POLICY, [...history(world, 1)])
  const said: Judgement[] = []
  let still: Tick | null = null
  for (const tick of canary(world)) {
    const inside = tick.t > from * 60 && tick.t <= to * 60
    const left: Tick | null = inside && change !== null ? change(tick, still ?? tick) : tick
    if (!inside || still === null) still = tick
    if (left !== null) said.push(judge.observe(left))
  }
  return said
}
